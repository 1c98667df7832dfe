"""Small layered graphs of every shape that a partition has to cope with."""

from __future__ import annotations

import itertools

import numpy as np
from scipy import sparse

from probatum.networks.layered_graph import Block, Layer, LayeredGraph


def chain(matrices, name="chain"):
    """Layers one behind the other."""
    units = [matrices[0].shape[0], *(matrix.shape[1] for matrix in matrices)]
    layers = tuple(Layer(name=f"layer{number}", units=count, kind="dense") for number, count in enumerate(units))
    blocks = tuple(
        Block(
            source=f"layer{number}",
            target=f"layer{number + 1}",
            weights=matrix if sparse.issparse(matrix) else np.asarray(matrix, np.float32),
            tied=f"weights{number}",
            fan_in=matrix.shape[0],
            fan_out=matrix.shape[1],
        )
        for number, matrix in enumerate(matrices)
    )
    return LayeredGraph(name=name, layers=layers, blocks=blocks)


def random_chain(seed, units=(20, 16, 12, 5), share=1.0):
    random = np.random.default_rng(seed)
    sizes = itertools.pairwise(units)
    return chain([random.random(size) * (random.random(size) < share) for size in sizes])


def planted(seed, units=(60, 50, 50, 40), groups=4, strength=8.0):
    """Return a chain whose units belong to groups with stronger weights inside, and the group of each unit."""
    random = np.random.default_rng(seed)
    of_unit = [random.permutation(np.arange(count) % groups) for count in units]
    matrices = [
        random.random((len(one), len(other))) * np.where(one[:, None] == other, strength, 1.0)
        for one, other in itertools.pairwise(of_unit)
    ]
    return chain(matrices), np.concatenate(of_unit)


def residual(seed, copies=3):
    """Return a graph with a sum: one weight array reads several layers, whose blocks are tied, and sides collide."""
    random = np.random.default_rng(seed)
    layers = [Layer(name=name, units=8, kind="dense") for name in ("a", "b", "c", "d")]
    shared = random.random((8, 8), dtype=np.float32)
    blocks = [
        Block(source="a", target="b", weights=random.random((8, 8), dtype=np.float32), tied="ab"),
        Block(source="b", target="c", weights=random.random((8, 8), dtype=np.float32), tied="bc"),
        *(Block(source=name, target="d", weights=shared, tied="shared") for name in ("c", "b", "a")[:copies]),
    ]
    return LayeredGraph(name="residual", layers=tuple(layers), blocks=tuple(blocks))


def grouped(seed):
    """Return a graph with two dense parts of one layer pair, and a depthwise layer kept as compressed rows."""
    random = np.random.default_rng(seed)
    layers = tuple(Layer(name=name, units=12, kind="convolution") for name in ("a", "b", "c"))
    halves = [
        Block(
            source="a",
            target="b",
            weights=random.random((6, 6), dtype=np.float32),
            tied=f"ab{half}",
            source_start=6 * half,
            target_start=6 * half,
        )
        for half in (0, 1)
    ]
    diagonal = sparse.csr_array(np.diag(random.random(12, dtype=np.float32)))
    blocks = (*halves, Block(source="b", target="c", weights=diagonal, tied="bc", area=9))
    return LayeredGraph(name="grouped", layers=layers, blocks=blocks)


def brute_ncut(graph, labels):
    """Return the n-cut by its definition."""
    adjacency = graph.adjacency().toarray()
    total = 0.0
    for cluster in set(labels) - {-1}:
        inside = labels == cluster
        volume = adjacency[inside].sum()
        total += (volume - adjacency[np.ix_(inside, inside)].sum()) / (volume + 1e-8)
    return total
