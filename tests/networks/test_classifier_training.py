import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probatum.datasets.images import Images  # noqa: E402
from probatum.datasets.polynomials import polynomials  # noqa: E402
from probatum.networks.classifier_training import ClassifierRecipe, train_and_prune  # noqa: E402
from probatum.networks.mlp import mlp  # noqa: E402
from probatum.networks.pruning import PruningSchedule, weight_tensors  # noqa: E402
from probatum.networks.unit_norm import rescale_units  # noqa: E402


def stripes(count=200):
    """Pictures of four by four pixels whose class is the bright column."""
    rng = np.random.default_rng(0)
    classes = rng.integers(4, size=count)
    x = rng.integers(100, size=(count, 4, 4, 1), dtype=np.uint8)
    x[np.arange(count), :, classes] += 150
    half = count // 2
    return Images(name="stripes", train_x=x[:half], train_y=classes[:half], test_x=x[half:], test_y=classes[half:])


def trained(seed=0, *, dropout=0.0, penalty=None, before_batch=None, data=None, **options):
    network = mlp(widths=(16, 12, 12, 4), dropout=dropout, seed=0)
    recipe = ClassifierRecipe(**({"epochs": 20, "batch": 20, "learning_rate": 0.01} | options))
    return train_and_prune(
        network, data or stripes(), recipe=recipe, seed=seed, penalty=penalty, before_batch=before_batch
    )


def weights(result):
    return torch.cat([tensor.detach().flatten() for tensor in weight_tensors(result.network).values()])


def test_it_learns_what_can_be_learned():
    after = trained()["unpruned"]
    assert after.accuracy > 0.9
    assert after.train_accuracy > 0.95
    assert after.epochs == 20
    assert not after.network.training


@pytest.mark.parametrize("dropout", [0.0, 0.5])
def test_one_seed_gives_the_same_weights_bit_for_bit_and_another_does_not(dropout):
    first, again, other = (trained(seed, dropout=dropout, epochs=2, pruning_epochs=1)["pruned"] for seed in (1, 1, 2))
    assert torch.equal(weights(first), weights(again))
    assert not torch.equal(weights(first), weights(other))


def test_torchs_own_random_state_and_threads_are_left_alone():
    before, threads = torch.random.get_rng_state(), torch.get_num_threads()
    trained(epochs=1)
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.get_num_threads() == threads


def test_pruning_leaves_a_tenth_of_each_tensor_and_the_network_before_it_untouched():
    phases = trained(pruning_epochs=10)
    assert torch.equal(weights(phases["unpruned"]), weights(trained()["unpruned"]))
    for tensor in weight_tensors(phases["pruned"].network).values():
        assert int((tensor != 0).sum()) == tensor.numel() - round(0.9 * tensor.numel())


def test_a_schedule_of_ones_own():
    phases = trained(epochs=1, pruning_epochs=1, pruning=PruningSchedule(first=0.0, last=0.25))
    share = float((weights(phases["pruned"]) == 0).double().mean())
    assert share == pytest.approx(0.25, abs=0.01)


def test_l1_and_l2_shrink_the_weights():
    size = {name: float(weights(trained(**options)["unpruned"]).abs().mean())
            for name, options in (("plain", {}), ("l1", {"l1": 0.01}), ("l2", {"l2": 0.02}))}  # fmt: skip
    assert size["l1"] < 0.7 * size["plain"]
    assert size["l2"] < 0.9 * size["plain"]


def test_l1_on_the_first_layer_in_place_of_l2_changes_that_layer():
    l2, swapped = (trained(l2=0.01, l1_first=flag, epochs=3)["unpruned"].network for flag in (False, True))
    assert float(swapped.dense1.weight.detach().abs().mean()) < float(l2.dense1.weight.detach().abs().mean())


def test_a_penalty_is_added_to_the_loss():
    def output_size(network):
        return network.dense3.weight.square().sum()

    plain, pulled = trained(epochs=5), trained(epochs=5, penalty=output_size)
    assert output_size(pulled["unpruned"].network) < 0.5 * output_size(plain["unpruned"].network)


def test_training_ends_when_enough_is_learned():
    after = trained(epochs=50, enough=0.5)["unpruned"]
    assert after.epochs < 50
    assert after.train_accuracy >= 0.5


def test_regression_is_scored_by_the_variance_explained():
    data = polynomials(train=500, test=100, seed=0)
    network = mlp(widths=(2, 32, 512), seed=0)
    after = train_and_prune(network, data, recipe=ClassifierRecipe(epochs=30, learning_rate=0.01), seed=0)["unpruned"]
    assert 0.3 < after.train_accuracy <= 1


def test_a_change_before_each_batch():
    lengths = []

    def keep(network):
        rescale_units(network)
        lengths.append(
            float((network.dense1.weight.detach().square().sum(1) + network.dense1.bias.detach().square()).mean())
        )

    trained(epochs=1, before_batch=keep)
    assert lengths == pytest.approx([2.0] * 5)


def test_rescaling_units_changes_no_output():
    network = mlp(widths=(6, 5, 5, 3), seed=0)
    with torch.no_grad():
        network.dense1.bias.uniform_(-1, 1)
        network.dense1.weight[0], network.dense1.bias[0] = 0, 0
    x = torch.randn(7, 6)
    before = network(x)
    rescale_units(network)
    assert torch.allclose(network(x), before, atol=1e-5)
    assert not network.dense1.weight[0].any()


def test_weights_that_stop_being_numbers_are_named():
    data = stripes()
    with pytest.raises(ValueError, match=r"dense1\.weight became NaN or infinite: try a lower learning rate"):
        trained(epochs=1, penalty=lambda network: network.dense1.weight.sum() * float("nan"), data=data)


@pytest.mark.parametrize("options", [{"epochs": 0}, {"batch": 0}, {"l1": -1.0}, {"pruning_epochs": -1}])
def test_impossible_recipes(options):
    with pytest.raises(ValueError, match="give at least 1 epoch"):
        ClassifierRecipe(**({"epochs": 1} | options))
