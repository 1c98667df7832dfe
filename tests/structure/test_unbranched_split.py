import numpy as np
import pytest

from probatum.networks.layered_graph import Block, Layer, LayeredGraph
from probatum.structure.implicit_branches import implicit_branches
from probatum.structure.unbranched_split import unbranched_split

RNG = np.random.default_rng(0)
FILTERS = RNG.normal(size=(16, 3, 5, 5)).astype(np.float32)
READERS = {"a": RNG.normal(size=(6, 16, 3, 3)), "b": RNG.normal(size=(5, 16, 1, 1))}


def graph(last=False):
    layers = [
        Layer(name="input", units=3, kind="input"),
        Layer(name="first", units=16, kind="convolution", weights=FILTERS),
    ]
    layers += [Layer(name=name, units=len(weights), kind="convolution") for name, weights in READERS.items()]
    sums = {name: np.abs(weights).sum(axis=(2, 3)).T.astype(np.float32) for name, weights in READERS.items()}
    blocks = [Block(source="input", target="first", weights=np.abs(FILTERS).sum(axis=(2, 3)).T, tied="first")]
    blocks += [
        Block(source="first", target=name, weights=weights, tied=name, area=READERS[name][0, 0].size)
        for name, weights in sums.items()
    ]
    if last:
        layers.append(Layer(name="last", units=4, kind="convolution", weights=FILTERS[:4]))
        blocks.append(Block(source="a", target="last", weights=np.ones((6, 4), np.float32), tied="last"))
    return LayeredGraph(name="net", layers=tuple(layers), blocks=tuple(blocks))


def test_it_is_the_same_as_from_the_arrays():
    split = unbranched_split(graph(), draws=99)
    assert (split.layer, split.readers) == ("first", ("a", "b"))
    assert "first, read by a, b: colour share of 16 units" in split.summary()
    found = split.found
    strengths = np.concatenate([np.abs(weights).mean(axis=(2, 3)) for weights in READERS.values()])
    expected = implicit_branches(FILTERS, second=strengths, draws=99)
    assert (found.units, found.targets) == (16, 11)
    for one, other in zip(found.cells, expected.cells, strict=True):
        assert one.rho == pytest.approx(other.rho)
        assert one.energy == pytest.approx(other.energy, rel=1e-5)


def test_layers_that_will_not_do():
    with pytest.raises(ValueError, match="nothing reads 'last'"):
        unbranched_split(graph(last=True), layer="last")
    with pytest.raises(ValueError, match="'input' is no convolution over pictures, but input"):
        unbranched_split(graph(), layer="input")
    with pytest.raises(ValueError, match="it has input, first, a, b"):
        unbranched_split(graph(), layer="c")
    later = graph().keep(lambda layer: layer.name != "input")
    with pytest.raises(ValueError, match="no convolution reads pictures"):
        unbranched_split(later)
