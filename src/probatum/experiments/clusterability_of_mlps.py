"""Are trained multi-layer perceptrons more clusterable than the same weights shuffled, and what changes it?

Filan et al. 2021, "Clusterability in Neural Networks". One trial trains a network for each condition, all of them
from one set of first weights, so differences between conditions are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from probatum.datasets.images import Images
from probatum.datasets.lines import lines
from probatum.datasets.loading import load_images
from probatum.datasets.polynomials import Regression, polynomials
from probatum.datasets.random_labels import with_random_labels
from probatum.datasets.side_by_side import side_by_side
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.clusterable_initialization import make_clusterable
from probatum.networks.mlp import mlp, mlp_graph
from probatum.progress import track
from probatum.structure.clusterability_metrics import both_ways
from probatum.structure.partitioning import null_ncuts, partition

Data = Images | Regression
HIDDEN = (256, 256, 256, 256)
DROPOUT = 0.5
PENALTY = 5e-5  # of L1 and of L2, as in the authors' code
PICTURES = ("halves_same", "halves_diff", "random_labels")  # conditions that need pictures and classes
DEFAULT = ("control", "dropout", "l1", "l2", "clusterable", *PICTURES)
CONDITIONS = (*DEFAULT, "l2_l1_first")


def clusterability_of_mlps(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    conditions: Sequence[str] = DEFAULT,
    images: int = 60_000,
    epochs: int = 8,
    pruning_epochs: int = 8,
    clusters: int = 12,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train networks of four hidden layers of 256 units, prune them to 10 %, and compare them with their shuffles.

    `dataset`: pictures that can be loaded by name, or lines or polynomials, which are made up; `images`: how many
    examples. Conditions: `control`; `dropout` (0.5); `l1`, `l2` (5e-5 on the weights of all layers); `l2_l1_first`
    (as l2, but L1 on the first layer, as the authors' code has it); `clusterable` (first weights with 10 modules);
    `halves_same`, `halves_diff` (two pictures side by side); `random_labels`. Metrics are named
    CONDITION_PHASE_WHAT with the phase `unpruned` or `pruned`. By the paper's way (spectral, all weights
    shuffled): `ncut`, `null_mean`, `null_sd`, `z`, `p`; with refined cuts and the zeros left in place:
    `refined_ncut`, `refined_null_mean`, `refined_z`, `gap` (share of the shuffles' n-cut that is missing); where
    there are zeros, by the paper's way with the zeros left in place: `support_null_mean`, `support_z`,
    `support_p`; and `accuracy`, `train_accuracy`. Without a condition: `init_ncut`, `init_sd`, of untrained
    networks, and `clusterable_init_ncut`.
    Raises `ValueError` for an unknown condition, `CannotRun` where the data set is not on this machine.
    """
    data = _load(dataset, images, seed=seed)
    _check(conditions, data)
    inputs = data.train_x[0].size
    outputs = data.classes if isinstance(data, Images) else data.train_y.shape[1]
    widths = (inputs, *HIDDEN, outputs)
    untrained = null_ncuts(
        mlp_graph(mlp(widths=widths, seed=seed)),
        null="initialization",
        shuffles=max(shuffles // 2, 1),
        clusters=clusters,
        mode="paper",
        seed=seed,
    )
    metrics = {"init_ncut": float(untrained.mean()), "init_sd": float(untrained.std())}
    for condition in track(conditions, total=len(conditions), what="conditions"):
        network = mlp(widths=widths, dropout=DROPOUT if condition == "dropout" else 0.0, seed=seed)
        if condition == "clusterable":
            make_clusterable(network, seed=seed)
            start = partition(mlp_graph(network), clusters=clusters, mode="paper", seed=seed)
            metrics["clusterable_init_ncut"] = start.ncut
        recipe = _recipe(condition, epochs, pruning_epochs)
        trained = train_and_prune(network, _data(data, condition, seed=seed), recipe=recipe, seed=seed)
        for phase, after in trained.items():
            found = both_ways(mlp_graph(after.network), seed=seed, clusters=clusters, shuffles=shuffles)
            found |= after.scores()
            metrics |= {f"{condition}_{phase}_{what}": value for what, value in found.items()}
    return metrics


def _load(dataset: str, count: int, *, seed: int) -> Data:
    if dataset == "polynomials":
        return polynomials(train=count, seed=seed)
    if dataset == "lines":
        return lines(train=count, seed=seed)
    return load_images(dataset).subset(count, seed=seed)


def _check(conditions: Sequence[str], data: Data) -> None:
    possible = [name for name in CONDITIONS if isinstance(data, Images) or name not in PICTURES]
    if isinstance(conditions, str) or not conditions or not set(conditions) <= set(possible):
        raise ValueError(f"conditions {conditions!r} for {data.name}: give a list of some of {', '.join(possible)}")


def _data(data: Data, condition: str, *, seed: int) -> Data:
    if not isinstance(data, Images):
        return data
    if condition == "random_labels":
        return with_random_labels(data, seed=seed)
    if condition == "halves_same":
        return side_by_side(data, pairing="halves_same", seed=seed)
    if condition == "halves_diff":
        return side_by_side(data, pairing="halves_diff", seed=seed)
    return data


def _recipe(condition: str, epochs: int, pruning_epochs: int) -> ClassifierRecipe:
    recipe = ClassifierRecipe(epochs=epochs, pruning_epochs=pruning_epochs)
    return replace(
        recipe,
        l1=PENALTY if condition == "l1" else 0.0,
        l2=PENALTY if condition.startswith("l2") else 0.0,
        l1_first=condition == "l2_l1_first",
    )
