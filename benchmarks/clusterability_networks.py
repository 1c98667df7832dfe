"""Networks whose clusters the benchmark seeks: a trained and pruned MLP, and graphs of a given shape."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from probatum.datasets.fashion_mnist import load_fashion_mnist
from probatum.errors import CannotRun
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.networks.mlp import mlp, mlp_graph

MLP = (784, 256, 256, 256, 256, 10)
VGG16 = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512)  # channels: 12 matrices, 4,224 units


def trained_mlps(epochs: int) -> dict[str, LayeredGraph]:
    """Return the MLP trained on Fashion-MNIST and the same pruned by 90 %; where there are no pictures, random ones."""
    try:
        data = load_fashion_mnist()
    except CannotRun:
        dense = chain(MLP, area=1, seed=0)
        return {"unpruned, not trained": dense, "90 % pruned, not trained": pruned(dense)}
    recipe = ClassifierRecipe(epochs=epochs, pruning_epochs=epochs)
    phases = train_and_prune(mlp(seed=0), data, recipe=recipe, seed=0)
    names = {"unpruned": "unpruned", "pruned": "90 % pruned"}
    return {names[phase]: mlp_graph(trained.network, name=phase) for phase, trained in phases.items()}


def chain(units: Sequence[int], *, area: int, seed: int) -> LayeredGraph:
    """Return a chain of layers with random first weights (Glorot uniform), `area` of them behind each edge."""
    random = np.random.default_rng(seed)
    layers = [Layer(name=f"layer{number}", units=count, kind="dense") for number, count in enumerate(units)]
    blocks = []
    for number, (rows, columns) in enumerate(itertools.pairwise(units)):
        limit = np.sqrt(6 / (area * (rows + columns)))
        weights = np.zeros((rows, columns), np.float32)
        for _ in range(area):
            weights += random.uniform(0, limit, weights.shape).astype(np.float32)
        ends = (f"layer{number}", f"layer{number + 1}")
        blocks.append(Block(source=ends[0], target=ends[1], weights=weights, tied=f"weights{number}", area=area))
    return LayeredGraph(name="chain", layers=tuple(layers), blocks=tuple(blocks))


def pruned(graph: LayeredGraph, *, share: float = 0.9) -> LayeredGraph:
    """Return the graph without the smallest `share` of the weights of each block."""
    return graph.with_blocks(replace(block, weights=_without_small(block.weights, share)) for block in graph.blocks)


def _without_small(weights: npt.NDArray[np.float32], share: float) -> npt.NDArray[np.float32]:
    return np.where(weights < np.quantile(weights, share), np.float32(0), weights)
