"""What the units of a network do on given inputs, and what the network says when some of them are silenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Layer, LayeredGraph
from probatum.networks.unit_axes import Positions, UnitRead, counts_words, observed, unit_axis
from probatum.progress import track

Lesion = Mapping[str, npt.NDArray[np.bool_]]
Floats = npt.NDArray[np.float32]


class Runner(Protocol):
    """A model that can be run while values inside it are read and multiplied."""

    def shape(self, value: str) -> tuple[int, ...]:
        """Shape of the value with a batch of one."""

    def run(self, inputs: npt.NDArray[Any], read: Sequence[UnitRead], masks: Mapping[str, Floats]) -> list[Floats]:
        """Return the units of each of `read`, (inputs, units), then the output, with values multiplied by `masks`."""


def unit_activations(
    model: Any,
    graph: LayeredGraph,
    inputs: npt.NDArray[Any],
    *,
    batch: int = 100,
    positions: Positions = "mean",
) -> dict[str, Floats]:
    """Return the activations of every unit by layer, float32 of shape (inputs, units).

    `model`: the torch module or the path of the ONNX file from which `graph` was built. `inputs`: array or tensor
    (n, *input shape). A unit with many positions, as a channel, is given by their mean or maximum. Activations are
    read where the layer is finished, after norm and activation function (`Layer.output`); layers that stand nowhere
    by themselves are left out. A word of the input is as active as it is frequent. Raises `ProbatumError` where the
    model and the graph do not belong together.
    """
    _check(positions, batch)
    layers = observed(graph.layers)
    runner = _runner(model, inputs)
    read = [_read(graph, layer, runner, positions) for layer in layers]
    parts = [runner.run(chosen, read, {})[:-1] for chosen in _batches(inputs, batch, "activations")]
    joined = [np.concatenate(pieces) for pieces in zip(*parts, strict=True)]
    return dict(zip([layer.name for layer in layers], joined, strict=True))


def _read(graph: LayeredGraph, layer: Layer, runner: Runner, positions: Positions) -> UnitRead:
    value = str(layer.output)
    if counts_words(graph, layer):
        return UnitRead(value=value, axis=None, positions=positions, words=layer.units)
    return UnitRead(value=value, axis=unit_axis(layer, runner.shape(value)), positions=positions)


def lesioned_outputs(
    model: Any, graph: LayeredGraph, inputs: npt.NDArray[Any], lesion: Lesion, *, batch: int = 100
) -> Floats:
    """Return the model's (first) output, shape (n, ...), while chosen units are set to zero.

    `lesion`: by layer, which of its units (bool, (units,)) are silenced at `Layer.output`, at all positions; an empty
    mapping silences none. Raises `ValueError` for unknown layers and masks of another size, `ProbatumError` for a
    layer whose activations stand nowhere by themselves.
    """
    _check("mean", batch)
    runner = _runner(model, inputs)
    masks: dict[str, Floats] = {}
    for name, silenced in lesion.items():
        layer = graph.layer(name)
        observed((layer,))
        if counts_words(graph, layer):
            raise ValueError(
                f"the units of {name!r} are words, which cannot be set to zero; leave them out of the inputs"
            )
        value = str(layer.output)
        mask = _mask(layer, np.asarray(silenced), runner.shape(value))
        masks[value] = mask * masks[value] if value in masks else mask
    return np.concatenate([runner.run(chosen, (), masks)[-1] for chosen in _batches(inputs, batch, "lesioned outputs")])


def _mask(layer: Layer, silenced: npt.NDArray[Any], shape: tuple[int, ...]) -> Floats:
    """Zeros for silenced units and ones for the others, in as many axes as the value has."""
    if silenced.dtype != np.bool_ or silenced.shape != (layer.units,):
        raise ValueError(
            f"lesion of {layer.name!r} is {silenced.dtype} of shape {silenced.shape}; give bool of ({layer.units},)"
        )
    axis = unit_axis(layer, shape)
    kept: Floats = (~silenced).astype(np.float32)
    return kept.reshape(shape if axis is None else [-1 if place == axis else 1 for place in range(len(shape))])


def _batches(inputs: Any, batch: int, what: str) -> Any:
    starts = range(0, len(inputs), batch)
    return (inputs[start : start + batch] for start in track(starts, total=len(starts), what=what))


def _check(positions: str, batch: int) -> None:
    if positions not in ("mean", "max"):
        raise ValueError(f"positions {positions!r}: give 'mean' or 'max'")
    if batch < 1:
        raise ValueError(f"batch {batch}: give 1 or more")


def _runner(model: Any, inputs: Any) -> Runner:
    if len(inputs) == 0:
        raise ValueError("no inputs: give at least one")
    if isinstance(model, (str, Path)):
        from probatum.networks.tracing.onnx_running import onnx_runner

        return onnx_runner(Path(model), (1, *inputs.shape[1:]))
    from probatum.networks.tracing.torch_running import torch_runner

    return torch_runner(model, inputs[:1])
