import pytest

torch = pytest.importorskip("torch")

from probatum.networks.mlp import mlp  # noqa: E402
from probatum.networks.pruning import (  # noqa: E402
    PruningSchedule,
    apply_masks,
    magnitude_masks,
    weight_tensors,
)


def test_the_schedule_is_cubic_from_first_to_last():
    schedule = PruningSchedule()
    assert schedule.sparsity(0, 100) == pytest.approx(0.5)
    assert schedule.sparsity(50, 100) == pytest.approx(0.9 - 0.4 / 8)
    assert schedule.sparsity(100, 100) == schedule.sparsity(120, 100) == pytest.approx(0.9)


def test_masks_remove_the_smallest_of_each_tensor():
    tensors = {"small": torch.tensor([[0.1, -0.4], [0.3, -0.2]]), "large": torch.tensor([[5.0, -1.0]])}
    masks = magnitude_masks(tensors, sparsity=0.5)
    assert masks["small"].tolist() == [[0, 1], [1, 0]]
    assert masks["large"].tolist() == [[1, 0]]


def test_what_is_removed_stays_removed():
    tensors = {"one": torch.randn(20, 20, generator=torch.Generator().manual_seed(0))}
    first = magnitude_masks(tensors, sparsity=0.5)["one"]
    apply_masks(tensors, {"one": first})
    second = magnitude_masks(tensors, sparsity=0.7)["one"]
    assert not (second * (1 - first)).any()
    assert float(second.mean()) == pytest.approx(0.3)
    assert magnitude_masks(tensors, sparsity=0)["one"].all()


def test_only_weights_of_layers_are_pruned():
    assert list(weight_tensors(mlp(widths=(4, 3, 2), seed=0))) == ["dense1.weight", "dense2.weight"]


@pytest.mark.parametrize("options", [{"first": 0.9, "last": 0.5}, {"last": 1.0}, {"every": 0}])
def test_impossible_schedules(options):
    with pytest.raises(ValueError, match="give 0 <= first <= last < 1"):
        PruningSchedule(**options)
