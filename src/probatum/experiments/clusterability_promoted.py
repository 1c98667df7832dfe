"""Can a small network be made clusterable while it trains, and what does that cost in accuracy?

Filan et al. 2021, "Clusterability in Neural Networks": a penalty on the Laplacian's small eigenvalues, or first
weights with built-in clusters. One trial trains the networks from one set of first weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from probatum.datasets.loading import load_images
from probatum.datasets.smaller_pictures import smaller_pictures
from probatum.networks.classifier_training import ClassifierRecipe, Trained, train_and_prune
from probatum.networks.clusterable_initialization import make_clusterable
from probatum.networks.mlp import mlp, mlp_graph
from probatum.networks.unit_norm import rescale_units
from probatum.progress import track
from probatum.structure.clusterability_metrics import both_ways
from probatum.structure.ncut_regularizer import ncut_penalty

HIDDEN = (64, 64, 64)
CONDITIONS = ("control", "rescaled", "regularized", "clusterable")


def clusterability_promoted(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    conditions: Sequence[str] = CONDITIONS,
    shrink: int = 4,
    images: int = 60_000,
    epochs: int = 10,
    pruning_epochs: int = 10,
    strength: float = 0.05,
    clusters: int = 12,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train networks of three hidden layers of 64 units on pictures made smaller by `shrink`, then prune them.

    Conditions: `control`; `regularized`, with `strength` times the mean of the Laplacian eigenvalues 2 to 4 added
    to the loss at every step and units held at one length; `rescaled`, with the length alone; `clusterable`, first
    weights with 10 modules. (The authors' strength is 0.1, but the gradient in their code is half the true one.)
    Metrics are named CONDITION_PHASE_WHAT with the phase `unpruned` or `pruned`, as in clusterability_of_mlps.
    Raises `ValueError` for an unknown condition, `CannotRun` where the data set is not on this machine.
    """
    if isinstance(conditions, str) or not conditions or not set(conditions) <= set(CONDITIONS):
        raise ValueError(f"conditions {conditions!r}: give a list of some of {', '.join(CONDITIONS)}")
    pictures = smaller_pictures(load_images(dataset).subset(images, seed=seed), factor=shrink)
    widths = (pictures.train_x[0].size, *HIDDEN, pictures.classes)
    recipe = ClassifierRecipe(epochs=epochs, pruning_epochs=pruning_epochs)
    metrics: dict[str, float] = {}
    for condition in track(conditions, total=len(conditions), what="conditions"):
        network = mlp(widths=widths, seed=seed)
        if condition == "clusterable":
            make_clusterable(network, seed=seed)
        phases: Mapping[str, Trained] = train_and_prune(
            network,
            pictures,
            recipe=recipe,
            seed=seed,
            penalty=_penalty(strength) if condition == "regularized" else None,
            before_batch=rescale_units if condition in {"rescaled", "regularized"} else None,
        )
        for phase, after in phases.items():
            found = both_ways(mlp_graph(after.network), seed=seed, clusters=clusters, shuffles=shuffles)
            found |= after.scores()
            metrics |= {f"{condition}_{phase}_{what}": value for what, value in found.items()}
    return metrics


def _penalty(strength: float) -> Any:
    def penalty(network: Any) -> Any:
        return strength * ncut_penalty(network, eigenvalues=3)

    return penalty
