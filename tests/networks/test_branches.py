import numpy as np
import pytest
from scipy import sparse

from probatum.networks.branches import branches
from probatum.networks.layered_graph import Block, Concatenation, Layer, LayeredGraph


def layer(name, units, kernel=1, groups=1):
    return Layer(name=name, units=units, kind="convolution", groups=groups, weights=np.ones((units, 1, kernel, kernel)))


def block(source, target, shape, source_start=0, target_start=0):
    return Block(
        source=source,
        target=target,
        weights=np.ones(shape, np.float32),
        tied=target,
        source_start=source_start,
        target_start=target_start,
    )


def inception():
    layers = [layer("stem", 6, 7), layer("narrow", 4), layer("one", 3), layer("three", 5, 3), layer("pooled", 2)]
    blocks = [("stem", "narrow"), ("stem", "one"), ("narrow", "three"), ("stem", "pooled")]
    sizes = {one.name: one.units for one in layers}
    joined = Concatenation(name="cat", parts=(("one", 0, 3), ("three", 0, 5), ("pooled", 0, 2)))
    return LayeredGraph(
        name="inception",
        layers=tuple(layers),
        blocks=tuple(block(a, b, (sizes[a], sizes[b])) for a, b in blocks),
        concatenations=(joined,),
    )


def alexnet():
    layers = (layer("conv1", 6, 11), layer("conv2", 8, 5, groups=2), layer("conv3", 4, 3))
    halves = [block("conv1", "conv2", (3, 4), start, reads) for start, reads in ((0, 0), (3, 4))]
    return LayeredGraph(name="alexnet", layers=layers, blocks=(*halves, block("conv2", "conv3", (8, 4))))


def test_parts_of_a_concatenation_and_how_far_they_look():
    (found,) = branches(inception())
    assert (found.name, found.kind) == ("cat", "concatenation")
    assert [(branch.name, len(branch.units), branch.extent) for branch in found.branches] == [
        ("one", 3, 1),
        ("three", 5, 3),
        ("pooled", 2, 1),
    ]
    assert found.members == ("one",) * 3 + ("three",) * 5 + ("pooled",) * 2
    values = {"one": np.arange(3.0), "three": np.arange(5.0) + 10, "pooled": np.arange(2.0) + 20}
    assert found.gather(values).tolist() == [0, 1, 2, 10, 11, 12, 13, 14, 20, 21]


def test_groups_and_the_layer_whose_readers_are_grouped():
    first, second = branches(alexnet())
    assert (first.name, first.kind, second.name, second.kind) == ("conv1", "readers", "conv2", "groups")
    assert [branch.units for branch in first.branches] == [(0, 1, 2), (3, 4, 5)]
    assert [branch.units for branch in second.branches] == [(0, 1, 2, 3), (4, 5, 6, 7)]


def test_sparse_readers_are_followed_to_their_units():
    weights = np.kron(np.eye(2), np.ones((3, 3), np.float32)).astype(np.float32)
    one = Block(source="a", target="b", weights=sparse.csr_array(weights), tied="b")
    graph = LayeredGraph(name="net", layers=(layer("a", 6), layer("b", 6)), blocks=(one,))
    (found,) = branches(graph)
    assert [branch.units for branch in found.branches] == [(0, 1, 2), (3, 4, 5)]


def test_a_reader_of_everything_joins_the_branches():
    graph = alexnet()
    open_wall = graph.with_blocks([*graph.blocks, block("conv1", "conv3", (6, 4))])
    assert [one.name for one in branches(open_wall)] == ["conv2"]


def test_depthwise_and_skip_connections_are_no_branches():
    depthwise = Block(source="a", target="b", weights=sparse.csr_array(np.eye(4, dtype=np.float32)), tied="b")
    skip = Concatenation(name="skip", parts=(("a", 0, 4), ("b", 0, 4)))
    layers = (layer("a", 4), layer("b", 4, 3, groups=4))
    graph = LayeredGraph(name="net", layers=layers, blocks=(depthwise,), concatenations=(skip,))
    assert branches(graph) == []


def test_unknown_place_names_what_there_is():
    assert len(branches(alexnet(), "conv2")) == 1
    with pytest.raises(ValueError, match="no branches at 'conv3'; there are branches at 'conv1', 'conv2'"):
        branches(alexnet(), "conv3")
