"""Clusterability as named numbers, by the paper's way and by the refined one side by side, for experiments.

Filan et al. 2021, "Clusterability in Neural Networks": spectral clustering against a shuffle of all weights. The
refined way lowers the n-cut itself and leaves the zeros where they are, so that sparsity alone is no evidence.
"""

from __future__ import annotations

import math

import numpy as np

from probatum.networks.layered_graph import LayeredGraph
from probatum.structure.clusterability import Clusterability, clusterability
from probatum.structure.partitioning import Mode, Null


def both_ways(graph: LayeredGraph, *, seed: int, clusters: int = 12, shuffles: int = 50) -> dict[str, float]:
    """Measure the graph by both ways and return the numbers by name.

    By the paper's way: `ncut`, `null_mean`, `null_sd`, `z` and `p`; where more than 1 % of the weights are zero,
    also `support_null_mean`, `support_z` and `support_p`, from shuffles of the others among their places. By the
    refined way, which always shuffles so: `refined_ncut`, `refined_null_mean`, `refined_z` and `gap`, the part of
    the shuffles' n-cut that is missing.
    """

    def measured(mode: Mode, null: Null) -> Clusterability:
        return clusterability(graph, clusters=clusters, mode=mode, null=null, shuffles=shuffles, seed=seed, repeats=0)

    paper, refined = measured("paper", "all"), measured("refined", "support")
    names = ("ncut", "null_mean", "null_sd", "z", "p")
    found = {name: _number(getattr(paper, name)) for name in names}
    if _share_of_zeros(graph) > 0.01:
        support = measured("paper", "support")
        found |= {f"support_{name}": _number(getattr(support, name)) for name in ("null_mean", "z", "p")}
    found |= {f"refined_{name}": _number(getattr(refined, name)) for name in ("ncut", "null_mean", "z")}
    return found | {"gap": refined.gap}


def _share_of_zeros(graph: LayeredGraph) -> float:
    """Part of the weights that the graph's blocks store and that are zero."""
    values = [block.weights if isinstance(block.weights, np.ndarray) else block.weights.data for block in graph.blocks]
    return 1 - sum(np.count_nonzero(part) for part in values) / sum(part.size for part in values)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
