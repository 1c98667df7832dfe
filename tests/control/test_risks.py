import numpy as np
import pytest
import torch
from torch.nn.functional import softplus

from probatum.control.objectives.risks import logistic_risk, unlabelled_risk

SHOWN = np.array([[0.5, -1.0, 2.0], [1.5, 0.0, 3.0]], np.float32)
MET = np.array([[0.2, -0.7, 1.0, -2.0], [-1.0, 0.1, 0.3, 0.4]], np.float32)


def in_torch(array):
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def slopes(loss, *leaves):
    return [found.numpy() for found in torch.autograd.grad(loss.sum(), leaves)]


def test_logistic_risk_by_hand():
    """Logits 0 are D = 1/2: -log(1/2) - log(1/2) = 2 log 2; slopes -1/2 and 1/2, shared among the rows."""
    loss, by_shown, by_met = logistic_risk(np.zeros((1, 2), np.float32), np.zeros((1, 4), np.float32))
    assert loss == pytest.approx([2 * np.log(2)])
    assert by_shown == pytest.approx(np.full((1, 2), -0.25))
    assert by_met == pytest.approx(np.full((1, 4), 0.125))


def test_logistic_risk_and_its_slopes():
    shown, met = in_torch(SHOWN), in_torch(MET)
    wanted = softplus(-shown).mean(dim=1) + softplus(met).mean(dim=1)
    loss, *found = logistic_risk(SHOWN, MET)
    assert loss == pytest.approx(wanted.detach().numpy(), rel=1e-6)
    for one, other in zip(found, slopes(wanted, shown, met), strict=True):
        assert one == pytest.approx(other, abs=1e-7)


def test_unlabelled_risk_by_hand():
    """Logits 0, prior 0.4: 0.4 log 2 + (log 2 - 0.4 log 2) = log 2."""
    zeros = np.zeros((1, 2), np.float32)
    for non_negative in (False, True):
        loss, by_shown, by_met = unlabelled_risk(zeros, zeros, prior=0.4, non_negative=non_negative)
        assert loss == pytest.approx([np.log(2)])
        assert by_shown == pytest.approx(np.full((1, 2), (-0.4 * 0.5 - 0.4 * 0.5) / 2))
        assert by_met == pytest.approx(np.full((1, 2), 0.25))


def parts(shown, met, prior):
    """prior x E_shown[-log D], and E_met[-log(1 - D)] - prior x E_shown[-log(1 - D)]."""
    return prior * softplus(-shown).mean(dim=1), softplus(met).mean(dim=1) - prior * softplus(shown).mean(dim=1)


@pytest.mark.parametrize("prior", [0.1, 0.5, 0.9])
def test_unlabelled_risk_and_its_slopes(prior):
    shown, met = in_torch(SHOWN), in_torch(MET)
    positive, bracket = parts(shown, met, prior)
    loss, *found = unlabelled_risk(SHOWN, MET, prior=prior, non_negative=False)
    assert loss == pytest.approx((positive + bracket).detach().numpy(), rel=1e-5)
    for one, other in zip(found, slopes(positive + bracket, shown, met), strict=True):
        assert one == pytest.approx(other, abs=1e-7)


def test_a_negative_bracket_is_cut_and_its_gradient_turned():
    """Member 0 has a bracket above 0, member 1 (examples far up, met states far down) one below."""
    low = np.stack([MET[0], np.full(4, -6.0, np.float32)])
    prior = 0.5
    shown, met = in_torch(SHOWN), in_torch(low)
    positive, bracket = parts(shown, met, prior)
    assert bracket[0] > 0 > bracket[1]
    loss, *found = unlabelled_risk(SHOWN, low, prior=prior, non_negative=True)
    assert loss == pytest.approx((positive + torch.clamp(bracket, min=0)).detach().numpy(), rel=1e-5)
    wanted = slopes(positive[:1] + bracket[:1], shown, met)
    turned = slopes(-parts(shown, met, prior)[1][1:], shown, met)
    for one, plain, other in zip(found, wanted, turned, strict=True):
        assert one[0] == pytest.approx(plain[0], abs=1e-7)
        assert one[1] == pytest.approx(other[1], abs=1e-7)


def test_without_the_cut_the_bracket_may_be_negative():
    loss, _, _ = unlabelled_risk(np.full((1, 3), 9.0, np.float32), np.full((1, 4), -9.0, np.float32),
                                 prior=0.5, non_negative=False)  # fmt: skip
    assert loss == pytest.approx([-0.5 * 9], rel=1e-3)


@pytest.mark.parametrize("size", [1e4, 30.0])
def test_extreme_logits_stay_finite(size):
    ends = np.array([[-size, size]], np.float32)
    for found in (
        logistic_risk(ends, ends),
        unlabelled_risk(ends, ends, prior=0.5, non_negative=True),
        unlabelled_risk(ends, ends, prior=0.5, non_negative=False),
    ):
        assert all(np.isfinite(array).all() for array in found)


def test_a_confident_discriminator_still_has_a_slope():
    """At a logit of 30 the chance is 1 - 1e-13: the slope of -log D is -1e-13, not the 0 that 1 - 1 would give."""
    logits = np.full((1, 1), 30, np.float32)
    assert logistic_risk(logits, -logits)[1] == pytest.approx(np.array([[-np.exp(-30.0)]]), rel=1e-4, abs=0)
    assert logistic_risk(logits, -logits)[2] == pytest.approx(np.array([[np.exp(-30.0)]]), rel=1e-4, abs=0)
