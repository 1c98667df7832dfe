import pytest

torch = pytest.importorskip("torch")

from probatum.networks.banding_cnn import banding_cnn, convolution_weights  # noqa: E402
from probatum.networks.banding_heads import headed_cnn  # noqa: E402

HEADS = ("gap", "fc", "x_pool", "mask", "attention", "max_fc")
PICTURES = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0))


def network(head, seed=0, size=32):
    return headed_cnn(size=size, channels=3, classes=10, head=head, seed=seed).eval()


@pytest.mark.parametrize(
    ("head", "features"),
    [("gap", 64), ("fc", 64 * 64), ("x_pool", 64 * 8), ("mask", 64 * 5), ("attention", 64), ("max_fc", 256)],
)
def test_every_head_answers_and_starts_from_the_same_convolutions(head, features):
    built, plain = network(head), banding_cnn(size=32, channels=3, classes=10, head="gap", seed=0)
    assert built(PICTURES).shape == (3, 10)
    assert built.classifier.in_features == features
    for name, weights in convolution_weights(plain).items():
        assert (convolution_weights(built)[name] == weights).all()
    assert torch.equal(network(head)(PICTURES), built(PICTURES))
    assert not torch.equal(network(head, seed=1)(PICTURES), built(PICTURES))


@pytest.mark.parametrize("size", [8, 28])
@pytest.mark.parametrize("head", HEADS)
def test_small_and_odd_sizes(head, size):
    assert network(head, size=size)(torch.zeros(2, 3, size, size)).shape == (2, 10)


def features_and_head(head):
    """The network cut in two behind the last convolution's activations."""
    built = network(head)
    cut = [name for name, _ in built.named_children()].index("relu4") + 1
    return built[cut:], torch.rand(2, 64, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("head", HEADS)
def test_which_moves_of_the_features_a_head_sees(head):
    rest, features = features_and_head(head)
    along = torch.allclose(rest(features), rest(features.flip(3)), atol=1e-5)  # columns in another order
    across = torch.allclose(rest(features), rest(features.flip(2)), atol=1e-5)  # rows in another order
    assert (along, across) == {"gap": (True, True), "attention": (True, True), "x_pool": (True, False)}.get(
        head, (False, False)
    )


def test_masks_start_near_the_average():
    rest, features = features_and_head("mask")
    found = rest[:2](features)  # (2, 64, 5)
    assert torch.allclose(found, features.mean(dim=(2, 3))[..., None].expand(2, 64, 5), atol=0.2)
    assert found.std(dim=2).min() > 0


def test_building_leaves_torch_alone():
    torch.manual_seed(1)
    before = torch.get_rng_state()
    network("attention")
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(("size", "head"), [(32, "pool"), (30, "mask")])
def test_other_heads_and_sizes(size, head):
    with pytest.raises(ValueError, match="give "):
        network(head, size=size)
