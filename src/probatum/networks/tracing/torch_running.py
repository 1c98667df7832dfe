"""Run a torch module operation by operation, for many inputs at once, and read or change the values inside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.fx import Interpreter, Node
from torch.nn.attention import SDPBackend, sdpa_kernel

from probatum.errors import ProbatumError
from probatum.networks.tracing.torch_program import torch_program
from probatum.networks.unit_axes import UnitRead

Change = Callable[[str, Tensor], Tensor]
Floats = npt.NDArray[np.float32]


_runners: WeakKeyDictionary[nn.Module, tuple[Any, TorchRunner]] = WeakKeyDictionary()


def torch_runner(model: Any, example: Any) -> TorchRunner:
    """Return the runner of a module; while the module stays as it is, the same one is used again."""
    if not isinstance(model, nn.Module):
        raise ProbatumError(f"{type(model).__name__} cannot be run: give a torch.nn.Module or the path of an ONNX file")
    tensor = torch.as_tensor(example)
    state = (_state(model), tuple(tensor.shape), tensor.dtype)
    if model not in _runners or _runners[model][0] != state:
        _runners[model] = (state, TorchRunner(model, tensor))
    return _runners[model][1]


def _state(model: nn.Module) -> list[Any]:
    """What the exported program depends on: parts, their settings, and where their tensors lie."""
    tensors = [(name, tensor.data_ptr(), tensor.shape) for name, tensor in model.state_dict().items()]
    settings = [
        (key, value)
        for module in model.modules()
        for key, value in vars(module).items()
        if key != "training" and isinstance(value, (bool, int, float, str, tuple))
    ]
    return [tensors, repr(model), settings]


class TorchRunner:
    """A module, exported with a batch of one; `vmap` makes many of it."""

    def __init__(self, model: nn.Module, example: Tensor) -> None:
        self.example = example
        self.program = torch_program(model, example)
        self.shapes = {
            node.name: tuple(node.meta["val"].shape)
            for node in self.program.graph.nodes
            if isinstance(node.meta.get("val"), Tensor)
        }

    def shape(self, value: str) -> tuple[int, ...]:
        """Shape of the value with a batch of one."""
        if value not in self.shapes:
            raise ProbatumError(f"the module computes no value {value!r}: the graph was built from another one")
        return self.shapes[value]

    def run(self, inputs: Any, read: Sequence[UnitRead], masks: Mapping[str, Floats]) -> list[Floats]:
        """See `activations.Runner`."""
        device = next(iter(self.program.state_dict.values()), self.example).device
        wanted = {one.value: one for one in read}
        held = {value: torch.as_tensor(mask, device=device) for value, mask in masks.items()}

        def run_one(sample: Tensor) -> list[Tensor]:
            seen: dict[str, Tensor] = {}

            def change(name: str, value: Tensor) -> Tensor:
                if name in held:
                    value = value * held[name].to(value.dtype)
                if name in wanted:
                    seen[name] = _units(value, wanted[name])
                return value

            output = interpret(self.program, sample.unsqueeze(0), change)
            return [*(seen[one.value] for one in read), output[0]]

        tensors = torch.as_tensor(inputs).to(self.example.dtype).to(device)
        with torch.no_grad():
            return [made.float().cpu().numpy() for made in _for_each(run_one, tensors)]


def interpret(program: Any, sample: Tensor, change: Change) -> Tensor:
    """Run the exported program on a batch of one and return its first output.

    `change` sees every tensor by its name and returns what stands in its place from there on.
    """
    arguments = [sample if given is None else given for given in _arguments(program)]
    with sdpa_kernel(SDPBackend.MATH):  # the other kernels cannot be run for many inputs at once
        outputs = _Changing(program.graph_module, change).run(*arguments)
    user = [
        made
        for made, spec in zip(outputs, program.graph_signature.output_specs, strict=True)
        if spec.kind.name == "USER_OUTPUT"
    ]
    first = user[0]
    if not isinstance(first, Tensor):
        raise ProbatumError(f"the module returns {type(first).__name__}; a tensor is needed")
    return first


def _arguments(program: Any) -> Iterator[Tensor | None]:
    """Parameters, buffers and constants in the order of the graph; None for the input."""
    for spec in program.graph_signature.input_specs:
        if spec.kind.name == "USER_INPUT":
            yield None
        elif spec.target in program.state_dict:
            yield program.state_dict[spec.target].detach()
        else:
            yield program.constants[spec.target]


class _Changing(Interpreter):
    """An interpreter that hands every tensor to a function."""

    def __init__(self, module: Any, change: Change) -> None:
        super().__init__(module)
        self.change = change

    def call_function(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Compute an operator, a few of them in another way."""
        return INSTEAD.get(target, super().call_function)(target, args, kwargs)

    def run_node(self, n: Node) -> Any:
        """Compute the node as usual, then let the function change it."""
        made = super().run_node(n)
        return self.change(n.name, made) if isinstance(made, Tensor) else made


def _view(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor:
    """A view that need not fit how its input lies in memory."""
    value: Tensor = args[0]
    return value.reshape(args[1])


def _batch_norm(_: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Tensor, ...]:
    """Batch norm with fixed statistics, in operators that can be run for many inputs at once."""
    value, gain, shift, mean, variance, _, epsilon = args
    shape = [-1, *[1] * (value.ndim - 2)]
    factor = torch.rsqrt(variance + epsilon) * (1 if gain is None else gain)
    offset = (0 if shift is None else shift) - mean * factor
    nothing = value.new_empty(0)
    return value * factor.reshape(shape) + offset.reshape(shape), nothing, nothing


INSTEAD = {
    torch.ops.aten.view.default: _view,
    torch.ops.aten._native_batch_norm_legit_no_training.default: _batch_norm,
}


def _units(value: Tensor, read: UnitRead) -> Tensor:
    """One number for each unit, from a batch of one."""
    if read.words:
        table = value.reshape(1, -1) == torch.arange(read.words, device=value.device).reshape(-1, 1)
    elif read.axis is None:
        table = value.reshape(-1, 1)
    else:
        table = value.movedim(read.axis, 0).flatten(1)
    return table.float().mean(dim=1) if read.positions == "mean" else table.float().amax(dim=1)


def _for_each(function: Callable[[Tensor], list[Tensor]], inputs: Tensor) -> list[Tensor]:
    """Apply the function to every input: all at once, or one by one where an operation cannot be."""
    try:
        with _no_fallback_notes():
            return list(torch.func.vmap(function, randomness="different")(inputs))
    except (RuntimeError, NotImplementedError):
        made = [function(sample) for sample in inputs]
        return [torch.stack(parts) for parts in zip(*made, strict=True)]


@contextmanager
def _no_fallback_notes() -> Iterator[None]:
    """Vmap warns of operations that it does one by one; the result is the same."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
