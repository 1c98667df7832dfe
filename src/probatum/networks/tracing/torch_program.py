"""A torch model as a list of operators, by torch.export: the model's own code is run once, on shapes alone."""

from __future__ import annotations

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from probatum.errors import MissingExtra, ProbatumError
from probatum.networks.tracing.torch_operators import has_answer

if TYPE_CHECKING:
    from torch import Tensor, nn
    from torch.export import ExportedProgram

WHERE = re.compile(r'File "([^"\n]+)", line (\d+), in ([^\n]+)\n +([^\n]+)')
MOST_ROUNDS = 3


def torch_program(model: nn.Module, inputs: tuple[Tensor, ...] | Tensor) -> ExportedProgram:
    """Return the model's program in eval mode for a batch of one, every operator without side effects.

    `inputs`: what the model is called with; of a larger batch the first sample is taken. The model's modes come
    back as they were. Raises `ProbatumError` where the model decides by the data what it does, or does not run.
    """
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    sample = one_sample(inputs)
    with _eval_mode(model), _quiet():
        try:
            return _in_known_operators(torch.export.export(model, sample))
        except Exception as error:  # export raises errors of many kinds, those of the model's own code among them
            raise ProbatumError(_message(model, sample, error)) from error


def _in_known_operators(program: ExportedProgram) -> ExportedProgram:
    """Write operators that work in place, or have no rule (`einsum`), in plainer ones, where torch knows how."""
    import torch

    plainer = torch.export.default_decompositions()
    for _ in range(MOST_ROUNDS):
        called = {node.target for node in program.graph.nodes if isinstance(node.target, torch._ops.OpOverload)}
        unknown = [one for one in called if not has_answer(str(one)) and one in plainer]
        if not unknown and not any(one._schema.is_mutable for one in called):
            break
        program = program.run_decompositions({one: plainer[one] for one in unknown})
    return program


def one_sample(inputs: tuple[Tensor, ...] | Tensor) -> tuple[Tensor, ...]:
    """Return the inputs as a tuple, cut to their first sample where all have a batch of the same size."""
    several = tuple(inputs) if isinstance(inputs, tuple | list) else (inputs,)
    sizes = {tensor.shape[0] if tensor.ndim else 0 for tensor in several}
    return tuple(tensor[:1] for tensor in several) if len(sizes) == 1 and sizes != {0} else several


@contextlib.contextmanager
def _eval_mode(model: nn.Module) -> Iterator[None]:
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch's own log and warnings about its insides off the user's screen; what matters is in the error."""
    disabled = logging.root.manager.disable
    logging.disable(max(disabled, logging.CRITICAL))
    try:
        with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _message(model: nn.Module, sample: tuple[Tensor, ...], error: Exception) -> str:
    """Say in a few words what torch says in pages: the reason, and the last line of the model's code."""
    name, text = type(model).__name__, str(error).strip() or type(error).__name__
    reason = text.splitlines()[0].partition(" (unhinted")[0].rstrip(".:")
    places = WHERE.findall(text)
    where = f", at {places[-1][3].strip()!r} (line {places[-1][1]}, in {places[-1][2]})" if places else ""
    if "data-dependent" in text or "DataDependent" in type(error).__name__:
        return (
            f"{name} decides by its data what it computes{where}: {reason}. A graph needs the same operations for "
            "every input: take the condition out, write it with torch.where, or measure the part before it"
        )
    shapes = ", ".join(str(tuple(tensor.shape)) for tensor in sample)
    return (
        f"{name} could not be traced with a batch of one, inputs of shape {shapes}{where}: {reason}. Give inputs that "
        "it can be called with, their first axis the batch"
    )
