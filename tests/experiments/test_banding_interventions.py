import pytest

from probatum.artifacts import collecting
from probatum.errors import CannotRun
from probatum.experiments.banding_interventions import banding_interventions

KINDS = ("b", "share", "b3", "share3", "b2", "b1", "accuracy")


@pytest.fixture
def small():
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    return {"seed": 0, "dataset": "digits", "images": 128, "epochs": 1}


def test_every_head_is_measured_and_drawn(small):
    with collecting() as artifacts:
        metrics = banding_interventions(**small, mirror=False)
    heads = ("gap", "x_pool", "mask", "attention", "max_fc", "fc")
    assert set(metrics) == {f"{kind}_{head}" for kind in KINDS for head in heads}
    assert all(-1 <= value <= 1 for value in metrics.values())
    assert artifacts["kernels.svg"].count(b"<text ") == 6


def test_a_head_gives_the_same_alone_and_mirroring_changes_it(small):
    with collecting():
        alone = banding_interventions(**small, heads=["mask"])
        both = banding_interventions(**small, heads=["gap", "mask"])
        plain = banding_interventions(**small, heads=["mask"], mirror=False)
    assert alone.items() <= both.items()
    assert plain["b_mask"] != alone["b_mask"]


@pytest.mark.parametrize("heads", [[], "gap", ["gap", "corner"]])
def test_unknown_heads(small, heads):
    with collecting(), pytest.raises(ValueError, match="give "):
        banding_interventions(**small, heads=heads)


def test_without_the_data_it_cannot_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBATUM_CIFAR10", str(tmp_path / "none.npz"))
    with pytest.raises(CannotRun, match="CIFAR-10 is not here"):
        banding_interventions(seed=0)
