import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("sklearn")

from probatum.datasets import load_digits  # noqa: E402
from probatum.networks import Recipe, banding_cnn, convolution_weights, train  # noqa: E402
from probatum.networks.training import _channel_scale, _stream  # noqa: E402


def trained(seed, **recipe):
    images = load_digits().subset(256, seed=seed)
    network = banding_cnn(size=8, channels=1, classes=10, head="gap", seed=seed)
    accuracy = train(network, images, recipe=Recipe(epochs=1, **recipe), seed=seed)
    return accuracy, convolution_weights(network)


def test_same_seed_same_bits_whatever_the_threads():
    before = torch.get_num_threads()
    first = trained(0)
    torch.set_num_threads(before + 1)
    try:
        again = trained(0)
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)
    assert first[0] == again[0]
    assert all(np.array_equal(first[1][name], again[1][name]) for name in first[1])
    assert not np.array_equal(first[1]["conv4"], trained(1)[1]["conv4"])


def test_it_learns():
    images = load_digits()
    network = banding_cnn(size=8, channels=1, classes=10, head="gap", seed=0)
    assert train(network, images, recipe=Recipe(epochs=3), seed=0) > 0.6


def test_mirroring_flips_about_half_along_the_asked_axis():
    images = load_digits().subset(300, seed=0)
    plain, mirrored = (
        np.concatenate([x for x, _ in _stream(images, Recipe(epochs=1, batch=300, mirror_axis=axis), rng())])
        for axis in (None, 2)
    )
    same = (plain == mirrored).all(axis=(1, 2, 3))
    flipped = (plain[:, :, ::-1] == mirrored).all(axis=(1, 2, 3))
    assert (same | flipped).all()
    assert 100 < same.sum() < 200


def rng():
    return np.random.default_rng(0)


def test_scale_is_mean_and_deviation_and_never_zero():
    images = load_digits()
    mean, spread = _channel_scale(images.train_x)
    assert mean.item() == pytest.approx(images.train_x.mean())
    assert spread.item() == pytest.approx(images.train_x.std())
    assert _channel_scale(np.zeros((2, 8, 8, 1), np.uint8))[1].item() == 1


def test_a_loss_that_explodes_is_no_result():
    with pytest.raises(ValueError, match="try a lower learning rate"):
        trained(0, learning_rate=1e30)


@pytest.mark.parametrize("recipe", [{"epochs": 0}, {"epochs": 1, "batch": 1}])
def test_empty_recipes(recipe):
    images = load_digits()
    network = banding_cnn(size=8, channels=1, classes=10, head="gap", seed=0)
    with pytest.raises(ValueError, match="at least 1 epoch"):
        train(network, images, recipe=Recipe(**recipe), seed=0)
