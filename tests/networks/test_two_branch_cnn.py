import pytest

torch = pytest.importorskip("torch")

from probatum.networks.branches import branches  # noqa: E402
from probatum.networks.from_torch import graph_from_torch  # noqa: E402
from probatum.networks.two_branch_cnn import two_branch_cnn  # noqa: E402


def test_branches_are_apart_and_control_starts_alike():
    network = two_branch_cnn(channels=3, classes=5, seed=1, filters=12, width=8)
    control = two_branch_cnn(channels=3, classes=5, seed=1, filters=12, width=8, branches=1)
    assert torch.equal(network.conv1.weight, control.conv1.weight)
    assert network.conv1.weight.std().item() == pytest.approx(0.01, rel=0.1)
    pictures = torch.randn(2, 3, 32, 32)
    assert network(pictures).shape == (2, 5)
    found = branches(graph_from_torch(network, pictures[:1]))
    assert [(one.name, one.kind, len(one.branches)) for one in found] == [
        ("conv1", "readers", 2),
        ("conv2", "groups", 2),
    ]
    assert found[0].branches[1].units == tuple(range(6, 12))
    assert branches(graph_from_torch(control, pictures[:1])) == []


def test_torchs_random_state_is_left_alone():
    before = torch.random.get_rng_state()
    two_branch_cnn(channels=3, classes=2, seed=0, filters=4, width=4)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_units_that_do_not_divide():
    with pytest.raises(ValueError, match="96 and 64 units in 5 branches"):
        two_branch_cnn(channels=3, classes=2, seed=0, branches=5)
