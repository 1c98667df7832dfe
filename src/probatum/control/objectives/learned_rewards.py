"""The rewards that earlier methods learn from success states, each with the loss by which it is learned."""

from __future__ import annotations

import dataclasses
from functools import partial

import numpy as np

from probatum.control.learning.objective import sigmoid
from probatum.control.learning.reward_model import Discrimination
from probatum.control.objectives.risks import logistic_risk, unlabelled_risk
from probatum.errors import ProbatumError


def vice_reward(*, clip: float = 10.0, gradient_penalty: float = 0.0, reward_rate: float = 3e-4) -> Discrimination:
    """Return log D - log(1 - D), the logit, cut at +-`clip` (Fu et al. 2018, VICE and AIRL)."""
    return Discrimination(
        risk=logistic_risk,
        reward=lambda logits: np.clip(logits, -clip, clip),
        gradient_penalty=gradient_penalty,
        learning_rate=reward_rate,
        told={"clip": clip},
    )


def dac_reward(*, gradient_penalty: float = 10.0, reward_rate: float = 3e-4) -> Discrimination:
    """Return -log(1 - D), learned with a gradient penalty (Kostrikov et al. 2019, section 4)."""
    return Discrimination(
        risk=logistic_risk,
        reward=lambda logits: np.logaddexp(np.float32(0), logits),
        gradient_penalty=gradient_penalty,
        learning_rate=reward_rate,
    )


def purl_reward(
    *, prior: float = 0.5, clip: float = 10.0, gradient_penalty: float = 0.0, reward_rate: float = 3e-4
) -> Discrimination:
    """Return the logit, cut at +-`clip`, learned with the non-negative risk (Xu, Denil 2019).

    `prior` is the share of successes that is assumed among the states met.
    """
    return Discrimination(
        risk=partial(unlabelled_risk, prior=_share(prior), non_negative=True),
        reward=lambda logits: np.clip(logits, -clip, clip),
        gradient_penalty=gradient_penalty,
        learning_rate=reward_rate,
        told={"prior": prior, "clip": clip},
    )


def oril_reward(*, prior: float = 0.5, gradient_penalty: float = 1.0, reward_rate: float = 3e-4) -> Discrimination:
    """Return D, learned with the positive-unlabelled risk (Zolna et al. 2020).

    The gradient penalty stands in for that paper's augmentation of images. `prior` as for `purl_reward`.
    """
    return Discrimination(
        risk=partial(unlabelled_risk, prior=_share(prior), non_negative=False),
        reward=sigmoid,
        gradient_penalty=gradient_penalty,
        learning_rate=reward_rate,
        told={"prior": prior},
    )


def frozen(reward: Discrimination, *, updates: int) -> Discrimination:
    """Return the same reward, learned in `updates` updates on the random steps at the start and then held fixed."""
    if updates < 1:
        raise ProbatumError(f"reward_updates={updates}: a reward that is learned first takes at least 1 update")
    return dataclasses.replace(reward, frozen_after=updates)


def _share(prior: float) -> float:
    if not 0 < prior < 1:
        raise ProbatumError(f"prior={prior}: the assumed share of successes lies between 0 and 1")
    return prior
