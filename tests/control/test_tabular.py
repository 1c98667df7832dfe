"""Recursive classification where everything can be computed: a small Markov decision process, one logit a pair.

A walk on N states by 2 actions. The data hold every (s, a) as often as `MET` says, with its next states by P and next
actions by the policy, each as often as its chance; the loss is then an exact expectation. Where the loss is least,
odds(s, a) = (1 - g) x p(s, a | success) / p_met(s, a) + g x E[odds(s', a')]: a Bellman equation whose reward is a ratio
of densities, so that odds = (1 - g) (I - g P)^-1 r in closed form.
"""

from itertools import product

import numpy as np
import pytest
from scipy.optimize import minimize
from told_by_targets import told

from probatum.control.objectives.recursive_classification import RecursiveClassification

N, ACTIONS, DISCOUNT = 6, 2, 0.8
OBJECTIVE = RecursiveClassification(n_step=1)
PARTS = 4  # chances are whole numbers of fourths
CHANCES = np.zeros((N, ACTIONS, N), np.int64)  # of the next state, in fourths
for place in range(N):
    CHANCES[place, 0, max(place - 1, 0)] += 3
    CHANCES[place, 0, place] += 1
    CHANCES[place, 1, min(place + 1, N - 1)] += 2
    CHANCES[place, 1, place] += 1
    CHANCES[place, 1, 0] += 1
MET = np.array([[1, 2], [3, 1], [2, 2], [1, 1], [2, 1], [1, 2]])  # how often each (s, a) was met
EXAMPLES = np.array([0, 0, 0, 0, 1, 3])  # how often each state is an example of success
EVENLY = np.full((N, ACTIONS), 1 / ACTIONS)


def data(policy):
    """Rows (s, a, s', a') of transitions and (s*, a*) of examples, each as often as its chance."""
    fourths = np.rint(PARTS * policy).astype(int)
    transitions = [
        (state, action, after, then)
        for state, action, after, then in product(range(N), range(ACTIONS), range(N), range(ACTIONS))
        for _ in range(MET[state, action] * CHANCES[state, action, after] * fourths[after, then])
    ]
    examples = [(state, action) for state, action in product(range(N), range(ACTIONS)) for _ in range(EXAMPLES[state])]
    return np.array(transitions), np.array(examples)


def implied_reward():
    """p(s, a | success) / p_met(s, a), where the actions beside examples are evenly random: shape (N, ACTIONS)."""
    return np.repeat(EXAMPLES[:, None] / EXAMPLES.sum() / ACTIONS, ACTIONS, axis=1) / (MET / MET.sum())


def closed_form(policy, reward):
    """(1 - g) (I - g P)^-1 r on pairs of states and actions."""
    moving = (CHANCES / PARTS)[..., None] * policy[None, None]  # to (s', a') from (s, a)
    moving = moving.reshape(N * ACTIONS, N * ACTIONS)
    odds = (1 - DISCOUNT) * np.linalg.solve(np.eye(N * ACTIONS) - DISCOUNT * moving, reward.reshape(-1))
    return odds.reshape(N, ACTIONS)


def outputs_of(table, transitions, examples):
    met = table[transitions[:, 0], transitions[:, 1]]
    shown = table[examples[:, 0], examples[:, 1]]
    return np.broadcast_to(np.concatenate([met, shown]), (1, 2, len(met) + len(shown)))


def fitted(policy, *, sweeps=60):
    """Iterate: hold the targets, minimize the objective's own loss by its own slope, take the result as targets."""
    transitions, examples = data(policy)
    table = np.zeros((N, ACTIONS))

    for _ in range(sweeps):
        near = table[transitions[:, 2], transitions[:, 3]]
        bootstrap = told(np.broadcast_to(near, (1, 2, len(near))), discount=DISCOUNT)

        def loss(flat, bootstrap=bootstrap):
            step = OBJECTIVE.critic(outputs_of(flat.reshape(N, ACTIONS), transitions, examples), bootstrap)
            slope = np.zeros((N, ACTIONS))
            rows = np.concatenate([transitions[:, :2], examples])
            np.add.at(slope, (rows[:, 0], rows[:, 1]), step.slope[0, 0])
            return float(step.loss[0]), slope.reshape(-1)

        found = minimize(loss, table.reshape(-1), jac=True, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-9})
        table = found.x.reshape(N, ACTIONS)
    return table


def test_odds_come_to_the_closed_form():
    policy = np.array([[1, 3], [2, 2], [3, 1], [1, 3], [2, 2], [0, 4]]) / PARTS
    odds = np.exp(fitted(policy))
    assert odds == pytest.approx(closed_form(policy, implied_reward()), rel=2e-3)


def test_the_implied_reward_is_a_ratio_of_densities():
    """Were it 1 on examples, the odds would be others: by a factor, and not the same one everywhere."""
    odds = np.exp(fitted(EVENLY))
    ratio = odds / closed_form(EVENLY, np.repeat(EXAMPLES[:, None] > 0, ACTIONS, axis=1).astype(float))
    assert ratio.max() / ratio.min() > 1.5
    assert odds == pytest.approx(closed_form(EVENLY, implied_reward()), rel=2e-3)


def greedy(table):
    return np.eye(ACTIONS)[table.argmax(axis=1)]


def test_the_greedy_policy_is_better_and_the_next_is_the_best():
    """Policy iteration on fitted classifiers ends where dynamic programming on the implied reward does."""
    reward = implied_reward()
    best = closed_form(EVENLY, reward)
    for _ in range(500):
        best = (1 - DISCOUNT) * reward + DISCOUNT * (CHANCES / PARTS) @ best.max(axis=1)
    policy = EVENLY
    for _ in range(4):
        before = closed_form(policy, reward)
        policy = greedy(fitted(policy, sweeps=30))
        after = closed_form(policy, reward)
        assert (after >= before - 1e-12).all()
    assert after == pytest.approx(best, rel=1e-6)
    assert (after > closed_form(EVENLY, reward) * 1.05).any()


def test_a_target_that_follows_slowly_comes_to_the_same():
    """As in training: one step down the slope, then the targets follow by a part."""
    transitions, examples = data(EVENLY)
    rows = np.concatenate([transitions[:, :2], examples])
    table, target = np.zeros((N, ACTIONS)), np.zeros((N, ACTIONS))
    for _ in range(1500):
        near = target[transitions[:, 2], transitions[:, 3]]
        bootstrap = told(np.broadcast_to(near, (1, 2, len(near))), discount=DISCOUNT)
        step = OBJECTIVE.critic(outputs_of(table, transitions, examples), bootstrap)
        slope = np.zeros((N, ACTIONS))
        np.add.at(slope, (rows[:, 0], rows[:, 1]), step.slope[0, 0])
        table -= 12 * slope
        target += 0.2 * (table - target)
    assert np.exp(table) == pytest.approx(
        closed_form(EVENLY, implied_reward()), rel=0.05
    )  # slopes are small where odds are
