"""Does a trained network fall into hundreds or thousands of clusters better than its shuffles do?

A question that Filan et al. 2021, "Clusterability in Neural Networks", left open: they cut every network into 12.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.datasets.loading import load_images
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.mlp import mlp, mlp_graph
from probatum.progress import track
from probatum.structure.clusterability import clusterability


def clusterability_in_many_clusters(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    clusters: Sequence[int] = (4, 12, 100, 300, 1000),
    width: int = 1024,
    images: int = 50_000,
    epochs: int = 5,
    pruning_epochs: int = 0,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train a multi-layer perceptron of four hidden layers and cut it into each of the numbers of clusters.

    `clusters`: numbers of clusters, at most the number of units on the smaller side of the network (of every second
    layer). Cuts are refined, zeros stay in place. Metrics for each number K and phase (`unpruned`, and `pruned` if
    `pruning_epochs` are given): PHASE_ncut_K, PHASE_null_mean_K, PHASE_gap_K (share of the shuffles' n-cut that is
    missing), PHASE_z_K; and PHASE_accuracy. Raises `ValueError` for too many clusters, `CannotRun` where the data
    set is not on this machine.
    """
    if not clusters:
        raise ValueError("clusters is empty: give at least one number of clusters")
    pictures = load_images(dataset).subset(images, seed=seed)
    widths = (pictures.train_x[0].size, *[width] * 4, pictures.classes)
    recipe = ClassifierRecipe(epochs=epochs, pruning_epochs=pruning_epochs)
    phases = train_and_prune(mlp(widths=widths, seed=seed), pictures, recipe=recipe, seed=seed)
    metrics: dict[str, float] = {}
    for phase, after in phases.items():
        graph = mlp_graph(after.network)
        metrics[f"{phase}_accuracy"] = after.accuracy
        for number in track(clusters, total=len(clusters), what="numbers of clusters"):
            found = clusterability(graph, clusters=number, shuffles=shuffles, seed=seed, repeats=0)
            metrics[f"{phase}_ncut_{number}"] = found.ncut
            metrics[f"{phase}_null_mean_{number}"] = found.null_mean
            metrics[f"{phase}_gap_{number}"] = found.gap
            metrics[f"{phase}_z_{number}"] = float("nan") if found.z is None else found.z
    return metrics
