import math

import numpy as np
import pytest

from probatum.datasets.images import Images
from probatum.errors import CannotRun
from probatum.experiments import (
    clusterability_by_null,
    clusterability_by_size,
    clusterability_in_many_clusters,
    clusterability_of_memorizers,
)

pytest.importorskip("torch")
pytest.importorskip("sklearn")

STUDIES = (
    clusterability_by_null,
    clusterability_by_size,
    clusterability_in_many_clusters,
    clusterability_of_memorizers,
)


def experiment(module):
    return getattr(module, module.__name__.rpartition(".")[2])


def pictures(channels=1, side=28, count=100):
    rng = np.random.default_rng(0)
    x = rng.integers(256, size=(count, side, side, channels), dtype=np.uint8)
    y = np.arange(count) % 10
    return Images(name="noise", train_x=x, train_y=y, test_x=x[:20], test_y=y[:20])


@pytest.mark.parametrize("module", STUDIES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_without_the_data_it_cannot_run(module, tmp_path, monkeypatch):
    monkeypatch.setenv("PROBATUM_FASHION_MNIST", str(tmp_path))
    with pytest.raises(CannotRun, match="Fashion-MNIST is not here"):
        experiment(module)(seed=0)


def test_sizes(monkeypatch):
    loaded = {"digits": pictures(side=8), "cifar10": pictures(channels=3, side=32)}
    monkeypatch.setattr(clusterability_by_size, "load_images", loaded.__getitem__)
    smaller = {
        name: clusterability_by_size.replace(variant, width=variant.width // 16)
        for name, variant in clusterability_by_size.VARIANTS.items()
    }
    monkeypatch.setattr(clusterability_by_size, "VARIANTS", smaller)
    metrics = experiment(clusterability_by_size)(seed=0, dataset="digits", images=50, epochs=1, clusters=3, shuffles=2)
    sizes = {name: metrics[f"{name}_units"] for name in smaller}
    assert sizes == {
        "standard": 64 + 64 + 10,
        "narrow": 64 + 16 + 10,
        "wide": 64 + 256 + 10,
        "shallow": 64 + 32 + 10,
        "deep": 64 + 128 + 10,
        "few": 64 + 64 + 10,
        "photographs": 784 + 64 + 10,
    }
    assert all(math.isfinite(metrics[f"{name}_{what}"]) for name in smaller for what in ("gap", "init_gap", "z"))
    with pytest.raises(ValueError, match="give a list of some of standard, narrow"):
        experiment(clusterability_by_size)(seed=0, variants=["huge"])


def test_grey_is_the_mean_of_the_colours_in_the_middle():
    images = pictures(channels=3, side=32)
    grey = clusterability_by_size._middle_in_grey(images)
    assert grey.train_x.shape == (100, 28, 28, 1)
    assert grey.train_x[5, 0, 3, 0] == round(float(images.train_x[5, 2, 5].mean()))


def test_many_clusters():
    metrics = experiment(clusterability_in_many_clusters)(
        seed=0, dataset="digits", clusters=[2, 20], width=32, images=100, epochs=1, pruning_epochs=1, shuffles=2
    )
    assert {name for name in metrics if name.startswith("pruned")} == {
        "pruned_accuracy", *(f"pruned_{what}_{k}" for what in ("ncut", "null_mean", "gap", "z") for k in (2, 20))
    }  # fmt: skip
    assert 0 < metrics["unpruned_ncut_2"] < 1 < metrics["unpruned_ncut_20"] < 19
    with pytest.raises(ValueError, match="clusters is empty"):
        experiment(clusterability_in_many_clusters)(seed=0, clusters=[])


def test_memorizers(monkeypatch):
    monkeypatch.setattr(clusterability_of_memorizers, "HIDDEN", (64, 64, 64, 64))
    metrics = experiment(clusterability_of_memorizers)(
        seed=0, dataset="digits", images=60, epochs=200, clusters=3, shuffles=2
    )
    assert metrics["labels_train_accuracy"] >= 0.995
    assert metrics["control_epochs"] == metrics["labels_epochs"] < 200
    assert metrics["fitted_epochs"] < metrics["labels_epochs"]
    assert metrics["control_accuracy"] > 0.5 > metrics["labels_accuracy"]


def test_nulls(monkeypatch):
    monkeypatch.setattr(clusterability_by_null, "HIDDEN", (24, 24, 24, 24))
    metrics = experiment(clusterability_by_null)(
        seed=0, dataset="digits", images=100, epochs=1, pruning_epochs=1, clusters=3, shuffles=3
    )
    kinds = ("all", "support", "strengths", "initialization")
    for phase in ("unpruned", "pruned"):
        for mode in ("paper", "refined"):
            assert 0 < metrics[f"{phase}_{mode}_ncut"] < 2
            assert metrics[f"{phase}_{mode}_solver_sd"] >= 0
            for kind in kinds:
                assert 0.25 <= metrics[f"{phase}_{mode}_{kind}_p"] <= 1
    assert len(metrics) == 2 * (1 + 2 * (2 + 3 * len(kinds)))
