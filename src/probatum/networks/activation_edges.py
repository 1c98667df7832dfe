"""Edges from what a network does instead of from its weights: correlations of activations, and derivatives.

The layers, and which of them are joined, are those of the graph of weights; so every measure of such a graph can be
taken of the network's behaviour as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.errors import ProbatumError
from probatum.networks.layered_graph import Block, Floats, LayeredGraph
from probatum.networks.unit_axes import observed, unit_axis


def correlation_graph(graph: LayeredGraph, activations: Mapping[str, npt.NDArray[Any]]) -> LayeredGraph:
    """Return the graph whose edges are sizes of Pearson correlations of two units' activations.

    `activations`: by layer, shape (inputs, units), as `unit_activations` returns them. A unit that never changes is
    correlated with none. Layers that are joined in `graph` are joined here, and no others. Raises `ValueError` for
    layers that are missing or of another size, fewer than 3 inputs, and activations that are not finite.
    """
    joined = {name for block in graph.blocks for name in (block.source, block.target)}
    standard = {name: _standardized(graph, name, activations) for name in graph.offsets if name in joined}
    counts = {len(values) for values in standard.values()}
    if len(counts) != 1:
        raise ValueError(f"the layers have activations for {sorted(counts)} inputs; give the same inputs for all")

    def sizes(block: Block) -> Floats:
        before, after = standard[block.source][:, _from(block)], standard[block.target][:, _to(block)]
        return np.asarray(np.abs(before.T @ after), np.float32)

    return _with_edges(graph, sizes, "edges are sizes of correlations of activations")


def jacobian_graph(model: Any, graph: LayeredGraph, inputs: npt.NDArray[Any]) -> LayeredGraph:
    """Return the graph whose edges are mean sizes of derivatives of one unit's activation by another's.

    `model`: the torch module of `graph`; `inputs`: array or tensor (n, *input shape), over which sizes are averaged. A
    unit with many positions is moved at all of them, and its mean over them is watched. Only the direct way counts:
    all other layers are held fixed. Takes one backward pass for each unit and input. Raises `ProbatumError` for an
    ONNX model, which has no derivatives, and layers whose activations stand nowhere by themselves.
    """
    if isinstance(model, (str, bytes)) or hasattr(model, "suffix"):
        raise ProbatumError(f"{model}: an ONNX file gives no derivatives; give the torch module, or use correlations")
    if len(inputs) == 0:
        raise ValueError("no inputs: give at least one")
    hidden = [layer.name for layer in graph.layers if layer.output is None]
    if hidden:
        raise ProbatumError(
            f"the activations of {', '.join(hidden)} stand nowhere by themselves: leave these layers out"
        )
    from probatum.networks.tracing.torch_jacobian import mean_jacobians
    from probatum.networks.tracing.torch_running import torch_runner

    runner = torch_runner(model, inputs[:1])
    values = {layer.name: str(layer.output) for layer in observed(graph.layers)}
    axes = {value: unit_axis(graph.layer(name), runner.shape(value)) for name, value in values.items()}
    pairs = {(values[block.source], values[block.target]) for block in graph.blocks}
    sizes = mean_jacobians(runner, inputs, pairs, axes)

    def part(block: Block) -> Floats:
        return sizes[values[block.source], values[block.target]][_from(block), _to(block)]

    return _with_edges(graph, part, "edges are mean sizes of derivatives of activations")


def _standardized(graph: LayeredGraph, name: str, activations: Mapping[str, npt.NDArray[Any]]) -> Floats:
    """Activations with mean zero and sum of squares one for each unit, zero where a unit never changes."""
    if name not in activations:
        raise ValueError(f"no activations of layer {name!r}; there are those of {', '.join(activations) or 'none'}")
    values = np.asarray(activations[name], np.float64)
    units = graph.layer(name).units
    if values.ndim != 2 or values.shape[1] != units or len(values) < 3:
        raise ValueError(f"activations of {name!r} have shape {values.shape}; give (3 or more inputs, {units})")
    if not np.isfinite(values).all():
        raise ValueError(f"activations of {name!r}: some are NaN or infinite")
    values = values - values.mean(axis=0)
    norms = np.sqrt(np.square(values).sum(axis=0))
    still = norms <= 1e-9 * np.maximum(np.abs(np.asarray(activations[name])).max(axis=0), 1e-30)
    values = np.where(still, 0.0, values / np.where(still, 1.0, norms))
    return values.astype(np.float32)


def _with_edges(graph: LayeredGraph, sizes: Callable[[Block], Floats], note: str) -> LayeredGraph:
    """Replace the weights of every block; two blocks between the same units have become one and the same."""
    found: dict[tuple[Any, ...], Block] = {}
    for block in graph.blocks:
        name = f"{block.source}[{block.source_start}] to {block.target}[{block.target_start}]"
        key = (name, block.weights.shape, isinstance(block.weights, np.ndarray))
        if key not in found:
            found[key] = replace(block, weights=_on_support(block, sizes(block)), tied=" ".join(map(str, key)), area=1)
    return replace(graph.with_blocks(found.values()), notes=(*graph.notes, note))


def _on_support(block: Block, sizes: Floats) -> Floats | sparse.csr_array:
    if isinstance(block.weights, np.ndarray):
        return np.ascontiguousarray(sizes, dtype=np.float32)
    weights = block.weights.copy()
    rows = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    weights.data = sizes[rows, weights.indices].astype(np.float32)
    return weights


def _from(block: Block) -> slice:
    return slice(block.source_start, block.source_start + block.weights.shape[0])


def _to(block: Block) -> slice:
    return slice(block.target_start, block.target_start + block.weights.shape[1])
