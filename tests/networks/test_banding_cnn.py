import pytest

torch = pytest.importorskip("torch")

from probatum.networks import banding_cnn, convolution_weights  # noqa: E402


@pytest.mark.parametrize(("size", "channels", "positions"), [(28, 1, 49), (32, 3, 64), (8, 1, 64)])
def test_shapes(size, channels, positions):
    for head, width in (("gap", 64), ("fc", 64 * positions)):
        network = banding_cnn(size=size, channels=channels, classes=10, head=head, seed=0)
        assert network(torch.zeros(2, channels, size, size)).shape == (2, 10)
        assert network.classifier.in_features == width
    shapes = {name: weights.shape for name, weights in convolution_weights(network).items()}
    assert shapes == {
        "conv1": (32, channels, 7, 7),
        "conv2": (64, 32, 5, 5),
        "conv3": (64, 64, 3, 3),
        "conv4": (64, 64, 3, 3),
    }


def test_seed_decides_the_first_weights_and_leaves_torch_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    first, again, other = (
        convolution_weights(banding_cnn(size=8, channels=1, classes=2, head="gap", seed=seed))["conv2"]
        for seed in (3, 3, 4)
    )
    assert torch.equal(before, torch.get_rng_state())
    assert (first == again).all()
    assert (first != other).any()


@pytest.mark.parametrize(("size", "head"), [(7, "gap"), (30, "gap"), (28, "pool")])
def test_other_sizes_and_heads(size, head):
    with pytest.raises(ValueError, match="give "):
        banding_cnn(size=size, channels=1, classes=2, head=head, seed=0)
