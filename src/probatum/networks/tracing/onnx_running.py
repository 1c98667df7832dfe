"""Run an ONNX model for many inputs at once, and read or change the values inside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError
from probatum.networks.tracing.onnx_opened import mask_name, opened
from probatum.networks.unit_axes import UnitRead

Floats = npt.NDArray[np.float32]
KINDS: dict[str, Any] = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(bool)": np.bool_,
}


def onnx_runner(path: Path, input_shape: tuple[int, ...]) -> OnnxRunner:
    """Return the runner of this file; while the file stays as it is, the same one is used again."""
    if not path.is_file():
        raise ProbatumError(f"{path}: there is no such file")
    status = path.stat()
    return _runner(path.resolve(), status.st_mtime_ns, status.st_size, input_shape)


@lru_cache(maxsize=4)
def _runner(path: Path, changed: int, size: int, input_shape: tuple[int, ...]) -> OnnxRunner:
    return OnnxRunner(path, input_shape)


class OnnxRunner:
    """A model from a file; the file's batch, whatever it says, is opened where that changes no result."""

    def __init__(self, path: Path, input_shape: tuple[int, ...]) -> None:
        from probatum.networks.from_onnx import trace_onnx

        self.path, self.input_shape = path, input_shape
        trace = trace_onnx(path, input_shape=input_shape)
        if len(trace.inputs) != 1:
            raise ProbatumError(f"{path}: has inputs {', '.join(trace.inputs)}; only models with one input are run")
        self.input = next(iter(trace.inputs))
        self.shapes = dict(trace.inputs)
        for step in trace.steps:
            self.shapes |= dict(zip(step.outputs, step.shapes, strict=True))
        self._sessions: dict[Any, tuple[Any, Any]] = {}

    def shape(self, value: str) -> tuple[int, ...]:
        """Shape of the value with a batch of one."""
        if value not in self.shapes:
            raise ProbatumError(f"{self.path} computes no value {value!r}: the graph was built from another model")
        return self.shapes[value]

    def run(self, inputs: Any, read: Sequence[UnitRead], masks: Mapping[str, Floats]) -> list[Floats]:
        """See `activations.Runner`."""
        given = np.asarray(inputs)
        names = tuple(dict.fromkeys(one.value for one in read if one.value != self.input))
        many, single = self._session(names, tuple(masks))
        if many is not None and len(given) > 1:
            return self._tables(_values(many, given, masks), given, read, masks, inner=0)
        parts = []
        for sample in given:
            made = {name: value[None] for name, value in _values(single, sample[None], masks).items()}
            parts.append(self._tables(made, sample[None, None], read, masks, inner=1))
        return [np.concatenate(tables) for tables in zip(*parts, strict=True)]

    def _tables(
        self, values: dict[str, Any], inputs: Any, read: Sequence[UnitRead], masks: Mapping[str, Floats], inner: int
    ) -> list[Floats]:
        """Units of each value, then the output. `inner`: axes that stand between the inputs and the value's own."""
        output = np.asarray(next(iter(values.values())), np.float32)
        found = values | {self.input: inputs * masks[self.input] if self.input in masks else inputs}
        tables = [_units(found[one.value], one, inner) for one in read]
        return [*tables, output.reshape(len(output), *output.shape[1 + inner :])]

    def _session(self, names: tuple[str, ...], masked: tuple[str, ...]) -> tuple[Any, Any]:
        """A session with an open batch (None where it computes something else) and one with a batch of one."""
        if (names, masked) not in self._sessions:
            single = self._open(names, masked, any_batch=False)
            try:
                many = self._open(names, masked, any_batch=True)
                many = many if self._agree(many, single, masked) else None
            except ProbatumError:
                many = None
            self._sessions[names, masked] = (many, single)
        return self._sessions[names, masked]

    def _open(self, names: tuple[str, ...], masked: tuple[str, ...], *, any_batch: bool) -> Any:
        model = opened(
            self.path,
            read=names,
            masked=masked,
            shapes=self.shapes,
            input_shape=self.input_shape,
            any_batch=any_batch,
        )
        return _start(model)

    def _agree(self, many: Any, single: Any, masked: tuple[str, ...]) -> bool:
        """Try both on three different inputs: a fixed batch may be written into any reshape."""
        rng = np.random.default_rng(0)
        shape = (3, *self.input_shape[1:])
        draw = rng.integers(0, 2, shape) if "int" in single.get_inputs()[0].type else rng.normal(size=shape)
        masks = {value: np.ones((1,) * len(self.shapes[value]), np.float32) for value in masked}
        together = _values(many, draw, masks)
        apart = [_values(single, sample[None], masks) for sample in draw]
        for name, values in together.items():
            others = np.concatenate([made[name] for made in apart])
            if values.shape != others.shape or not np.allclose(values, others, rtol=1e-3, atol=1e-5, equal_nan=True):
                return False
        return True


def _start(model: bytes) -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("onnx", "onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has a class for each of its error codes
        raise _failed(error) from error


def _values(session: Any, inputs: Any, masks: Mapping[str, Floats]) -> dict[str, Any]:
    """Run the session; its outputs by name, the model's own first."""
    first, *others = session.get_inputs()
    given = {mask_name(value): mask for value, mask in masks.items()}
    feeds = {first.name: np.asarray(inputs, KINDS.get(first.type))}
    feeds |= {entry.name: np.asarray(given[entry.name], KINDS.get(entry.type)) for entry in others}
    try:
        made = session.run(None, feeds)
    except Exception as error:  # as above
        raise _failed(error) from error
    return dict(zip([output.name for output in session.get_outputs()], made, strict=True))


def _failed(error: Exception) -> ProbatumError:
    return ProbatumError(f"the ONNX model cannot be run: {str(error).splitlines()[0][:300]}")


def _units(value: Any, read: UnitRead, inner: int) -> Floats:
    """One number for each unit and input, shape (inputs, units)."""
    count = len(value)
    if read.words:
        table = value.reshape(count, 1, -1) == np.arange(read.words)[:, None]
    elif read.axis is None:
        table = value.reshape(count, -1, 1)
    else:
        axis = read.axis + inner
        table = np.moveaxis(value, axis, 1).reshape(count, value.shape[axis], -1)
    floats = np.asarray(table, np.float32)
    return np.asarray(floats.mean(axis=2) if read.positions == "mean" else floats.max(axis=2))
