import importlib
import inspect
import json
import pkgutil

import gymnasium
import numpy as np
import pytest
from corridor import Corridor

from probatum.control import methods
from probatum.control.environments.point_room import PointRoom, success_states
from probatum.control.learn import learn_many
from probatum.control.learned_policy import LearnedPolicy, load_policy
from probatum.control.learning import evaluation
from probatum.control.learning.objective import Objective
from probatum.control.settings import Training
from probatum.errors import ProbatumError

NAMES = [found.name for found in pkgutil.iter_modules(methods.__path__)]
MODULES = {name: importlib.import_module(f"{methods.__name__}.{name}") for name in NAMES}
LEARNERS = {name: getattr(module, name) for name, module in MODULES.items()}
EXAMPLES = success_states(40)
QUICK = {"hidden": (16, 16), "batch": 32, "evaluations": 2, "evaluation_episodes": 2}


def choosing_room():
    return PointRoom(discrete=True)


def three_rooms():
    return gymnasium.vector.SyncVectorEnv([PointRoom] * 3)


@pytest.fixture(scope="module", params=NAMES)
def learned(request):
    own = {"reward_updates": 50} if request.param == "two_stage" else {}
    return request.param, LEARNERS[request.param](PointRoom, EXAMPLES, seed=1, steps=400, **own, **QUICK)


def arrays_of(policy):
    layers = [*policy.actor.weights, *policy.critic.weights]
    return [policy.actor.mean, policy.actor.scale, *(array for pair in layers for array in pair)]


def assert_alike(one, other):
    assert all((a == b).all() for a, b in zip(arrays_of(one), arrays_of(other), strict=True))
    for name, column in one.history.items():
        if name != "seconds":
            np.testing.assert_array_equal(column, other.history[name], err_msg=name)


def test_a_method_returns_a_policy(learned):
    name, policy = learned
    assert isinstance(policy, LearnedPolicy)
    assert policy.method.startswith(name)
    assert policy.seed == 1
    assert all(np.isfinite(array).all() for array in arrays_of(policy))
    assert policy.history["steps"].tolist() == [200, 400]
    assert policy.history["updates"].tolist() == [100, 300]
    assert np.isfinite(policy.history["critic_loss"]).all()
    assert policy.settings["steps"] == 400
    assert str(policy.seed) in policy.summary()
    json.dumps(policy.to_dict(), allow_nan=True)


def test_a_policy_acts_and_foresees(learned):
    _, policy = learned
    seen = success_states(7, seed=3)
    actions = policy.act(seen)
    assert actions.shape == (7, 2)
    assert PointRoom().action_space.contains(policy.act(seen[0]))
    assert (policy.act(seen[0]) == policy.act(seen[:1])[0]).all()
    drawn = [policy.act(seen, explore=np.random.default_rng(seed)) for seed in (0, 0, 1)]
    assert (drawn[0] == drawn[1]).all()
    assert (drawn[0] != drawn[2]).any()
    assert policy.score(seen).shape == (7,)
    assert isinstance(policy.score(seen[0]), float)
    with pytest.raises(ProbatumError, match="reads 2 finite numbers"):
        policy.act(np.zeros(3))
    with pytest.raises(ProbatumError, match="reads 2 finite numbers"):
        policy.act(np.array([np.nan, 0]))


def test_a_policy_saved_and_loaded_is_the_same(learned, tmp_path):
    _, policy = learned
    policy.save(tmp_path)
    again = load_policy(tmp_path)
    assert_alike(policy, again)
    seen = success_states(5, seed=4)
    assert (policy.act(seen) == again.act(seen)).all()
    assert (policy.score(seen) == again.score(seen)).all()
    assert (again.method, again.seed, again.warnings) == (policy.method, policy.seed, policy.warnings)
    assert json.loads(json.dumps(again.to_dict())) == json.loads(json.dumps(policy.to_dict()))


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_one_shape(name):
    """What the command line and the comparison of methods rely on: the same arguments, own options with defaults."""
    parameters = inspect.signature(LEARNERS[name]).parameters
    assert list(parameters)[:4] == ["env_fn", "examples", "seed", "steps"]
    own = [key for key in list(parameters)[4:] if key != "options"]
    assert all(parameters[key].default is not inspect.Parameter.empty for key in ["seed", "steps", *own])
    chosen = MODULES[name].objective
    assert list(inspect.signature(chosen).parameters) == own
    assert {key: parameters[key].default for key in own} == {
        key: parameter.default for key, parameter in inspect.signature(chosen).parameters.items()
    }
    objective = chosen()
    assert isinstance(objective, Objective)
    assert objective.name.startswith(name)
    json.dumps(objective.options())


