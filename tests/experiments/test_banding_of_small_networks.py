import pytest

from probatum.artifacts import collecting
from probatum.errors import CannotRun
from probatum.experiments.banding_of_small_networks import banding_of_small_networks


def test_three_networks_are_measured_and_drawn():
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    with collecting() as artifacts:
        metrics = banding_of_small_networks(seed=0, dataset="digits", images=128, epochs=1)
    kinds = ("b", "share", "b3", "b2", "b1", "accuracy")
    assert set(metrics) == {f"{kind}_{name}" for kind in kinds for name in ("gap", "rotated", "fc")}
    assert all(-1 <= value <= 1 for value in metrics.values())
    assert artifacts["kernels.svg"].startswith(b"<svg ")
    assert len(artifacts["kernels.svg"]) < 30_000


def test_without_the_data_it_cannot_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBATUM_FASHION_MNIST", str(tmp_path))
    with pytest.raises(CannotRun, match="Fashion-MNIST is not here"):
        banding_of_small_networks(seed=0)
