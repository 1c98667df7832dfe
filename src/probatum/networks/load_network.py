"""A network by one word: an ONNX file, a file of weights, or a function of the user's own that makes a module."""

from __future__ import annotations

import hashlib
import importlib
import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from probatum.errors import ProbatumError
from probatum.networks.from_arrays import KernelNorm, Layout, graph_from_arrays, joins
from probatum.networks.layered_graph import LayeredGraph
from probatum.networks.squeezenet import INPUT_SHAPE, is_squeezenet11, squeezenet11
from probatum.networks.weight_files import ENDINGS, Arrays, orders, read_weights

PICKLES = (".pkl", ".pickle", ".joblib", ".dill")
KERAS_NAMES = ("kernel", "gamma", "kernel:0", "gamma:0")


@dataclass(frozen=True, kw_only=True, eq=False)
class LoadedNetwork:
    """A network that can be measured.

    `model`: what computes with it, a torch module or the path of an ONNX file; None where only weights are known.
    `input_shape`: of one input with the batch axis, None where it is not known. `sha256`: of the file, or of names
    and values of all tensors where a function made the module.
    """

    name: str
    graph: LayeredGraph
    model: Any
    sha256: str
    input_shape: tuple[int, ...] | None = None


def load_network(
    spec: str, *, input_shape: tuple[int, ...] | None = None, kernel_norm: KernelNorm = "l1"
) -> LoadedNetwork:
    """Load the network that `spec` names and build its layered graph.

    `spec`: path of an `.onnx` file; of weights of a plain chain (`.npz`, `.safetensors`, state dict `.pt` or `.pth`);
    or `package.module:function`, code of the user's own that is imported and run: the function returns a module, or a
    module and its inputs. `input_shape`: with the batch axis, such as (1, 3, 224, 224); needed for a module unless the
    function has an attribute `input_shape` or returns inputs, and for an ONNX file with open sizes. `kernel_norm`: see
    `graph_from_arrays`. Nothing that stands in a file is run. Raises `ProbatumError`, saying what would be right.
    """
    if input_shape is not None and (not input_shape or min(input_shape) < 1 or input_shape[0] != 1):
        raise ValueError(
            f"input shape {input_shape}: give positive sizes with a batch of one, such as (1, 3, 224, 224)"
        )
    path = Path(spec)
    try:
        return _load(spec, path, input_shape, kernel_norm)
    except ValueError as error:  # weights that are not finite, or none at all: here a fault of the file
        raise ProbatumError(f"{spec}: {error}") from error


def _load(spec: str, path: Path, input_shape: tuple[int, ...] | None, kernel_norm: KernelNorm) -> LoadedNetwork:
    ending = path.suffix.lower()
    if not path.is_file() and ":" in spec:
        return _from_function(spec, input_shape, kernel_norm)
    if ending in PICKLES:
        raise ProbatumError(
            f"{spec}: a pickle can run code when it is read and is refused. Save the weights as .npz or .safetensors, "
            "export the network to ONNX, or give a function of your own as package.module:function"
        )
    if ending != ".onnx" and ending not in ENDINGS:
        raise ProbatumError(
            f"{spec}: give a file ending in .onnx, {', '.join(ENDINGS)}, or a function as package.module:function"
        )
    if not path.is_file():
        raise ProbatumError(f"{spec}: there is no such file")
    if ending == ".onnx":
        return _from_onnx(path, input_shape, kernel_norm)
    return _from_weights(path, kernel_norm)


def _from_onnx(path: Path, input_shape: tuple[int, ...] | None, kernel_norm: KernelNorm) -> LoadedNetwork:
    from probatum.networks.from_onnx import graph_of, trace_onnx

    trace = trace_onnx(path, input_shape=input_shape)
    shape = next(iter(trace.inputs.values()))
    graph = graph_of(trace, kernel_norm=kernel_norm)
    return LoadedNetwork(name=path.stem, graph=graph, model=path, sha256=_digest(path), input_shape=shape)