@pytest.mark.parametrize("name", ["rce", "sqil_squared", "vice"])
@pytest.mark.parametrize("env_fn", [choosing_room, three_rooms])
def test_choices_and_vectors_of_environments(name, env_fn):
    policy = LEARNERS[name](env_fn, EXAMPLES, steps=200, check=False, **QUICK)
    assert all(np.isfinite(array).all() for array in arrays_of(policy))
    single = choosing_room() if env_fn is choosing_room else PointRoom()
    assert single.action_space.contains(policy.act(EXAMPLES[0]))


def test_seeds_side_by_side_are_the_policies_learned_alone():
    objective = MODULES["rce"].objective()
    together = learn_many(PointRoom, EXAMPLES, objective=objective, seeds=(5, 2), steps=200, check=False, **QUICK)
    alone = LEARNERS["rce"](PointRoom, EXAMPLES, seed=2, steps=200, check=False, **QUICK)
    assert [policy.seed for policy in together] == [5, 2]
    assert all((a == b).all() for a, b in zip(arrays_of(together[1]), arrays_of(alone), strict=True))


def test_a_seed_decides_everything():
    first, second = (LEARNERS["dac"](PointRoom, EXAMPLES, seed=2, steps=120, **QUICK) for _ in range(2))
    assert_alike(first, second)
    assert first.warnings == second.warnings


def test_a_training_that_was_stopped_goes_on(tmp_path, monkeypatch):
    from probatum.control.training_run import TrainingRun

    options = {"seed": 2, "steps": 300, "checkpoint_every": 60, "folder": tmp_path, **QUICK}
    bad = np.concatenate([EXAMPLES] * 3)  # of which the check warns
    whole = LEARNERS["rce"](PointRoom, bad, **options)
    plain = TrainingRun.step

    def stop_in_the_middle(run):
        if run.done == 200:
            raise KeyboardInterrupt
        plain(run)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TrainingRun, "step", stop_in_the_middle)
        LEARNERS["rce"](PointRoom, bad, **options)
    resumed = LEARNERS["rce"](PointRoom, bad, resume=True, **options)
    assert_alike(resumed, whole)
    assert resumed.warnings == whole.warnings
    assert any("different" in warning for warning in whole.warnings)


