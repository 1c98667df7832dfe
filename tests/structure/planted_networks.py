"""Small graphs in which modules are planted, and graphs without any."""

from itertools import pairwise

import numpy as np

from probatum.networks.layered_graph import Block, Layer, LayeredGraph

WIDTHS = (24, 24, 24, 24)


def chain(blocks, name="net", outputs=()):
    """A chain of dense layers with these sizes of edges, (source units, target units) each."""
    widths = [len(blocks[0]), *(block.shape[1] for block in blocks)]
    places = dict(enumerate(outputs))
    layers = [
        Layer(name=f"layer{n}", units=units, kind="dense" if n else "input", output=places.get(n))
        for n, units in enumerate(widths)
    ]
    edges = [
        Block(source=f"layer{n}", target=f"layer{n + 1}", weights=np.asarray(block, np.float32), tied=f"weight{n}")
        for n, block in enumerate(blocks)
    ]
    return LayeredGraph(name=name, layers=tuple(layers), blocks=tuple(edges))


def modules_of(widths=WIDTHS, modules=4):
    """The planted module of each unit: in each layer the units are dealt to the modules in runs."""
    return np.concatenate([np.arange(width) * modules // width for width in widths])


def planted(*, seed=0, inside=1.0, outside=0.1, widths=WIDTHS, modules=4, name="net"):
    """A chain whose units fall into modules: weights are larger inside them than outside."""
    rng = np.random.default_rng(seed)
    belongs = np.split(modules_of(widths, modules), np.cumsum(widths)[:-1])
    return chain(
        [
            rng.uniform(0.5, 1.5, (len(a), len(b))) * np.where(a[:, None] == b, inside, outside)
            for a, b in pairwise(belongs)
        ],
        name=name,
    )


def structureless(*, seed=0, name="net"):
    return planted(seed=seed, inside=1.0, outside=1.0, name=name)
