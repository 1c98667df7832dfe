from dataclasses import replace

import numpy as np
import pytest
from walking_policies import random_policy, to_the_disc, to_the_disc_by_choices

from probatum.control.onnx_export import export_onnx
from probatum.errors import ProbatumError
from probatum.networks.from_onnx import graph_from_onnx


def exported(policy, path, **facts):
    import onnxruntime

    export_onnx(policy, path=path, facts=facts)
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def expected(policy, observations):
    inside = policy.actor.greedy(observations)
    score = None if policy.critic is None else policy.critic.score(observations, inside)
    return policy.spaces.to_environment(inside), score


POLICIES = {
    "wide": random_policy(observation=39, action=4, hidden=64, bounds=(-1, 1)),
    "bounds": random_policy(),
    "shaped": random_policy(action=4, shape=(2, 2)),
    "choices": random_policy(action=5, discrete=True),
    "walking": to_the_disc(),
    "walking by choices": to_the_disc_by_choices(),
    "large": random_policy(observation=39, action=4, hidden=256),
}


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("count", [1, 64])
def test_the_model_gives_the_same_actions_and_scores(name, count, tmp_path):
    policy = POLICIES[name]
    session = exported(policy, tmp_path / "policy.onnx")
    observations = np.random.default_rng(1).normal(size=(count, policy.spaces.observation)).astype(np.float32) * 3
    observations[0] *= 100  # beyond what the normalisation lets through
    action, score = session.run(None, {"observation": observations})
    wanted_action, wanted_score = expected(policy, observations)
    assert action.dtype == wanted_action.dtype
    assert action.shape == wanted_action.shape
    assert action == pytest.approx(wanted_action, abs=1e-5)
    assert score.shape == (count,)
    assert score == pytest.approx(wanted_score, abs=1e-4, rel=1e-5)


def test_actions_stay_within_the_bounds_to_the_bit(tmp_path):
    policy = random_policy(bounds=(-0.1, 0.3))
    layers = tuple((weight * 1e3, bias) for weight, bias in policy.actor.weights)
    steep = replace(policy, actor=replace(policy.actor, weights=layers))
    session = exported(steep, tmp_path / "policy.onnx")
    observations = np.random.default_rng(1).normal(size=(200, 7)).astype(np.float32)
    action, _ = session.run(["action", "score"], {"observation": observations})
    assert action.min() == np.float32(-0.1)
    assert action.max() == np.float32(0.3)


def test_without_a_critic_there_is_no_score(tmp_path):
    session = exported(replace(to_the_disc(), critic=None), tmp_path / "policy.onnx")
    assert [output.name for output in session.get_outputs()] == ["action"]


def test_the_model_says_what_it_is(tmp_path):
    session = exported(to_the_disc(), tmp_path / "policy.onnx", environment="room")
    assert [(one.name, one.shape, one.type) for one in session.get_inputs()] == [
        ("observation", ["N", 2], "tensor(float)")
    ]
    assert [(one.name, one.shape) for one in session.get_outputs()] == [("action", ["N", 2]), ("score", ["N"])]
    facts = session.get_modelmeta().custom_metadata_map
    assert facts == {"columns": "column 0, column 1", "method": "by_hand", "environment": "room"}


def test_equal_policies_give_equal_files(tmp_path):
    for name in ("a", "b"):
        exported(random_policy(), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(ProbatumError, match=r"nowhere.policy.onnx: the model cannot be written"):
        export_onnx(to_the_disc(), path=tmp_path / "nowhere" / "policy.onnx")


def test_the_actor_can_be_measured_as_any_network(tmp_path):
    policy = replace(random_policy(), critic=None)
    exported(policy, tmp_path / "policy.onnx")
    assert graph_from_onnx(tmp_path / "policy.onnx", input_shape=(1, 7)).units > 0


@pytest.mark.parametrize("discrete", [False, True])
def test_a_learned_policy_acts_as_its_model_does_after_saving_and_loading(discrete, tmp_path):
    import onnxruntime

    from probatum.control.learned_policy import LearnedPolicy, load_policy

    by_hand = random_policy(discrete=discrete, action=4)
    parts = {"spaces": by_hand.spaces, "actor": by_hand.actor, "critic": by_hand.critic, "history": {"steps": [1.0]}}
    LearnedPolicy(method="rce", seed=0, settings={}, environment={}, **parts).save(tmp_path / "policy")
    policy = load_policy(tmp_path / "policy")
    policy.export_onnx(tmp_path / "policy.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "policy.onnx", providers=["CPUExecutionProvider"])
    observations = np.random.default_rng(1).normal(size=(50, 7)).astype(np.float32)
    action, score = session.run(None, {"observation": observations})
    assert action == pytest.approx(policy.act(observations), abs=1e-5)
    assert score == pytest.approx(policy.score(observations), abs=1e-4, rel=1e-5)
    one, _ = session.run(None, {"observation": observations[:1]})
    assert one[0] == pytest.approx(policy.act(observations[0]), abs=1e-5)