BAD = {
    "no steps": ("rce", {"steps": 0}, "steps=0"),
    "nothing but warm-up": ("rce", {"steps": 100, "warmup": 100}, "warmup=100: must lie between 1 and steps - 1 = 99"),
    "discount of one": ("rce", {"discount": 1.0}, "discount=1.0"),
    "discount of nan": ("rce", {"discount": float("nan")}, "discount=nan"),
    "no width": ("sqil", {"hidden": ()}, "hidden="),
    "a width of nought": ("sqil", {"hidden": (16, 0)}, "hidden="),
    "no batch": ("sqil", {"batch": 0}, "batch=0"),
    "no example in a batch": ("rce", {"example_batch": 0}, "example_batch=0"),
    "fewer than none": ("rce", {"example_batch": -3}, "example_batch=-3"),
    "no rate": ("sqil", {"learning_rate": 0.0}, "learning_rate=0.0"),
    "a rate of nan": ("sqil", {"learning_rate": float("nan")}, "learning_rate=nan"),
    "entropy in a word": ("vice", {"entropy": "some"}, "entropy='some'"),
    "entropy below nought": ("vice", {"entropy": -1.0}, "entropy=-1"),
    "entropy of nan": ("vice", {"entropy": float("nan")}, "entropy=nan"),
    "polyak above one": ("dac", {"polyak": 1.5}, "polyak=1.5"),
    "all held out": ("dac", {"held_out": 1.0}, "held_out=1.0"),
    "no episodes": ("dac", {"evaluation_episodes": 0}, "evaluation_episodes=0"),
    "no window": ("rce", {"n_step": 0}, "n_step=0"),
    "another mixing": ("rce", {"mixing": "both"}, "'both' is none of"),
    "a prior of one": ("purl", {"prior": 1.0}, "prior=1.0"),
    "another prior": ("oril", {"prior": -0.1}, "prior=-0.1"),
    "no such reward": ("two_stage", {"reward": "rce"}, "'rce' is none of vice, dac, purl, oril"),
    "no update of the reward": ("two_stage", {"reward_updates": 0}, "reward_updates=0"),
    "resume from nowhere": ("rce", {"resume": True}, "needs folder="),
    "a seed below nought": ("rce", {"seed": -1}, "-1"),
}


@pytest.mark.parametrize(("name", "options", "message"), BAD.values(), ids=BAD)
def test_bad_settings_are_refused_in_words(name, options, message):
    with pytest.raises(ProbatumError, match=message):
        LEARNERS[name](PointRoom, EXAMPLES, **{"steps": 200, **QUICK, **options})


def test_bad_examples_are_refused_in_words():
    for examples, message in (
        (np.zeros((4, 3)), r"3 .*2|2 .*3"),
        (np.full((4, 2), np.nan), "NaN|nan"),
        (np.zeros((0, 2)), "empty|no example|0 "),
    ):
        with pytest.raises(ProbatumError, match=message):
            LEARNERS["rce"](PointRoom, examples, steps=200, **QUICK)


def test_the_same_seed_twice_is_refused():
    objective = MODULES["rce"].objective()
    for seeds in ((1, 1), ()):
        with pytest.raises(ProbatumError, match="give each seed once"):
            learn_many(PointRoom, EXAMPLES, objective=objective, seeds=seeds, steps=100)


def test_an_unknown_setting_is_an_error_of_the_call():
    with pytest.raises(TypeError, match="speed"):
        LEARNERS["rce"](PointRoom, EXAMPLES, steps=200, speed=3)


def test_seeds_of_numpy_are_seeds(tmp_path):
    options = {"steps": 100, "checkpoint_every": 40, "folder": tmp_path, "check": False, **QUICK}
    objective = MODULES["rce"].objective()
    (policy,) = learn_many(PointRoom, EXAMPLES, objective=objective, seeds=np.arange(1), **options)
    policy.save(tmp_path)
    assert load_policy(tmp_path).seed == 0


def test_an_environment_without_an_end_is_said(monkeypatch):
    monkeypatch.setattr(evaluation, "LONGEST", 200)
    with pytest.raises(ProbatumError, match="no episode ended within 200 steps"):
        LEARNERS["rce"](Corridor, np.zeros((5, 2), np.float32), steps=100, check=False, **QUICK)


def test_the_true_reward_needs_an_environment_that_tells_success():
    def silent():
        return Corridor(cut=5, says=False)

    with pytest.raises(ProbatumError, match="does not say whether it has succeeded"):
        LEARNERS["sparse_reward"](silent, np.zeros((5, 2), np.float32), steps=100, check=False, **QUICK)


def test_the_defaults_are_those_of_the_reference():
    training = Training()
    assert (training.discount, training.hidden, training.batch, training.learning_rate) == (0.99, (256, 256), 256, 3e-4)
    assert (training.polyak, training.entropy, training.use_terminals) == (0.005, 1e-4, False)
    assert (Training(steps=100_000).random_steps, Training(steps=400).random_steps) == (10_000, 100)
    assert (training.examples_a_batch, Training(example_batch=7).examples_a_batch) == (256, 7)
