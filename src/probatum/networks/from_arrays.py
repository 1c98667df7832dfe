"""A plain chain of weight tensors, in the order in which the network uses them, as a layered graph of units.

Arrays alone do not say how layers are joined, so they are read as one chain: each layer reads the one before it.
Batch norm is folded into the weights before it (Filan et al. 2021, "Clusterability in Neural Networks", appendix).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from probatum.errors import ProbatumError
from probatum.networks.layered_graph import Block, Floats, Layer, LayeredGraph
from probatum.networks.weight_groups import WeightGroup, weight_groups

Layout = Literal["torch", "keras"]
KernelNorm = Literal["l1", "l2"]
Join = Literal["plain", "flatten", "depthwise"]

CHAIN = "arrays do not say how layers are joined: they are read as one chain, in the order given"


@dataclass(frozen=True, kw_only=True, eq=False)
class _Link:
    """A weight tensor as (units, inputs in each group, *kernel), batch norm folded in."""

    name: str
    tensor: str
    weights: Floats
    folded: Floats

    @property
    def is_convolution(self) -> bool:
        return self.weights.ndim > 2


def graph_from_arrays(
    arrays: Mapping[str, npt.NDArray[Any]],
    *,
    name: str = "arrays",
    layout: Layout = "torch",
    kernel_norm: KernelNorm = "l1",
) -> LayeredGraph:
    """Return the graph of a chain of dense and convolutional layers.

    `arrays`: by name, in the order of computing. Weights in the layout of torch, dense (units, inputs) and convolution
    (units, inputs, *kernel), or of Keras and of plain matrices, dense (inputs, units) and convolution (*kernel, inputs,
    units). A convolution with one input channel for each unit is depthwise; a dense layer behind a convolution may
    read several positions of each channel. Biases are left out; the four tensors of a batch norm are folded into the
    weights before them with the epsilon of their framework (1e-5 or 1e-3). `kernel_norm`: how the weights of one
    edge, positions of a kernel or of a flattened picture, make its size: sum of sizes or root of the sum of squares.
    Raises `ProbatumError` where two neighbours do not fit, naming both, and for tensors that are no part of a chain.
    """
    if layout not in ("torch", "keras"):
        raise ValueError(f"layout {layout!r}: give 'torch' (units first) or 'keras' (units last)")
    if kernel_norm not in ("l1", "l2"):
        raise ValueError(f"kernel_norm {kernel_norm!r}: give 'l1' or 'l2'")
    groups = weight_groups(arrays, place=name)
    links = [_link(group, layout, name) for group in groups]
    if not links:
        raise ProbatumError(f"{name}: no weight tensor (2 or more axes) among {_some(list(arrays))}")
    first = links[0]
    layers = [Layer(name="input", units=first.weights.shape[1], kind="input")]
    blocks = []
    for link in links:
        blocks.append(_block(layers[-1], link, layout, kernel_norm, name))
        layers.append(_layer(link, groups=layers[-1].units if _join(layers[-1], link) == "depthwise" else 1))
    notes = [CHAIN] + [note for group in groups for note in group.notes]
    return LayeredGraph(name=name, layers=tuple(layers), blocks=tuple(blocks), notes=tuple(notes))


def _link(group: WeightGroup, layout: Layout, place: str) -> _Link:
    raw = group.weight
    if raw.dtype.kind not in "fiu":
        raise ProbatumError(f"{place}: {group.tensor!r} holds {raw.dtype}, not numbers of a weight tensor")
    weights = raw.astype(np.float32, copy=False)
    if layout == "keras":
        weights = np.ascontiguousarray(np.moveaxis(weights, (-1, -2), (0, 1)))
    if not weights.size:
        raise ProbatumError(f"{place}: {group.tensor!r} has shape {raw.shape}, no weight at all")
    gain = group.gain(units=weights.shape[0], place=place)
    folded = weights if gain is None else weights * gain.reshape(-1, *[1] * (weights.ndim - 1))
    return _Link(name=group.name, tensor=group.tensor, weights=weights, folded=folded)


def _layer(link: _Link, *, groups: int) -> Layer:
    return Layer(
        name=link.name,
        units=link.weights.shape[0],
        kind="convolution" if link.is_convolution else "dense",
        tensor=link.tensor,
        weights=link.weights,
        groups=groups,
    )


def joins(units: int, *, is_convolution: bool, shape: tuple[int, ...]) -> Join | None:
    """Say how weights of this `shape`, (units, inputs, *kernel), can read a layer of `units`; None if they cannot.

    `is_convolution`: whether that layer is one; behind it, a dense layer may read several positions of each channel.
    """
    if shape[1] == units:
        return "plain"
    if len(shape) > 2:
        return "depthwise" if shape[1] == 1 and shape[0] % units == 0 else None
    return "flatten" if is_convolution and shape[1] % units == 0 else None


def _block(source: Layer, link: _Link, layout: Layout, kernel_norm: KernelNorm, place: str) -> Block:
    units, inputs = link.weights.shape[:2]
    kernel = int(np.prod(link.weights.shape[2:], dtype=np.int64))
    join = _join(source, link)
    if join is None:
        raise ProbatumError(_mismatch(source, link, inputs, place))
    positions = inputs // source.units if join == "flatten" else kernel
    if join == "depthwise":
        weights: Floats | sparse.csr_array = _depthwise(source.units, link, kernel_norm)
    else:
        by_channel = _by_channel(link.folded.reshape(units, -1), source.units, positions, join, layout)
        weights = np.ascontiguousarray(_size(by_channel, kernel_norm).T)
    return Block(
        source=source.name,
        target=link.name,
        weights=weights,
        tied=link.tensor,
        area=positions,
        fan_in=inputs * kernel,
        fan_out=units // (source.units if join == "depthwise" else 1) * kernel,
    )


def _join(source: Layer, link: _Link) -> Join | None:
    return joins(source.units, is_convolution=source.kind == "convolution", shape=link.weights.shape)


def _depthwise(channels: int, link: _Link, kernel_norm: KernelNorm) -> sparse.csr_array:
    """One edge to each unit, stored even where it weighs nothing: the stored entries say where edges may stand."""
    units = link.weights.shape[0]
    sizes = _size(link.folded.reshape(units, -1), kernel_norm)
    each = units // channels
    starts = np.arange(0, units + 1, each)
    return sparse.csr_array((sizes, np.arange(units), starts), shape=(channels, units))


def _by_channel(weights: Floats, channels: int, positions: int, join: Join, layout: Layout) -> Floats:
    """Split rows into (units, channels, positions): Keras flattens pictures with the channels last."""
    if join == "flatten" and layout == "keras":
        return weights.reshape(len(weights), positions, channels).transpose(0, 2, 1)
    return weights.reshape(len(weights), channels, positions)


def _size(weights: Floats, kernel_norm: KernelNorm) -> Floats:
    """Norm over the last axis, in float32."""
    if kernel_norm == "l1":
        return np.asarray(np.abs(weights).sum(axis=-1), np.float32)
    return np.asarray(np.sqrt(np.square(weights).sum(axis=-1)), np.float32)


def _mismatch(source: Layer, link: _Link, inputs: int, place: str) -> str:
    before = f"{source.tensor!r} with {source.units} units" if source.tensor else f"an input of {source.units}"
    return (
        f"{place}: {link.tensor!r} reads {inputs} inputs, but before it stands {before}: no plain chain. "
        "Give the tensors in the order of computing (and the right layout), or, where the network branches, "
        "the model itself: an ONNX file or package.module:function"
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:8])) or "nothing"
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