def _from_weights(path: Path, kernel_norm: KernelNorm) -> LoadedNetwork:
    arrays = read_weights(path)
    if is_squeezenet11(arrays):
        from probatum.networks.from_torch import graph_from_torch

        model = squeezenet11(arrays)
        graph = replace(graph_from_torch(model, _example(INPUT_SHAPE), kernel_norm=kernel_norm), name=path.name)
        return LoadedNetwork(name=path.stem, graph=graph, model=model, sha256=_digest(path), input_shape=INPUT_SHAPE)
    layout = _layout(arrays)
    if path.suffix.lower() == ".safetensors":
        arrays = _in_order(arrays, layout)
    graph = graph_from_arrays(arrays, name=path.name, layout=layout, kernel_norm=kernel_norm)
    return LoadedNetwork(name=path.stem, graph=graph, model=None, sha256=_digest(path))


def _layout(arrays: Mapping[str, Any]) -> Layout:
    """By the names that frameworks give; else the layout in which neighbours fit; else plain matrices, inputs first."""
    endings = {name.rpartition(".")[2].rpartition("/")[2] for name in arrays}
    if endings & set(KERAS_NAMES):
        return "keras"
    if "weight" in endings:
        return "torch"
    return "torch" if _is_chain(arrays, "torch") and not _is_chain(arrays, "keras") else "keras"


def _in_order(arrays: Arrays, layout: Layout) -> Arrays:
    """A safetensors file does not keep the order: take the first by name in which all neighbours fit."""
    for order in orders(arrays):
        ordered = {name: arrays[name] for name in order}
        if _is_chain(ordered, layout):
            return ordered
    return arrays


def _is_chain(arrays: Mapping[str, Any], layout: Layout) -> bool:
    shapes = [array.shape for array in arrays.values() if array.ndim >= 2]
    if layout == "keras":
        shapes = [(shape[-1], shape[-2], *shape[:-2]) for shape in shapes]
    pairs = itertools.pairwise(shapes)
    return all(joins(before[0], is_convolution=len(before) > 2, shape=shape) for before, shape in pairs)


def _from_function(spec: str, input_shape: tuple[int, ...] | None, kernel_norm: KernelNorm) -> LoadedNetwork:
    from torch import nn

    from probatum.networks.from_torch import graph_from_torch

    function = _function(spec)
    made = function()
    model, inputs = made if isinstance(made, tuple) and len(made) == 2 else (made, None)
    if not isinstance(model, nn.Module):
        raise ProbatumError(f"{spec} returned {type(made).__name__}; a torch.nn.Module is needed, or (module, inputs)")
    shape = input_shape or getattr(function, "input_shape", None)
    if shape is not None and (inputs is None or input_shape):
        inputs = _example(shape)
    if inputs is None:
        raise ProbatumError(
            f"{spec}: the shape of its input is not known: give an input shape such as 1,3,224,224, "
            "or give the function an attribute input_shape"
        )
    graph = graph_from_torch(model, inputs, kernel_norm=kernel_norm)
    first = inputs[0] if isinstance(inputs, tuple) else inputs
    name = spec.rpartition(":")[2]
    return LoadedNetwork(
        name=name, graph=graph, model=model, sha256=_digest_of_tensors(model), input_shape=tuple(first.shape)
    )


def _function(spec: str) -> Any:
    module_name, _, name = spec.rpartition(":")
    try:
        with _working_folder_first():
            module = importlib.import_module(module_name)
    except (ImportError, ValueError, TypeError) as error:
        raise ProbatumError(
            f"{spec}: no module {module_name!r} can be imported from here ({error}); give package.module:function"
        ) from error
    function = getattr(module, name, None)
    if not callable(function):
        offered = ", ".join(key for key, value in vars(module).items() if callable(value) and not key.startswith("_"))
        raise ProbatumError(f"{spec}: {module_name} has no function {name!r}; it has {offered or 'none'}")
    return function


@contextmanager
def _working_folder_first() -> Iterator[None]:
    before = list(sys.path)
    sys.path.insert(0, str(Path.cwd()))
    try:
        yield
    finally:
        sys.path[:] = before


def _example(shape: tuple[int, ...]) -> Any:
    import torch

    return torch.zeros(tuple(shape))


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _digest_of_tensors(model: Any) -> str:
    found = hashlib.sha256()
    for name, tensor in model.state_dict().items():
        found.update(f"{name} {tuple(tensor.shape)} {tensor.dtype}\n".encode())
        found.update(np.ascontiguousarray(tensor.detach().cpu().double().numpy()).tobytes())
    return found.hexdigest()
