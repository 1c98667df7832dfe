"""What clusterability costs beside scikit-learn's spectral clustering: CPU seconds, one thread, one run.

python benchmarks/clusterability.py [--shuffles 50] [--epochs 5] [--without-many]
python benchmarks/clusterability.py --scaling [--jobs 2] [--shuffles 200]

The peer is configured as in Filan et al. 2021 (see `clusterability_peer`). Both sides do all of it: shuffle every
layer, build the graph, leave out units without edges, find 12 clusters, take the n-cut. They take turns, a few
shuffles each, so that a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
from clusterability_floor import floor_seconds
from clusterability_networks import VGG16, chain, trained_mlps
from clusterability_peer import matrices, peer_many, peer_ncut, shuffled_matrices
from clusterability_scaling import scaling
from threadpoolctl import threadpool_limits

from probatum.networks.layered_graph import LayeredGraph
from probatum.structure.partitioning import Mode, null_ncuts, partition

GOALS = {("mlp", "paper"): 40, ("mlp", "refined"): 60, ("vgg", "paper"): 40, ("vgg", "refined"): 40}
MANY = 1000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--shuffles", type=int, default=None)
    options.add_argument("--epochs", type=int, default=5)
    options.add_argument("--jobs", type=int, default=2)
    options.add_argument("--without-many", action="store_true", help="leave out 1,000 clusters (minutes of the peer)")
    options.add_argument("--scaling", action="store_true")
    given = options.parse_args()
    if given.scaling:
        scaling(shuffles=given.shuffles or 200, jobs=given.jobs)
        return
    with threadpool_limits(1):
        print("| graph | who | shuffles | CPU ms each | ratio | goal | floor ms | mean n-cut | sd |")
        print("|---|---|---|---|---|---|---|---|---|")
        for name, graph in trained_mlps(given.epochs).items():
            _compare(f"MLP, {name}", "mlp", graph, given.shuffles or 50, restarts=25)
        _compare("VGG-16's channels", "vgg", chain(VGG16, area=9, seed=0), 8, restarts=100)
        if not given.without_many:
            _many(chain(VGG16, area=9, seed=0))


def _compare(title: str, kind: str, graph: LayeredGraph, shuffles: int, *, restarts: int) -> None:
    """Print the rows of one graph: the peer, and both modes with the same number of shuffles."""
    weights, random = matrices(graph), np.random.default_rng(0)
    spent = {"peer": 0.0, "paper": 0.0, "refined": 0.0}
    found: dict[str, list[float]] = {who: [] for who in spent}
    modes: tuple[Mode, ...] = ("paper", "refined")
    for mode in modes:
        null_ncuts(graph, null="all", shuffles=1, mode=mode)  # compiles, or reads what was compiled
    rounds = max(1, shuffles // 10)
    for turn in range(rounds):
        many = shuffles // rounds
        for who in spent:
            start = time.process_time()
            if who == "peer":
                shuffles_of_peer = (shuffled_matrices(weights, random) for _ in range(many))
                found[who] += [peer_ncut(one, clusters=12, restarts=restarts, seed=turn) for one in shuffles_of_peer]
            else:
                how = {"null": "all", "shuffles": many, "seed": turn}
                found[who] += null_ncuts(graph, mode="paper" if who == "paper" else "refined", **how).tolist()
            spent[who] += time.process_time() - start
    for who, seconds in spent.items():
        each = seconds / len(found[who])
        ratio = spent["peer"] / len(found["peer"]) / each
        floor = floor_seconds(graph, clusters=12, restarts=restarts) if who == "paper" else None
        row = [title, who, len(found[who]), f"{1000 * each:.1f}", f"{ratio:.1f}", GOALS.get((kind, who), "")]
        print(_line([*row, f"{1000 * floor:.1f}" if floor else "", *_spread(found[who])]), flush=True)


def _many(graph: LayeredGraph) -> None:
    """Print the rows for 1,000 clusters of one graph; the peer's restarts are extrapolated from one."""
    embedding, restart, value = peer_many(graph, clusters=MANY, seed=0)
    title = f"VGG-16's channels, k = {MANY}"
    peer = embedding + 100 * restart
    who = f"peer, {embedding + restart:.0f} s with 1 restart of k-means; 100 extrapolated"
    print(_line([title, who, 0, f"{1000 * peer:.0f}", "1.0", "", "", f"{value:.3f}", ""]), flush=True)
    modes: tuple[Mode, ...] = ("paper", "refined")
    for mode in modes:
        seconds, found = _timed(lambda mode=mode: partition(graph, clusters=MANY, mode=mode).ncut)
        ratio = f"{peer / seconds:.0f} ({(embedding + restart) / seconds:.0f} with 1 restart)"
        print(_line([title, mode, 0, f"{1000 * seconds:.0f}", ratio, 100, "", f"{found:.3f}", ""]), flush=True)


def _timed(work: Callable[[], float]) -> tuple[float, float]:
    start = time.process_time()
    value = work()
    return time.process_time() - start, value


def _spread(values: list[float]) -> list[str]:
    return [f"{np.mean(values):.4f}", f"{np.std(values):.4f}"]


def _line(cells: list[object]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


if __name__ == "__main__":
    main()
