"""What a network says with some of its units silenced, for many sets of units: the model is made ready once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.activations import lesioned_outputs
from probatum.networks.layered_graph import LayeredGraph
from probatum.networks.unit_axes import unit_axis

Lesion = Mapping[str, npt.NDArray[np.bool_]]
Floats = npt.NDArray[np.float32]


def lesions(model: Any, graph: LayeredGraph, inputs: Any, *, batch: int = 500) -> Callable[[Lesion], Floats]:
    """Return a function from a lesion (by layer, which units are silent) to the model's outputs, shape (n, ...).

    `model`: the torch module or the path of the ONNX file from which `graph` was built; `inputs`: shape (n, *input
    shape). Does as `lesioned_outputs` does, which makes the model ready for each lesion anew.
    """
    if isinstance(model, (str, Path)):
        return lambda lesion: lesioned_outputs(model, graph, inputs, lesion, batch=batch)
    from probatum.networks.tracing.torch_running import TorchRunner

    runner = TorchRunner(model, inputs[:1])

    def outputs(lesion: Lesion) -> Floats:
        masks: dict[str, Floats] = {}
        for name, silent in lesion.items():
            layer = graph.layer(name)
            value = str(layer.output)
            shape = runner.shape(value)
            axis = unit_axis(layer, shape)
            kept: Floats = (~silent).astype(np.float32)
            mask = kept.reshape(shape if axis is None else [-1 if n == axis else 1 for n in range(len(shape))])
            masks[value] = mask * masks[value] if value in masks else mask
        parts = [runner.run(inputs[start : start + batch], {}, masks)[-1] for start in range(0, len(inputs), batch)]
        return np.concatenate(parts)

    return outputs


def lesion_of(network: LayeredGraph, units: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the lesion that silences `units`, numbers counting through all layers."""
    silent = np.zeros(network.units, np.bool_)
    silent[units] = True
    parts = {layer.name: silent[network.offsets[layer.name] :][: layer.units] for layer in network.layers}
    return {name: part for name, part in parts.items() if part.any()}
