"""How the cost of clusterability grows: with width, depth, clusters and shuffles, up to ResNet-50's channels."""

from __future__ import annotations

import resource
import sys
import time
from pathlib import Path

from clusterability_networks import MLP, VGG16, chain
from measured import cpu_seconds, fresh
from threadpoolctl import threadpool_limits

from probatum.networks.layered_graph import LayeredGraph
from probatum.structure.partitioning import Mode, null_ncuts

HEAD = "| network | units | edges, million | clusters | mode | shuffles | CPU s | wall s | ms each | peak MB |"


def scaling(*, shuffles: int, jobs: int) -> None:
    """Print the table; each row is measured in an interpreter of its own, for the sake of its peak memory."""
    print(f"{HEAD}\n|{'---|' * 10}")
    for width in (64, 256, 1024, 4096):
        _row(f"MLP, 3 x {width}", (784, width, width, width, 10), 12, "refined", 20, 1)
    for depth in (2, 8, 32):
        _row(f"MLP, {depth} x 256", (784, *[256] * depth, 10), 12, "refined", 20, 1)
    for clusters in (2, 12, 48, 200, 1000):
        _row("VGG-16's channels", VGG16, clusters, "refined", 5, 1)
    for many in (20, 200, 1000):
        _row("MLP, 4 x 256", MLP, 12, "refined", many, 1)
    for mode in ("refined", "paper"):
        _row("ResNet-50's channels", (), 12, mode, shuffles, jobs)


def _row(title: str, units: tuple[int, ...], clusters: int, mode: Mode, shuffles: int, jobs: int) -> None:
    line = fresh(_measured, title, units, clusters, mode, shuffles, jobs)
    print(line, flush=True)


def _measured(title: str, units: tuple[int, ...], clusters: int, mode: Mode, shuffles: int, jobs: int) -> str:
    graph = chain(units, area=1, seed=0) if units else _resnet50()
    how = {"null": "support", "clusters": clusters, "mode": mode}
    null_ncuts(chain((40, 30, 20), area=1, seed=0), null="support", shuffles=1, clusters=2, mode=mode)
    cpu, wall = cpu_seconds(), time.perf_counter()
    with threadpool_limits(1):
        null_ncuts(graph, shuffles=shuffles, jobs=jobs, **how)
    wall = time.perf_counter() - wall
    _stop_workers()
    cpu = cpu_seconds() - cpu
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1000
    edges = sum(block.weights.size for block in graph.blocks) / 1e6
    cells = [title, f"{graph.units:,}", f"{edges:.2f}", clusters, mode, shuffles, f"{cpu:.1f}", f"{wall:.1f}"]
    return "| " + " | ".join(map(str, [*cells, f"{1000 * cpu / shuffles:.0f}", f"{peak:.0f}"])) + " |"


def _stop_workers() -> None:
    """End the processes that shared the work, so that their CPU seconds are counted."""
    from joblib.externals.loky import get_reusable_executor

    get_reusable_executor().shutdown(wait=True)


def _resnet50() -> LayeredGraph:
    import torch

    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "networks"))
    from sample_networks import resnet50

    from probatum.networks.from_torch import graph_from_torch

    torch.manual_seed(0)
    return graph_from_torch(resnet50(), torch.randn(1, 3, 224, 224))
