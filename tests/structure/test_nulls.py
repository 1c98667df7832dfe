"""Shuffled networks: what each kind of shuffle keeps, what it changes, and that many are as one by one."""

import numpy as np
import pytest

pytest.importorskip("numba")
from partition_graphs import chain, grouped, random_chain, residual
from scipy import sparse

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.progress import listening
from probatum.structure.partitioning import null_ncuts, partition, shuffled
from probatum.structure.partitioning.random_kernels import choose, permute

NULLS = ("all", "support", "strengths", "initialization")


def values(graph):
    return [np.sort(np.asarray(sparse.coo_array(block.weights).data)) for block in graph.blocks]


@pytest.mark.parametrize("share", [1.0, 0.5, 0.08])
@pytest.mark.parametrize("null", ["all", "support"])
def test_the_same_weights_in_other_places(null, share):
    graph = random_chain(0, units=(30, 20, 10), share=share)
    other = shuffled(graph, null=null, seed=1)
    for old, new, before, after in zip(graph.blocks, other.blocks, values(graph), values(other), strict=True):
        assert after == pytest.approx(before, rel=1e-6)
        assert not np.array_equal(old.weights, new.weights)
        assert isinstance(new.weights, np.ndarray)
        if share < 1:
            assert np.array_equal(old.weights > 0, new.weights > 0) == (null == "support")


@pytest.mark.parametrize("share", [1.0, 0.5, 0.12])
def test_strengths_are_restored_on_the_support(share):
    graph = random_chain(0, units=(40, 50, 30), share=share)
    other = shuffled(graph, null="strengths", seed=1)
    for old, new in zip(graph.blocks, other.blocks, strict=True):
        assert np.array_equal(old.weights > 0, new.weights > 0)
        for axis in (0, 1):
            assert new.weights.sum(axis=axis) == pytest.approx(old.weights.sum(axis=axis), rel=1e-3)
        assert np.abs(old.weights - new.weights).max() > 0.1


@pytest.mark.parametrize("area", [1, 4, 49])
def test_initialization_is_glorot_uniform(area):
    layers = tuple(Layer(name=name, units=count, kind="dense") for name, count in (("a", 60), ("b", 40)))
    zeros = np.zeros((60, 40), np.float32)
    zeros[0, 0] = 1
    block = Block(source="a", target="b", weights=zeros, tied="ab", area=area, fan_in=60 * area, fan_out=40 * area)
    graph = LayeredGraph(name="first", layers=layers, blocks=(block,))
    drawn = shuffled(graph, null="initialization", seed=0).blocks[0].weights
    limit = np.sqrt(6 / (100 * area))
    assert drawn.mean() == pytest.approx(area * limit / 2, rel=0.03)
    assert drawn.std() == pytest.approx(limit * np.sqrt(area / 12), rel=0.05)
    assert 0 <= drawn.min() <= drawn.max() <= area * limit * 1.001
    assert (drawn > 0).mean() > 0.99


@pytest.mark.parametrize("null", NULLS)
def test_copies_of_one_weight_stay_copies(null):
    other = shuffled(residual(0), null=null, seed=3)
    copies = [block.weights for block in other.blocks if block.tied == "shared"]
    assert len(copies) == 3
    assert all(copy is copies[0] for copy in copies)


@pytest.mark.parametrize("null", ["all", "support"])
def test_copies_with_different_gains_are_permuted_alike(null):
    layers = tuple(Layer(name=name, units=9, kind="dense") for name in "abc")
    one = np.random.default_rng(0).random((9, 9), dtype=np.float32)
    pair = {"a": one, "b": 3 * one}
    blocks = [Block(source=name, target="c", weights=weights, tied="w") for name, weights in pair.items()]
    link = Block(source="a", target="b", weights=one.T.copy(), tied="ab")
    other = shuffled(LayeredGraph(name="gains", layers=layers, blocks=(link, *blocks)), null=null, seed=0)
    assert other.blocks[2].weights == pytest.approx(3 * other.blocks[1].weights, rel=1e-5)
    assert not np.allclose(other.blocks[1].weights, one)


@pytest.mark.parametrize("null", NULLS)
def test_no_weight_where_none_can_be(null):
    other = shuffled(grouped(0), null=null, seed=0)
    thin = other.blocks[2].weights
    assert sparse.issparse(thin)
    assert (np.diag(np.diag(thin.toarray())) == thin.toarray()).all()
    assert [block.source_start for block in other.blocks] == [0, 6, 0]


@pytest.mark.parametrize("mode", ["paper", "refined"])
@pytest.mark.parametrize("null", NULLS)
def test_many_shuffles_are_as_one_by_one(null, mode):
    graph = random_chain(0, units=(30, 24, 20), share=0.5)
    found = null_ncuts(graph, null=null, shuffles=3, clusters=3, mode=mode, seed=5)
    for seed, value in zip(np.random.SeedSequence(5).generate_state(3).tolist(), found, strict=True):
        alone = partition(shuffled(graph, null=null, seed=seed), clusters=3, mode=mode, seed=seed)
        assert value == pytest.approx(alone.ncut, abs=0.02)
    assert found.shape == (3,)
    assert len(set(found)) == 3


def test_sharing_the_work_changes_no_number():
    graph = random_chain(0, units=(20, 20, 10))
    how = {"null": "all", "shuffles": 4, "clusters": 3, "seed": 1}
    assert null_ncuts(graph, **how, jobs=2).tolist() == null_ncuts(graph, **how).tolist()


def test_progress_is_reported():
    heard = []
    with listening(lambda done, total, what: heard.append((done, total, what))):
        null_ncuts(random_chain(0), null="all", shuffles=2, clusters=2)
    assert heard == [(done, 2, "shuffled networks") for done in (0, 1, 2)]


def test_a_network_with_groups_is_better_than_its_shuffles():
    weights = np.kron(np.eye(4), np.ones((10, 10))) + 0.1 * np.random.default_rng(0).random((40, 40))
    graph = chain([weights, weights])
    found = null_ncuts(graph, null="all", shuffles=10, clusters=4)
    assert partition(graph, clusters=4).ncut < found.min() - 1


def test_permutations_are_fair():
    counts = np.zeros((5, 5))
    state = np.array([3], np.uint64)
    for _ in range(5000):
        row = np.arange(5, dtype=np.float32)
        permute(row, state)
        counts[np.arange(5), row.astype(int)] += 1
    assert np.abs(counts / 5000 - 0.2).max() < 0.03


def test_chosen_places_are_fair():
    state, taken, counts = np.array([4], np.uint64), np.zeros(8, np.uint8), np.zeros(8)
    for _ in range(4000):
        choose(taken, 3, state)
        assert taken.sum() == 3
        counts += taken
    assert np.abs(counts / 4000 - 3 / 8).max() < 0.04


def test_bad_input_is_named():
    graph = random_chain(0)
    with pytest.raises(ValueError, match="null is 'some'"):
        shuffled(graph, null="some", seed=0)
    with pytest.raises(ValueError, match="shuffles is 0"):
        null_ncuts(graph, null="all", shuffles=0)
