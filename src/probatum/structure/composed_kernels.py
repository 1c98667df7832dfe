"""The full kernels that a depthwise-separable block amounts to, found from the graph of the network.

A depthwise convolution has one small kernel a channel; what an input channel does to an output channel of the block
is a mixture of them: the 1x1 convolution before, the depthwise one and the 1x1 convolution behind, multiplied out as
if nothing but batch norm stood between them (Sandler et al. 2018, "MobileNetV2", for the block).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Block, Layer, LayeredGraph

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class SeparableBlock:
    """Names of the layers of one block: 1x1 convolution before (None where there is none), depthwise, 1x1 behind."""

    expand: str | None
    depthwise: str
    project: str


def separable_blocks(graph: LayeredGraph) -> tuple[SeparableBlock, ...]:
    """Find the depthwise convolutions that a 1x1 convolution reads, in the order of the network.

    Of several 1x1 convolutions that read a depthwise one the last is taken: those before it compute gates.
    """
    found = []
    for layer in graph.layers:
        if is_depthwise(layer):
            readers = [name for name in _readers(graph, layer.name) if _mixes(graph.layer(name), layer.units)]
            if readers:
                expand = _expansion(graph, layer)
                found.append(SeparableBlock(expand=expand, depthwise=layer.name, project=readers[-1]))
    return tuple(found)


def composed_kernels(graph: LayeredGraph, block: SeparableBlock) -> Floats:
    """Multiply the block out: shape (output channels, input channels, k, k).

    Without a 1x1 convolution before the depthwise one, the input channels are those of the depthwise convolution.
    The gain of a batch norm is taken from the edges of the graph; its sign, which these do not keep, as positive.
    Activation functions between the layers are passed over: this is the linear path.
    """
    middle, last = graph.layer(block.depthwise), graph.layer(block.project)
    spatial = _weights(middle)[:, 0] * _gains(graph, middle)[:, None, None]
    mixing = _weights(last)[:, :, 0, 0]
    if block.expand is None:
        return np.asarray(mixing[:, :, None, None] * spatial)
    first = graph.layer(block.expand)
    before = _weights(first)[:, :, 0, 0] * _gains(graph, first)[:, None]
    rows, columns = spatial.shape[1:]
    kernels = np.empty((len(mixing), before.shape[1], rows, columns))
    for row, column in np.ndindex(rows, columns):
        kernels[:, :, row, column] = (mixing * spatial[:, row, column]) @ before
    return kernels


def is_depthwise(layer: Layer) -> bool:
    """Say whether the layer is a two-dimensional convolution in which every unit reads one channel of its own."""
    return layer.weights is not None and layer.weights.ndim == 4 and layer.groups == layer.units > 1


def _expansion(graph: LayeredGraph, depthwise: Layer) -> str | None:
    """The 1x1 convolution before, if the depthwise one reads nothing else: a sum of layers is no single matrix."""
    sources = {block.source for block in graph.blocks if block.target == depthwise.name}
    before = [graph.layer(name) for name in sources]
    fits = len(before) == 1 and _is_pointwise(before[0]) and before[0].units == depthwise.units
    return before[0].name if fits else None


def _is_pointwise(layer: Layer) -> bool:
    return layer.weights is not None and layer.weights.shape[2:] == (1, 1) and layer.groups == 1


def _mixes(layer: Layer, channels: int) -> bool:
    return _is_pointwise(layer) and layer.weights is not None and layer.weights.shape[1] == channels


def _weights(layer: Layer) -> Floats:
    if layer.weights is None:
        raise ValueError(f"layer {layer.name!r} has no weights")
    return np.asarray(layer.weights, np.float64)


def _readers(graph: LayeredGraph, name: str) -> list[str]:
    wanted = {block.target for block in graph.blocks if block.source == name}
    return [layer.name for layer in graph.layers if layer.name in wanted]


def _gains(graph: LayeredGraph, layer: Layer) -> Floats:
    """Size of the edges into each unit, over the size of its weights: what was folded into them, up to a constant."""
    edges = np.zeros(layer.units)
    for block in _one_of_each_slot(graph, layer.name):
        into = np.asarray(block.weights.sum(axis=0)).ravel()
        edges[block.target_start : block.target_start + len(into)] += into
    sizes = np.abs(_weights(layer)).sum(axis=tuple(range(1, _weights(layer).ndim)))
    return np.where((sizes > 0) & (edges > 0), edges / np.where(sizes > 0, sizes, 1.0), 0.0)


def _one_of_each_slot(graph: LayeredGraph, target: str) -> list[Block]:
    """The blocks into a layer, of terms that are summed only the first."""
    chosen: dict[tuple[int, int], Block] = {}
    for block in graph.blocks:
        if block.target == target:
            chosen.setdefault((block.slot, block.target_start), block)
    return list(chosen.values())
