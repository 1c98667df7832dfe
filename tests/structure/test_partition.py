"""The n-cut and the partitions against their definitions, exact eigenvectors and scikit-learn."""

import numpy as np
import pytest

pytest.importorskip("numba")
from hypothesis import given, settings
from hypothesis import strategies as st
from partition_graphs import brute_ncut, chain, grouped, planted, random_chain, residual
from sklearn.cluster import spectral_clustering

from probatum.structure.partitioning import ncut, partition
from probatum.structure.partitioning.packing import pack
from probatum.structure.partitioning.solving import refined

SHAPES = {"chain": random_chain, "residual": residual, "grouped": grouped}
sizes = st.lists(st.integers(1, 9), min_size=2, max_size=5)


@settings(max_examples=40, deadline=None)
@given(units=sizes, seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.05, 0.3, 1.0]), clusters=st.integers(1, 4))
def test_ncut_is_its_definition(units, seed, share, clusters):
    graph = random_chain(seed, units=units, share=share)
    labels = np.random.default_rng(seed).integers(-1, clusters, graph.units)
    labels[0] = 0
    assert ncut(graph, labels) == pytest.approx(brute_ncut(graph, labels), abs=1e-5)


@pytest.mark.parametrize("shape", SHAPES)
def test_ncut_of_tied_and_sparse_blocks(shape):
    graph = SHAPES[shape](0)
    labels = np.random.default_rng(1).integers(0, 3, graph.units)
    assert ncut(graph, labels) == pytest.approx(brute_ncut(graph, labels), abs=1e-5)


@settings(max_examples=25, deadline=None)
@given(units=st.lists(st.integers(3, 9), min_size=2, max_size=4), seed=st.integers(0, 999), clusters=st.integers(2, 3))
def test_a_partition_is_complete_and_its_ncut_true(units, seed, clusters):
    graph = random_chain(seed, units=units)
    for mode in ("paper", "refined"):
        found = partition(graph, clusters=clusters, mode=mode, seed=seed)
        assert set(found.labels) == set(range(clusters))
        assert found.ncut == pytest.approx(brute_ncut(graph, found.labels), abs=1e-5)
        assert found.labels.dtype == np.int32


def same_groups(one, other):
    pairs = {*zip(one.tolist(), other.tolist(), strict=True)}
    return len(pairs) == len(set(one)) == len(set(other))


@pytest.mark.parametrize("mode", ["paper", "refined"])
def test_planted_groups_are_found(mode):
    graph, groups = planted(0)
    assert same_groups(partition(graph, clusters=4, mode=mode).labels, groups)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_move_of_one_unit_lowers_a_refined_ncut(shape):
    graph = SHAPES[shape](3)
    found = partition(graph, clusters=3)
    for unit in range(graph.units):
        for cluster in range(3):
            labels = found.labels.copy()
            labels[unit] = cluster
            if len(set(labels)) == 3:
                assert brute_ncut(graph, labels) >= found.ncut - 1e-5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), share=st.sampled_from([0.1, 1.0]), clusters=st.integers(2, 6))
def test_refining_never_raises_the_ncut(seed, share, clusters):
    graph = random_chain(seed, units=(30, 70, 30), share=share)
    packed = pack(graph)
    packed.mirror_dense()
    degree = packed.degrees()
    start = np.random.default_rng(seed).integers(0, clusters, graph.units).astype(np.int32)
    start[degree == 0] = -1
    end = refined(packed, degree, start)
    assert packed.ncut(end, degree) <= packed.ncut(start, degree) + 1e-6
    assert set(end) == set(start)


@pytest.mark.parametrize("share", [1.0, 0.1])
def test_paper_mode_agrees_with_scikit_learn(share):
    graph = random_chain(5, units=(90, 70, 70, 40), share=share)
    adjacency = graph.adjacency()
    kept = np.flatnonzero(adjacency.sum(axis=1))
    theirs, ours = [], []
    for seed in range(5):
        labels = np.full(graph.units, -1)
        how = {"eigen_solver": "arpack", "n_init": 25, "random_state": seed}
        labels[kept] = spectral_clustering(adjacency[kept][:, kept], n_clusters=6, **how)
        theirs.append(ncut(graph, labels))
        ours.append(partition(graph, clusters=6, mode="paper", seed=seed).ncut)
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=0.06)
    assert partition(graph, clusters=6).ncut < np.mean(theirs) - 0.02


def test_the_same_seed_gives_the_same_partition():
    graph = random_chain(1, units=(40, 40, 40))
    for mode in ("paper", "refined"):
        one, other = (partition(graph, clusters=5, mode=mode, seed=7) for _ in range(2))
        assert (one.labels == other.labels).all()
        assert one.ncut == other.ncut


def test_units_without_edges_get_no_label():
    weights = np.random.default_rng(0).random((10, 8))
    weights[3] = 0
    weights[:, 5] = 0
    found = partition(chain([weights]), clusters=2)
    assert np.flatnonzero(found.labels == -1).tolist() == [3, 15]


def test_small_clusters_are_counted():
    weights = np.full((6, 6), 1.0)
    weights[5], weights[:, 5] = 0, 0
    weights[5, 5] = 1e-4
    found = partition(chain([weights]), clusters=2)
    assert found.small == 1
    assert found.ncut < 1e-6


@pytest.mark.parametrize("clusters", [70, 90])
@pytest.mark.parametrize("mode", ["paper", "refined"])
def test_many_clusters(clusters, mode):
    graph = random_chain(0, units=(120, 100))
    found = partition(graph, clusters=clusters, mode=mode)
    assert set(found.labels) == set(range(clusters))
    assert found.ncut == pytest.approx(brute_ncut(graph, found.labels), abs=1e-4)


@pytest.mark.parametrize(
    ("clusters", "message"), [(1, "give 2 to 12"), (40, "give 2 to 12"), (13, "at most 12 .* two sides")]
)
def test_number_of_clusters_out_of_range(clusters, message):
    with pytest.raises(ValueError, match=message):
        partition(chain([np.ones((12, 20))]), clusters=clusters)


def test_bad_input_is_named():
    graph = random_chain(0)
    for given_, message in (({"mode": "best"}, "mode is 'best'"), ({"starts": 0}, "starts is 0")):
        with pytest.raises(ValueError, match=message):
            partition(graph, clusters=2, **given_)
    with pytest.raises(ValueError, match="clusters is 2; give 2 to 0: 0 units have edges"):
        partition(chain([np.zeros((3, 3))]), clusters=2)
    for labels in (np.zeros(3, int), np.zeros(graph.units), np.full(graph.units, -2)):
        with pytest.raises(ValueError, match="whole numbers"):
            ncut(graph, labels)
