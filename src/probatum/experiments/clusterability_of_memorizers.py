"""Is a network that has memorized random labels as clusterable as one that has learned true ones?

A question that Filan et al. 2021, "Clusterability in Neural Networks", left open: does modularity come from any
training, or from what there is to learn?
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.datasets.loading import load_images
from probatum.datasets.random_labels import random_pixels, with_random_labels
from probatum.networks.classifier_training import ClassifierRecipe, Trained, train_and_prune
from probatum.networks.mlp import mlp, mlp_graph
from probatum.progress import track
from probatum.structure.clusterability_metrics import both_ways

HIDDEN = (256, 256, 256, 256)
ENOUGH = 0.995  # of the training pictures answered as told: memorized


def clusterability_of_memorizers(
    *,
    seed: int,
    dataset: str = "fashion_mnist",
    images: int = 5_000,
    epochs: int = 500,
    clusters: int = 12,
    shuffles: int = 50,
) -> Mapping[str, float]:
    """Train one network until it has memorized random labels, and others for as long, and measure each.

    All have four hidden layers of 256 units, the same first weights and `images` pictures: `labels` (true pictures,
    random classes) is trained until 99.5 % of its training pictures are answered as told, at most for `epochs`;
    `control` (true classes) for as many epochs; `fitted` (true classes) only until it fits as well; `pixels`
    (random pixels and classes) until it fits. Metrics are named CONDITION_WHAT, as in clusterability_of_mlps; and
    CONDITION_epochs. Raises `CannotRun` where the data set is not on this machine.
    """
    pictures = load_images(dataset).subset(images, seed=seed)
    _, size, _, channels = pictures.train_x.shape
    labels = with_random_labels(pictures, seed=seed)
    pixels = random_pixels(train=images, test=1_000, side=size, channels=channels, classes=pictures.classes, seed=seed)
    trained: dict[str, Trained] = {}
    data = {"labels": labels, "control": pictures, "fitted": pictures, "pixels": pixels}
    for name, given in track(data.items(), total=len(data), what="conditions"):
        recipe = (
            ClassifierRecipe(epochs=trained["labels"].epochs)
            if name == "control"
            else ClassifierRecipe(epochs=epochs, enough=ENOUGH)
        )
        network = mlp(widths=(given.train_x[0].size, *HIDDEN, pictures.classes), seed=seed)
        trained[name] = train_and_prune(network, given, recipe=recipe, seed=seed)["unpruned"]
    metrics: dict[str, float] = {}
    for name, after in track(trained.items(), total=len(trained), what="networks measured"):
        found = both_ways(mlp_graph(after.network), seed=seed, clusters=clusters, shuffles=shuffles)
        found |= after.scores() | {"epochs": float(after.epochs)}
        metrics |= {f"{name}_{what}": value for what, value in found.items()}
    return metrics
