"""The parts of the partition: packed products, eigenvectors, k-means, rounding, sides of layers."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numba")
from partition_graphs import grouped, planted, random_chain, residual
from scipy import sparse
from scipy.linalg import eigh, subspace_angles
from sklearn.cluster import KMeans

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.structure.partitioning.cluster_qr import cluster_qr
from probatum.structure.partitioning.embedding import embed
from probatum.structure.partitioning.kmeans import kmeans
from probatum.structure.partitioning.layer_sides import layer_sides
from probatum.structure.partitioning.normalized_adjacency import normalized_adjacency
from probatum.structure.partitioning.packing import pack

SHAPES = {
    "chain": lambda: random_chain(0),
    "sparse": lambda: random_chain(0, units=(40, 30, 20), share=0.1),
    "residual": lambda: residual(0),
    "grouped": lambda: grouped(0),
}


def normalized(graph):
    adjacency = graph.adjacency().toarray()
    degree = adjacency.sum(axis=1)
    scale = np.where(degree > 0, 1 / np.sqrt(np.where(degree > 0, degree, 1)), 0)
    return adjacency * scale[:, None] * scale


@pytest.mark.parametrize("shape", SHAPES)
def test_degrees_and_products(shape):
    graph = SHAPES[shape]()
    packed = pack(graph)
    degree = packed.degrees()
    assert degree * packed.largest == pytest.approx(graph.adjacency().sum(axis=1), rel=1e-6)
    matrix = normalized_adjacency(packed, degree)
    whole = normalized(graph)
    for side, units in enumerate(matrix.units):
        other = matrix.units[1 - side] if matrix.two_sided else units
        block = np.random.default_rng(0).random((len(units), 3), dtype=np.float32)
        assert matrix.times(side, block) == pytest.approx(whole[np.ix_(other, units)] @ block, abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_both_directions_of_all_weights(shape):
    graph = SHAPES[shape]()
    packed = pack(graph)
    packed.mirror_dense()
    found = np.zeros((graph.units, graph.units))
    for own, stop, other, width, thin, offset in packed.layout.strips:
        for row in range(stop - own):
            if thin:
                places = slice(packed.pointers[offset + row], packed.pointers[offset + row + 1])
                found[own + row, other + packed.indices[places]] += packed.entries[places]
            else:
                begin = offset + row * width
                found[own + row, other : other + width] += packed.values[begin : begin + width]
    assert found * packed.largest == pytest.approx(graph.adjacency().toarray(), abs=1e-6)


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("size", [40, 400])
def test_embedding_spans_the_exact_eigenvectors(size, two_sided):
    graph, _ = planted(1, units=(size, size, size), groups=5)
    if not two_sided:
        around = Block(source="layer0", target="layer2", weights=graph.blocks[0].weights, tied="around")
        graph = graph.with_blocks([*graph.blocks, around])
    packed = pack(graph)
    found = embed(normalized_adjacency(packed, packed.degrees()), count=5, seed=0)
    values, vectors = eigh(normalized(graph), subset_by_index=(3 * size - 5, 3 * size - 1))
    assert found.values == pytest.approx(values[::-1], abs=1e-5)
    assert np.linalg.norm(found.vectors, axis=0) == pytest.approx(np.ones(5), abs=1e-4)
    assert np.sin(subspace_angles(found.vectors.astype(float), vectors)).max() < 2e-3


def test_eigenvalues_without_a_gap_are_near():
    graph = random_chain(3, units=(300, 300, 300))
    packed = pack(graph)
    found = embed(normalized_adjacency(packed, packed.degrees()), count=12, seed=0)
    values = eigh(normalized(graph), eigvals_only=True, subset_by_index=(888, 899))
    assert found.values == pytest.approx(values[::-1], abs=1e-3)


def test_kmeans_is_as_good_as_scikit_learn():
    rows = np.random.default_rng(0).normal(size=(500, 6)).astype(np.float32)
    ours = [kmeans(rows, clusters=8, runs=1, seed=seed)[1] for seed in range(60)]
    theirs = [KMeans(8, n_init=1, random_state=seed).fit(rows).inertia_ for seed in range(60)]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), rel=0.01)


def test_kmeans_says_its_inertia_and_keeps_the_best_run():
    rows = np.random.default_rng(0).normal(size=(203, 5)).astype(np.float32) * 1e-6
    labels, inertia = kmeans(rows, clusters=7, runs=20, seed=0)
    centres = np.array([rows[labels == cluster].mean(axis=0) for cluster in range(7)])
    assert inertia == pytest.approx(((rows - centres[labels]) ** 2).sum(), rel=1e-3)
    assert inertia <= min(kmeans(rows, clusters=7, runs=1, seed=seed)[1] for seed in range(3)) * 1.001


def test_kmeans_fills_every_cluster():
    rows = np.repeat(np.eye(3, dtype=np.float32), 20, axis=0)
    rows[:5] += np.arange(5, dtype=np.float32)[:, None] * 1e-3
    labels, _ = kmeans(rows, clusters=5, runs=3, seed=0)
    assert set(labels) == set(range(5))


def test_cluster_qr_finds_separate_groups():
    groups = np.random.default_rng(0).permutation(np.arange(60) % 6)
    vectors = np.eye(6)[groups] / np.sqrt(10)
    rotation = np.linalg.qr(np.random.default_rng(1).normal(size=(6, 6)))[0]
    labels = cluster_qr((vectors @ rotation).astype(np.float32))
    assert len({*zip(labels.tolist(), groups.tolist(), strict=True)}) == 6


def test_sides_alternate_or_not():
    assert layer_sides(random_chain(0)) == (0, 1, 0, 1)
    assert layer_sides(residual(0)) is None


def test_layers_that_are_apart_are_named():
    graph = random_chain(0)
    extra = (Layer(name="x", units=2, kind="dense"), Layer(name="y", units=2, kind="dense"))
    block = Block(source="x", target="y", weights=np.ones((2, 2), np.float32), tied="xy")
    apart = replace(graph, layers=(*graph.layers, *extra), blocks=(*graph.blocks, block))
    with pytest.raises(ValueError, match=r"no weights join the layers layer0, .* with x, y"):
        pack(apart)


def test_places_stored_twice_are_summed():
    twice = sparse.csr_array((np.array([1, 2, 4], np.float32), ([0, 0, 1], [1, 1, 0])), shape=(2, 2))
    doubled = sparse.csr_array((np.array([1, 2, 4], np.float32), np.array([1, 1, 0]), np.array([0, 2, 3])), (2, 2))
    layers = tuple(Layer(name=name, units=2, kind="dense") for name in "ab")
    degrees = []
    for weights in (twice, doubled):
        block = Block(source="a", target="b", weights=weights, tied="ab")
        packed = pack(LayeredGraph(name="twice", layers=layers, blocks=(block,)))
        degrees.append(packed.degrees() * packed.largest)
    for one, other in itertools.pairwise(degrees):
        assert one.tolist() == other.tolist() == [3, 4, 4, 3]
