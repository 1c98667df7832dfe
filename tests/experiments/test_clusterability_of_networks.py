import math

import numpy as np
import pytest

from probatum.datasets.images import Images
from probatum.errors import CannotRun
from probatum.experiments import clusterability_of_cnns, clusterability_of_mlps, clusterability_promoted

pytest.importorskip("torch")
pytest.importorskip("sklearn")

SMALL = {"epochs": 1, "pruning_epochs": 1, "clusters": 4, "shuffles": 3}
MEASURED = {"ncut", "null_mean", "null_sd", "z", "p", "refined_ncut", "refined_null_mean", "refined_z", "gap"}
SCORES = {"accuracy", "train_accuracy"}
SUPPORT = {"support_null_mean", "support_z", "support_p"}


@pytest.fixture
def mlps(monkeypatch):
    monkeypatch.setattr(clusterability_of_mlps, "HIDDEN", (16, 16, 16, 16))
    return clusterability_of_mlps.clusterability_of_mlps


def noise(side, count=60):
    rng = np.random.default_rng(0)
    x = rng.integers(256, size=(count, side, side, 1), dtype=np.uint8)
    return Images(name="noise", train_x=x, train_y=np.arange(count) % 10, test_x=x[:20], test_y=np.arange(20) % 10)


def names(metrics, condition, phase):
    start = f"{condition}_{phase}_"
    return {name.removeprefix(start) for name in metrics if name.startswith(start)}


def test_every_condition_is_measured_before_and_after_pruning(mlps):
    metrics = mlps(seed=0, dataset="digits", conditions=clusterability_of_mlps.CONDITIONS, images=256, **SMALL)
    for condition in clusterability_of_mlps.CONDITIONS:
        assert names(metrics, condition, "unpruned") == MEASURED | SCORES
        assert names(metrics, condition, "pruned") == MEASURED | SCORES | SUPPORT
    assert all(math.isfinite(value) for value in metrics.values())
    assert all(0 <= value <= 1 for name, value in metrics.items() if name.endswith(("accuracy", "_p")))
    assert all(0 <= value <= 3 for name, value in metrics.items() if name.endswith("ncut"))
    assert metrics["clusterable_init_ncut"] < metrics["init_ncut"]


def test_a_condition_does_not_depend_on_which_others_are_measured(mlps):
    alone = mlps(seed=1, dataset="digits", conditions=["l2"], images=128, **SMALL)
    among = mlps(seed=1, dataset="digits", conditions=["control", "l2"], images=128, **SMALL)
    assert {name: among[name] for name in alone} == alone


def test_the_seed_decides(mlps):
    first, other = (mlps(seed=seed, dataset="digits", conditions=["control"], images=128, **SMALL) for seed in (1, 2))
    assert first != other


@pytest.mark.parametrize("dataset", ["lines", "polynomials"])
def test_made_up_data(mlps, dataset):
    metrics = mlps(seed=0, dataset=dataset, conditions=["control"], images=100, **(SMALL | {"pruning_epochs": 0}))
    assert names(metrics, "control", "unpruned") == MEASURED | SCORES
    assert not names(metrics, "control", "pruned")


@pytest.mark.parametrize("conditions", ["control", [], ["weight_decay"]])
def test_unknown_conditions(mlps, conditions):
    with pytest.raises(ValueError, match="give a list of some of control, dropout, l1"):
        mlps(seed=0, dataset="digits", conditions=conditions, images=10)


def test_numbers_have_no_halves(mlps):
    with pytest.raises(ValueError, match=r"\['halves_same'\] for polynomials: give a list of some of control"):
        mlps(seed=0, dataset="polynomials", conditions=["halves_same"], images=10)


def test_without_the_data_it_cannot_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBATUM_FASHION_MNIST", str(tmp_path))
    for module in (clusterability_of_mlps, clusterability_of_cnns, clusterability_promoted):
        with pytest.raises(CannotRun, match="Fashion-MNIST is not here"):
            getattr(module, module.__name__.rpartition(".")[2])(seed=0)


def test_convolutional_networks(monkeypatch):
    monkeypatch.setattr(clusterability_of_cnns, "load_images", lambda name: noise(28))
    conditions = clusterability_of_cnns.CONDITIONS
    metrics = clusterability_of_cnns.clusterability_of_cnns(seed=0, conditions=conditions, images=20, **SMALL)
    for condition in conditions:
        assert names(metrics, condition, "unpruned") == MEASURED | SCORES
        assert names(metrics, condition, "pruned") >= MEASURED | SCORES
    assert metrics["clusterable_init_ncut"] < metrics["init_ncut"]
    with pytest.raises(ValueError, match="give a list of some of control, dropout"):
        clusterability_of_cnns.clusterability_of_cnns(seed=0, conditions=["halves_same"])


def test_promotion(monkeypatch):
    monkeypatch.setattr(clusterability_promoted, "load_images", lambda name: noise(16))
    monkeypatch.setattr(clusterability_promoted, "HIDDEN", (16, 16, 16))
    promoted = clusterability_promoted.clusterability_promoted
    metrics = promoted(seed=0, images=60, strength=10.0, **(SMALL | {"epochs": 40}))
    for condition in clusterability_promoted.CONDITIONS:
        assert names(metrics, condition, "unpruned") == MEASURED | SCORES
        assert names(metrics, condition, "pruned") == MEASURED | SCORES | SUPPORT
    assert metrics["regularized_unpruned_ncut"] < metrics["rescaled_unpruned_ncut"]
    with pytest.raises(ValueError, match="give a list of some of control, rescaled"):
        promoted(seed=0, conditions=["l2"])
