"""Are small convolutional networks more clusterable than the same weights shuffled?

Filan et al. 2021, "Clusterability in Neural Networks", whose answer is mixed. One trial trains a network for each
condition, all of them from one set of first weights, so differences between conditions are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.datasets.images import Images
from probatum.datasets.loading import load_images
from probatum.datasets.side_by_side import side_by_side
from probatum.datasets.smaller_pictures import smaller_pictures
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune
from probatum.networks.clusterable_initialization import make_clusterable
from probatum.networks.small_cnn import convolution_graph, small_cnn
from probatum.progress import track
from probatum.structure.clusterability_metrics import both_ways
from probatum.structure.partitioning import null_ncuts, partition

DROPOUT = (0.25, 0.5)  # behind each pooling, behind the dense layer
PENALTY = 5e-5  # of L1 and of L2, as in the authors' code
CONDITIONS = ("control", "dropout", "l1", "l2", "clusterable", "stacked_same", "stacked_diff")


def clusterability_of_cnns(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    conditions: Sequence[str] = ("control", "l2", "clusterable"),
    shrink: int = 2,
    images: int = 30_000,
    epochs: int = 5,
    pruning_epochs: int = 5,
    clusters: int = 12,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train networks of three convolutions of 64 channels, prune them to 10 %, and compare them with their shuffles.

    `shrink`: by how much the pictures are made smaller on each side. Conditions: `control`; `dropout` (0.25 and
    0.5); `l1`, `l2` (5e-5 on the weights of all layers); `clusterable` (first weights with 10 modules);
    `stacked_same`, `stacked_diff` (two pictures as two channels). Metrics are named CONDITION_PHASE_WHAT with the
    phase `unpruned` or `pruned`: `ncut`, `null_mean`, `null_sd`, `z`, `p`, `support_*`, `refined_*`, `gap`,
    `accuracy`, `train_accuracy`, as in clusterability_of_mlps; and `init_ncut`, `init_sd`,
    `clusterable_init_ncut`. Raises `ValueError` for an unknown condition, `CannotRun` where the data set is not
    on this machine.
    """
    if isinstance(conditions, str) or not conditions or not set(conditions) <= set(CONDITIONS):
        raise ValueError(f"conditions {conditions!r}: give a list of some of {', '.join(CONDITIONS)}")
    pictures = smaller_pictures(load_images(dataset).subset(images, seed=seed), factor=shrink)
    metrics: dict[str, float] = {}
    for condition in track(conditions, total=len(conditions), what="conditions"):
        given = _data(pictures, condition, seed=seed)
        _, size, _, channels = given.train_x.shape
        dropout = DROPOUT if condition == "dropout" else (0.0, 0.0)
        network = small_cnn(size=size, channels=channels, classes=given.classes, dropout=dropout, seed=seed)
        if not metrics:
            untrained = null_ncuts(
                convolution_graph(network),
                null="initialization",
                shuffles=max(shuffles // 2, 1),
                clusters=clusters,
                mode="paper",
                seed=seed,
            )
            metrics = {"init_ncut": float(untrained.mean()), "init_sd": float(untrained.std())}
        if condition == "clusterable":
            make_clusterable(network, shrink=0.8, seed=seed)
            start = partition(convolution_graph(network), clusters=clusters, mode="paper", seed=seed)
            metrics["clusterable_init_ncut"] = start.ncut
        recipe = _recipe(condition, epochs, pruning_epochs)
        for phase, after in train_and_prune(network, given, recipe=recipe, seed=seed).items():
            found = both_ways(convolution_graph(after.network), seed=seed, clusters=clusters, shuffles=shuffles)
            found |= after.scores()
            metrics |= {f"{condition}_{phase}_{what}": value for what, value in found.items()}
    return metrics


def _data(pictures: Images, condition: str, *, seed: int) -> Images:
    if condition == "stacked_same":
        return side_by_side(pictures, pairing="stacked_same", seed=seed)
    if condition == "stacked_diff":
        return side_by_side(pictures, pairing="stacked_diff", seed=seed)
    return pictures


def _recipe(condition: str, epochs: int, pruning_epochs: int) -> ClassifierRecipe:
    return ClassifierRecipe(
        epochs=epochs,
        pruning_epochs=pruning_epochs,
        batch=64,
        l1=PENALTY if condition == "l1" else 0.0,
        l2=PENALTY if condition == "l2" else 0.0,
    )
