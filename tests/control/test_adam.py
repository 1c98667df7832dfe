import numpy as np
import pytest
import torch

from probatum.control.learning.adam import Adam


@pytest.mark.parametrize("rate", [3e-4, 0.1])
def test_many_steps_are_those_of_torch(rate):
    generator = np.random.default_rng(0)
    start = generator.normal(size=(2, 2, 30)).astype(np.float32)
    sizes = np.geomspace(1e-6, 1e4, 30).astype(np.float32)  # gradients from tiny to huge
    parameters, leaf = start.copy(), torch.tensor(start, dtype=torch.float64, requires_grad=True)
    ours, theirs = Adam(parameters, rate=rate), torch.optim.Adam([leaf], lr=rate)
    for step in range(300):
        gradient = (sizes * (generator.normal(size=start.shape) + 0.3)).astype(np.float32)
        gradient[..., step % 30] = 0
        ours.step(gradient)
        leaf.grad = torch.tensor(gradient, dtype=torch.float64)
        theirs.step()
        if step in (0, 1, 10, 299):
            moved = np.abs(leaf.detach().numpy() - start).max()
            assert parameters == pytest.approx(leaf.detach().numpy(), abs=3e-5 * moved + 2e-6)
    state = theirs.state[leaf]
    assert ours.mean == pytest.approx(state["exp_avg"].numpy(), rel=1e-3, abs=1e-9)
    assert ours.square == pytest.approx(state["exp_avg_sq"].numpy(), rel=1e-3, abs=1e-15)
    assert ours.count == [300]


def test_the_first_step_has_the_length_of_the_rate():
    """m / (1 - 0.9) over sqrt(v / (1 - 0.999)) is the sign of the gradient."""
    parameters = np.zeros(3, np.float32)
    Adam(parameters, rate=0.01).step(np.array([5, -1e-3, 0], np.float32))
    assert parameters == pytest.approx([-0.01, 0.01, 0], rel=1e-4)


def test_the_parameters_are_moved_in_place_and_the_gradient_is_not_touched():
    parameters = np.ones((1, 2, 3), np.float32)
    gradient = np.full((1, 2, 3), 2, np.float32)
    adam = Adam(parameters, rate=0.1)
    adam.step(gradient)
    assert (parameters < 1).all()
    assert (gradient == 2).all()


def test_its_arrays_hold_all_of_it():
    """A checkpoint copies the arrays: an Adam filled from them goes on to the bit."""
    generator = np.random.default_rng(0)
    gradients = generator.normal(size=(20, 6)).astype(np.float32)
    whole = np.zeros(6, np.float32)
    first = Adam(whole, rate=0.1)
    for gradient in gradients[:10]:
        first.step(gradient)
    half = whole.copy()
    second = Adam(half, rate=0.1)
    for name in ("count", "mean", "square"):
        getattr(second, name)[...] = getattr(first, name)
    for gradient in gradients[10:]:
        first.step(gradient)
        second.step(gradient)
    assert (whole == half).all()
