"""What should a network's clusterability be compared with? Four kinds of shuffle, one network before and after pruning.

Filan et al. 2021, "Clusterability in Neural Networks", shuffle all weights of a layer. That also moves the zeros
of a pruned network; other shuffles leave more in place.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from probatum.datasets.loading import load_images
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.mlp import mlp, mlp_graph
from probatum.progress import track
from probatum.structure.clusterability import clusterability
from probatum.structure.partitioning import Mode, Null

HIDDEN = (256, 256, 256, 256)


def clusterability_by_null(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    dropout: float = 0.0,
    images: int = 60_000,
    epochs: int = 8,
    pruning_epochs: int = 8,
    clusters: int = 12,
    shuffles: int = 100,
) -> Mapping[str, float]:
    """Train and prune one multi-layer perceptron and compare it with every kind of shuffle, by both ways of cutting.

    The kinds: `all` weights permuted in each layer; those that are not zero among their places (`support`); the
    same with each unit's sum of weights restored (`strengths`); untrained networks (`initialization`). Metrics are
    named PHASE_MODE_KIND_WHAT with the phase `unpruned` or `pruned`, the mode `paper` or `refined`, and `z`, `p`,
    `gap`; besides, PHASE_MODE_ncut, PHASE_MODE_solver_sd (the same network cut again ten times), PHASE_accuracy.
    Raises `CannotRun` where the data set is not on this machine.
    """
    pictures = load_images(dataset).subset(images, seed=seed)
    widths = (pictures.train_x[0].size, *HIDDEN, pictures.classes)
    recipe = ClassifierRecipe(epochs=epochs, pruning_epochs=pruning_epochs)
    phases = train_and_prune(mlp(widths=widths, dropout=dropout, seed=seed), pictures, recipe=recipe, seed=seed)
    kinds: tuple[Null, ...] = get_args(Null)
    modes: tuple[Mode, ...] = get_args(Mode)
    metrics: dict[str, float] = {}
    for phase, after in phases.items():
        graph = mlp_graph(after.network)
        metrics[f"{phase}_accuracy"] = after.accuracy
        pairs = [(mode, kind) for mode in modes for kind in kinds]
        for mode, kind in track(pairs, total=len(pairs), what="comparisons"):
            repeats = 10 if kind == kinds[0] else 0
            found = clusterability(
                graph, clusters=clusters, mode=mode, null=kind, shuffles=shuffles, seed=seed, repeats=repeats
            )
            if found.solver_sd is not None:
                metrics |= {f"{phase}_{mode}_ncut": found.ncut, f"{phase}_{mode}_solver_sd": found.solver_sd}
            z = float("nan") if found.z is None else found.z
            metrics |= {
                f"{phase}_{mode}_{kind}_{what}": value for what, value in (("z", z), ("p", found.p), ("gap", found.gap))
            }
    return metrics
