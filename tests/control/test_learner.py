import copy

import numpy as np
import pytest
from plain_learning import OBSERVATION, PlainLearner, examples_of, flattened, make_learner, walked_replay

from probatum.control.learning.learner import Learner
from probatum.control.methods import dac, rce, sparse_reward, sqil, sqil_squared, two_stage, vice

SEED = 3
UPDATES = 4

CASES = {
    "rce": (rce.objective(), {}),
    "rce, one step": (rce.objective(n_step=1), {}),
    "rce, the reference's window": (rce.objective(n_step=4, window="reference"), {}),
    "rce, terminals": (rce.objective(n_step=5), {"use_terminals": True}),
    "rce, as it comes": (rce.objective(), {"normalize": False}),
    "rce, entropy found": (rce.objective(), {"entropy": "auto"}),
    "rce, greedy beside examples": (rce.objective(example_actions="greedy"), {}),
    "rce, anything beside examples": (rce.objective(example_actions="uniform"), {}),
    "rce, choices": (rce.objective(), {"discrete": True}),
    "sqil": (sqil.objective(), {}),
    "sqil, terminals": (sqil.objective(), {"use_terminals": True}),
    "sqil_squared": (sqil_squared.objective(), {}),
    "sqil_squared, choices": (sqil_squared.objective(), {"discrete": True, "use_terminals": True}),
    "vice": (vice.objective(), {}),
    "vice, penalty": (vice.objective(gradient_penalty=1.0), {"entropy": 0.1}),
    "dac": (dac.objective(), {}),
    "dac, few examples": (dac.objective(reward_rate=3e-3), {"example_batch": 7}),
    "sparse_reward": (sparse_reward.objective(), {"use_terminals": True}),
}


@pytest.mark.parametrize(("objective", "options"), CASES.values(), ids=CASES)
def test_updates_are_those_of_a_plain_implementation(objective, options):
    """The same draws through single networks, autograd and torch.optim.Adam in float64 (see plain_learning)."""
    replay = walked_replay([SEED], discrete=options.get("discrete", False))
    learner = make_learner(objective, seeds=(SEED,), replay=replay, **options)
    plain = PlainLearner(learner)
    for _ in range(UPDATES):
        learner.update(replay)
        plain.update(replay)
    pairs = {
        "actor": (learner.actor.flat[0, 0], plain.actor),
        "critic": (learner.critics.flat[0, 0], plain.critics[0]),
        "twin": (learner.critics.flat[0, 1], plain.critics[1]),
        "target": (learner.targets.flat[0, 0], plain.targets[0]),
        "target's twin": (learner.targets.flat[0, 1], plain.targets[1]),
    }
    if plain.reward is not None:
        pairs["reward"] = (learner.reward_model.stack.flat[0, 0], plain.reward)
    for name, (ours, theirs) in pairs.items():
        assert ours == pytest.approx(flattened(theirs), abs=1e-5), name  # they have moved by 4e-3
    assert learner.log_entropy[0, 0] == pytest.approx(plain.log_entropy.item(), abs=1e-5)
    assert learner.updates == UPDATES


def everything(learner, member=0):
    """All arrays by which a member's future is decided."""
    stacks = {"actor": learner.actor.flat, "critics": learner.critics.flat, "targets": learner.targets.flat}
    for name in ("actor_adam", "critic_adam", "entropy_adam"):
        stacks |= {f"{name} {part}": getattr(getattr(learner, name), part) for part in ("mean", "square")}
    if learner.reward_model is not None:
        stacks["reward"] = learner.reward_model.stack.flat
    return {"log_entropy": learner.log_entropy[member], **{name: array[member] for name, array in stacks.items()}}


def same(one, other):
    return all((one[name] == other[name]).all() for name in one)


SIDE_BY_SIDE = {
    "rce": (rce.objective(), {}),
    "rce, anything beside examples": (rce.objective(example_actions="uniform"), {}),
    "rce, choices": (rce.objective(), {"discrete": True}),
    "sqil": (sqil.objective(), {}),
    "sqil_squared": (sqil_squared.objective(), {}),
    "dac": (dac.objective(), {}),
}


@pytest.mark.parametrize(("objective", "options"), SIDE_BY_SIDE.values(), ids=SIDE_BY_SIDE)
def test_members_side_by_side_come_out_as_alone(objective, options):
    """To the bit, after 100 updates, at widths at which matrix products work in blocks."""
    seeds, wide = (4, 9, 2), {"hidden": (48, 40), "batch": 40, "example_batch": 24, **options}
    discrete = options.get("discrete", False)
    replay = walked_replay(seeds, discrete=discrete)
    together = make_learner(objective, seeds=seeds, replay=replay, **wide)
    for _ in range(100):
        together.update(replay)
    seen = np.random.default_rng(0).normal(size=(3, 5, OBSERVATION)).astype(np.float32)
    acted = [together.act(seen, explore=explore) for explore in (False, True)]
    for member in (0, 2):
        alone_replay = walked_replay(seeds[member : member + 1], discrete=discrete)
        alone = make_learner(objective, seeds=seeds[member : member + 1], replay=alone_replay, **wide)
        for _ in range(100):
            alone.update(alone_replay)
        assert same(everything(together, member), everything(alone))
        for explore in (False, True):
            assert (alone.act(seen[member : member + 1], explore=explore)[0] == acted[explore][member]).all()
    assert not same(everything(together, 0), everything(together, 1))
    assert np.isfinite(together.critics.flat).all()


def test_a_seed_decides_every_byte():
    replay = walked_replay([SEED])
    first, second, other = (make_learner(rce.objective(), seeds=(seed,), replay=replay) for seed in (SEED, SEED, 4))
    for learner in (first, second, other):
        for _ in range(20):
            learner.update(replay)
    assert same(everything(first), everything(second))
    assert not same(everything(first), everything(other))


