"""Weight banding of each convolution of a network by itself, and of separable blocks multiplied out.

Petrov et al., "Weight Banding", Distill 2021. What it is for is `banding_by_depth`, which puts the layers together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from probatum.networks.layered_graph import Layer, LayeredGraph
from probatum.progress import track
from probatum.structure.banding import Banding, banding
from probatum.structure.composed_kernels import composed_kernels, is_depthwise, separable_blocks
from probatum.structure.depth_contrast import Contrast, contrasts
from probatum.structure.factorised_kernels import is_narrow
from probatum.structure.multiple_testing import benjamini_hochberg
from probatum.structure.rank_three import rank_three

Kind = Literal["convolution", "depthwise", "composed"]
LINEAR = "separable blocks: the linear path, activation functions passed over, gains of batch norm taken as positive"


@dataclass(frozen=True, kw_only=True)
class LayerBanding:
    """The stripes of one layer, or of the kernels that a depthwise-separable block amounts to (`composed`).

    `depth`: its place among the layers with weights, from 1. `banding`: as `banding` measures it; `bh_p`: its p after
    control of the false discovery rate over all layers and blocks of the network. `contrast`: B less the mean B of all
    layers (or all blocks) before it; None for the first. `rank_b`: B of the weights cut to a smaller rank, None where
    that was not asked for.
    """

    name: str
    kind: Kind
    depth: int
    banding: Banding
    bh_p: float
    contrast: Contrast | None
    rank_b: float | None


@dataclass(frozen=True, kw_only=True)
class LayersBanding:
    """All that could be measured: layers, separable blocks, and `notes` on what was left out."""

    layers: tuple[LayerBanding, ...]
    composed: tuple[LayerBanding, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Subject:
    """Kernels to be measured; `weights` computes them when their turn comes."""

    name: str
    kind: Kind
    depth: int
    tensor: str
    weights: Callable[[], npt.NDArray[Any]]


@dataclass(frozen=True)
class _Found:
    subject: _Subject
    banding: Banding
    rank_b: float | None


def layer_banding(network: LayeredGraph, *, draws: int, rank: int | None, seed: int) -> LayersBanding:
    """Measure every convolution with square kernels of 2x2 or more, and every separable block, in order.

    `draws`, `rank` and `seed` as in `banding_by_depth`. A layer without any variation over positions is left out
    with a note, and so is one with kernels of other shapes, but for 1xk and kx1. Raises `ValueError`, naming the
    tensor, for weights that are not finite.
    """
    notes: list[str] = []
    depths = weighted_depths(network)
    subjects = [*_layers(network, depths, notes), *_blocks(network, depths)]
    found: list[_Found] = []
    for subject in track(subjects, total=len(subjects), what="layers"):
        weights = finite(subject.weights(), subject.tensor)
        try:
            result = banding(weights, draws=draws, seed=seed)
            cut = None if rank is None else banding(rank_three(weights, rank=rank), draws=1, seed=seed).b
        except ValueError as error:
            notes.append(f"{subject.name}: {error}")
        else:
            found.append(_Found(subject, result, cut))
    adjusted = benjamini_hochberg(np.array([one.banding.p for one in found])).tolist() if found else []
    pairs = list(zip(found, adjusted, strict=True))
    return LayersBanding(
        layers=_with_contrasts([pair for pair in pairs if pair[0].subject.kind != "composed"], seed),
        composed=_with_contrasts([pair for pair in pairs if pair[0].subject.kind == "composed"], seed),
        notes=(*notes, *([LINEAR] if any(one.subject.kind == "composed" for one in found) else [])),
    )


def weighted_depths(network: LayeredGraph) -> dict[str, int]:
    """Return the place of each layer among those with weights, from 1."""
    named = [layer.name for layer in network.layers if layer.weights is not None]
    return {name: number for number, name in enumerate(named, start=1)}


def finite(weights: npt.NDArray[Any], tensor: str) -> npt.NDArray[Any]:
    """Return the weights, or raise `ValueError` naming the tensor where some are NaN or infinite."""
    bad = int((~np.isfinite(weights)).sum())
    if bad:
        raise ValueError(f"{tensor}: {bad} of {weights.size} weights are NaN or infinite")
    return weights


def _layers(network: LayeredGraph, depths: Mapping[str, int], notes: list[str]) -> Iterator[_Subject]:
    for layer in network.layers:
        if layer.weights is None or layer.kind != "convolution" or math.prod(layer.weights.shape[2:]) == 1:
            continue
        if _is_square(layer):
            kind: Kind = "depthwise" if is_depthwise(layer) else "convolution"
            weights = partial(np.asarray, layer.weights)
            yield _Subject(layer.name, kind, depths[layer.name], layer.tensor or layer.name, weights)
        elif not is_narrow(layer):
            size = "x".join(map(str, layer.weights.shape[2:]))
            notes.append(f"{layer.name}: kernels of {size} have no rows and columns of one length; left out")


def _blocks(network: LayeredGraph, depths: Mapping[str, int]) -> Iterator[_Subject]:
    for block in separable_blocks(network):
        if _is_square(network.layer(block.depthwise)):
            name = " x ".join(filter(None, (block.expand, block.depthwise, block.project)))
            yield _Subject(name, "composed", depths[block.depthwise], name, partial(composed_kernels, network, block))


def _is_square(layer: Layer) -> bool:
    return layer.weights is not None and layer.weights.ndim == 4 and len(set(layer.weights.shape[2:])) == 1


def _with_contrasts(measured: Sequence[tuple[_Found, float]], seed: int) -> tuple[LayerBanding, ...]:
    compared = contrasts([found.banding for found, _ in measured], seed=seed)
    return tuple(
        LayerBanding(
            name=found.subject.name,
            kind=found.subject.kind,
            depth=found.subject.depth,
            banding=found.banding,
            bh_p=adjusted,
            contrast=contrast,
            rank_b=found.rank_b,
        )
        for (found, adjusted), contrast in zip(measured, compared, strict=True)
    )
