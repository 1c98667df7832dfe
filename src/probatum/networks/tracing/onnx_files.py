"""An ONNX model from its file, checked, with all weights inside, and nothing read from outside its folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from probatum.errors import MissingExtra, ProbatumError

DOMAINS = ("", "ai.onnx")


def read_onnx(path: str | Path) -> Any:
    """Return the file's `ModelProto`: checked, functions written out, weights from files beside it read in.

    Raises `ProbatumError` for a file that is missing, truncated or no ONNX model, and for weights that would be read
    from another folder; `MissingExtra` without onnx.
    """
    file = Path(path)
    try:
        import onnx
        import onnx.inliner
        from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtra("onnx", "onnx") from error
    if not file.is_file():
        raise ProbatumError(f"{file}: there is no such file")
    try:
        model = onnx.load_model_from_string(file.read_bytes())
    except (DecodeError, ValueError) as error:
        raise ProbatumError(f"{file}: not an ONNX model, or truncated ({_first(error)})") from error
    for tensor in _tensors(model):
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            _read_in(tensor, file)
    try:
        onnx.checker.check_model(model)
        return onnx.inliner.inline_local_functions(model) if model.functions else model
    except (onnx.checker.ValidationError, ValueError, RuntimeError, IndexError) as error:
        raise ProbatumError(f"{file}: not a valid ONNX model, or truncated ({_first(error)})") from error


def opset(model: Any, place: str) -> int:
    """Return the version of the standard operators that the model asks for."""
    versions = [entry.version for entry in model.opset_import if entry.domain in DOMAINS]
    if not versions:
        raise ProbatumError(f"{place}: the model names no version of ONNX's own operators")
    return int(versions[0])


def _tensors(model: Any) -> Iterator[Any]:
    """All tensors of the model: initializers and those in attributes, also of inner graphs and functions."""
    yield from _graph_tensors(model.graph)
    for function in model.functions:
        yield from _node_tensors(function.node)


def _graph_tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    yield from _node_tensors(graph.node)


def _node_tensors(nodes: Any) -> Iterator[Any]:
    for node in nodes:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)
            for graph in (attribute.g, *attribute.graphs):
                yield from _graph_tensors(graph)


def _read_in(tensor: Any, model_file: Path) -> None:
    """Replace the reference to a file by the bytes that stand there."""
    entries = {entry.key: entry.value for entry in tensor.external_data}
    location = entries.get("location", "")
    place = f"{model_file}: weights {tensor.name!r} stand in {location!r}"
    folder = model_file.resolve().parent
    file = (folder / location).resolve()
    if not location or "\0" in location or not file.is_relative_to(folder):
        raise ProbatumError(f"{place}, outside the model's folder, which is refused; put both in one folder")
    if not file.is_file():
        raise ProbatumError(f"{place}, which is not there; it belongs to the model and goes where the model goes")
    try:
        offset, length = int(entries.get("offset", 0)), int(entries.get("length", -1))
    except ValueError as error:
        raise ProbatumError(f"{place}, at {entries}: offset and length are whole numbers") from error
    size = file.stat().st_size
    length = size - offset if length < 0 else length
    if offset < 0 or length < 0 or offset + length > size:
        raise ProbatumError(f"{place}, bytes {offset} to {offset + length}, but it has {size}: truncated?")
    with file.open("rb") as stream:
        stream.seek(offset)
        tensor.raw_data = stream.read(length)
    del tensor.external_data[:]
    tensor.data_location = 0


def _first(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
