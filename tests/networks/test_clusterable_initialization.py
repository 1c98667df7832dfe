import pytest

torch = pytest.importorskip("torch")

from probatum.networks.clusterable_initialization import make_clusterable  # noqa: E402
from probatum.networks.mlp import mlp  # noqa: E402
from probatum.networks.small_cnn import small_cnn  # noqa: E402


def ratios(weights, before):
    return (weights / before).detach().round(decimals=4)


def test_weights_are_scaled_by_module_in_all_layers_but_the_first():
    plain, scaled = mlp(widths=(20, 60, 60, 10), seed=0), mlp(widths=(20, 60, 60, 10), seed=0)
    make_clusterable(scaled, seed=1)
    assert torch.equal(plain.dense1.weight, scaled.dense1.weight)
    factors = ratios(scaled.dense2.weight, plain.dense2.weight)
    assert sorted(factors.unique().tolist()) == pytest.approx([0.6, 4.6])
    assert 0.05 < float((factors > 1).float().mean()) < 0.2


def test_units_of_one_module_share_their_factors():
    plain, scaled = mlp(widths=(5, 40, 40, 10), seed=0), mlp(widths=(5, 40, 40, 10), seed=0)
    make_clusterable(scaled, seed=1)
    inside = ratios(scaled.dense2.weight, plain.dense2.weight) > 1
    outputs = ratios(scaled.dense3.weight, plain.dense3.weight) > 1
    assert outputs.sum(dim=0).tolist() == [1] * 40  # ten outputs, a module each
    module = outputs.float().argmax(dim=0)
    for first in range(40):
        for second in range(first):
            same = bool(torch.equal(inside[first], inside[second]))
            assert same == bool(module[first] == module[second]) or not inside[[first, second]].any()


def test_the_expected_size_of_weights_is_kept():
    plain, scaled = mlp(widths=(5, 400, 400, 10), seed=0), mlp(widths=(5, 400, 400, 10), seed=0)
    make_clusterable(scaled, seed=0)
    ratio = float((scaled.dense2.weight.abs().mean() / plain.dense2.weight.abs().mean()).detach())
    assert ratio == pytest.approx(1, abs=0.03)


def test_convolutions_are_scaled_by_channel_and_the_flattened_layer_is_left():
    plain, scaled = (small_cnn(size=28, channels=1, classes=10, filters=16, seed=0) for _ in range(2))
    make_clusterable(scaled, shrink=0.8, seed=0)
    factors = ratios(scaled.conv2.weight, plain.conv2.weight)
    assert torch.equal(factors, factors[:, :, :1, :1].expand_as(factors))
    assert sorted(factors.unique().tolist()) == pytest.approx([0.8, 2.8])
    assert torch.equal(plain.dense1.weight, scaled.dense1.weight)


@pytest.mark.parametrize("options", [{"modules": 1}, {"shrink": 1.5}])
def test_impossible_modules(options):
    with pytest.raises(ValueError, match="give at least 2 modules"):
        make_clusterable(mlp(widths=(4, 3, 2), seed=0), seed=0, **options)