@pytest.mark.parametrize("objective", [rce.objective(), dac.objective()], ids=["rce", "dac"])
def test_looking_and_trying_change_nothing(objective):
    replay = walked_replay([SEED])
    watched, left_alone = (make_learner(objective, replay=replay) for _ in range(2))
    seen = np.ones((1, 2, OBSERVATION), np.float32)
    for round_ in range(6):
        step, met, entropy = watched.look(replay, [np.random.default_rng(round_)])
        assert (step.loss.shape, step.future.shape, met.shape, entropy.shape) == ((1,), (1, 16), (1, 2, 16), (1,))
        watched.values(seen, watched.act(seen, explore=False))
        watched.update(replay)
        left_alone.update(replay)
    assert same(everything(watched), everything(left_alone))


def test_what_a_look_says_is_what_an_update_would_ask():
    replay = walked_replay([SEED])
    learner = make_learner(rce.objective(), replay=replay)
    generators = copy.deepcopy(learner.generators)
    first, second = (learner.look(replay, copy.deepcopy(generators))[0] for _ in range(2))
    assert (first.slope == second.slope).all()
    learner.update(replay)
    assert learner.critic_adam.count == [1]
    gradient = make_learner(rce.objective(), replay=replay)
    gradient.look(replay, gradient.generators)
    wanted = gradient._critic_run.backward(first.slope[..., None])
    assert learner.critic_adam.mean == pytest.approx(0.1 * wanted, rel=1e-5, abs=1e-9)


def test_classifiers_come_to_tell_examples_from_the_rest():
    replay = walked_replay([SEED])
    learner = make_learner(rce.objective(n_step=1), replay=replay, discount=0.5, learning_rate=3e-3)
    for _ in range(300):
        learner.update(replay)
    logits = [
        learner.values(rows, learner.act(rows, explore=False)).mean()
        for rows in (examples_of(SEED)[None], replay.since(0, 0)[None])
    ]
    assert logits[0] > logits[1] + 1


def test_a_reward_of_two_stages_is_learned_once_and_stays():
    replay = walked_replay([SEED])
    learner = make_learner(two_stage.objective(reward="dac", reward_updates=30), replay=replay)
    begun = learner.reward_model.stack.flat.copy()
    learner.learn_reward_once(replay)
    assert learner.reward_model.adam.count == [30]
    fitted = learner.reward_model.stack.flat.copy()
    assert (fitted != begun).any()
    for _ in range(5):
        learner.update(replay)
    assert (learner.reward_model.stack.flat == fitted).all()
    others = make_learner(dac.objective(), replay=replay)
    others.learn_reward_once(replay)
    assert others.reward_model.adam.count == [0]


def test_actions_explore_or_are_the_best():
    replay = walked_replay([SEED])
    learner = make_learner(rce.objective(), replay=replay)
    seen = np.zeros((1, 4, OBSERVATION), np.float32)
    best = learner.act(seen, explore=False)
    assert best.shape == (1, 4, 2)
    assert (best == learner.act(seen, explore=False)).all()
    drawn = [learner.act(seen, explore=True) for _ in range(2)]
    assert (drawn[0] != drawn[1]).all()
    assert np.abs([best, *drawn]).max() <= 1
    choices = make_learner(rce.objective(), discrete=True)
    for explore in (False, True):
        acted = choices.act(seen, explore=explore)
        assert acted.shape == (1, 4, 4)
        assert ((acted == 1).sum(axis=-1) == 1).all()


def test_random_actions_cover_the_range():
    learner, choices = (make_learner(rce.objective(), discrete=discrete) for discrete in (False, True))
    generator = np.random.default_rng(0)
    drawn = learner.random_actions(generator, 2000)
    assert drawn.min() == pytest.approx(-1, abs=0.01)
    assert drawn.max() == pytest.approx(1, abs=0.01)
    assert drawn.dtype == np.float32
    assert choices.random_actions(generator, 4000).mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_the_examples_of_a_member_are_its_own():
    replay = walked_replay([1, 2])
    learner = make_learner(rce.objective(), seeds=(1, 2), replay=replay)
    learner._draw(replay, learner.generators)
    for member, seed in enumerate((1, 2)):
        shown = learner._states[member, learner._shown]
        rows = np.empty((2, 11, OBSERVATION), np.float32)
        learner.moments.apply(np.stack([examples_of(seed)] * 2), rows)
        assert all((row == rows[member]).all(axis=1).any() for row in shown)


def test_the_entropy_weight_follows_its_target():
    """Found: it falls while the policy's entropy is above minus the number of actions, and rises below."""
    replay = walked_replay([SEED])
    learner = make_learner(sqil_squared.objective(), replay=replay, learning_rate=0.02)
    assert learner.log_entropy[0, 0] == 0
    for _ in range(5):
        learner.update(replay)
    assert learner.log_entropy[0, 0] < 0  # a fresh policy's entropy is far above -2
    fixed = make_learner(rce.objective(), replay=replay)
    fixed.update(replay)
    assert np.exp(fixed.log_entropy[0, 0]) == pytest.approx(1e-4)
    assert isinstance(fixed, Learner)


def test_targets_begin_as_the_critics_and_follow_them():
    replay = walked_replay([SEED])
    learner = make_learner(rce.objective(), replay=replay, polyak=0.25)
    assert (learner.targets.flat == learner.critics.flat).all()
    begun = learner.critics.flat.copy()
    learner.update(replay)
    assert learner.targets.flat == pytest.approx(begun + 0.25 * (learner.critics.flat - begun), abs=1e-7)
