import pickle
import subprocess
import sys
import textwrap

import gymnasium
import numpy as np
import pytest

from probatum.control.environments.faults import EnvironmentFault
from probatum.control.environments.lanes import Lanes
from probatum.control.environments.make_environment import EnvironmentSpec, environment_from
from probatum.errors import ProbatumError


def length(env_fn, most=600):
    env = env_fn()
    env.reset(seed=0)
    steps = next(step for step in range(1, most) if env.step(env.action_space.sample())[3])
    env.close()
    return steps


def without(package, *lines):
    """Run lines in an interpreter in which a package cannot be imported."""
    code = "\n".join([f"import sys; sys.modules[{package!r}] = None", *lines])
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=False)


def test_a_gymnasium_id():
    env_fn = environment_from("Pendulum-v1")
    first, second = env_fn(), env_fn()
    assert first is not second
    assert first.reset(seed=3)[0].tolist() == second.reset(seed=3)[0].tolist()
    assert length(env_fn) == 200
    assert length(environment_from("Pendulum-v1", max_episode_steps=7)) == 7


def test_the_point_room_is_known_by_its_name():
    assert length(environment_from("probatum/PointRoom-v0")) == 50
    assert length(environment_from("probatum/PointRoom-v0", max_episode_steps=70)) == 70
    env = environment_from("probatum/PointRoom-v0", options={"discrete": True}, render=True)()
    assert env.action_space.n == 5
    env.reset(seed=0)
    assert env.render().shape == (96, 96, 3)


def test_options_reach_the_constructor():
    env = environment_from("Pendulum-v1", options={"g": 3.0})()
    assert env.unwrapped.g == 3.0
    with pytest.raises(EnvironmentFault, match=r"Pendulum-v1 could not be made with \{'gravity': 3\}"):
        environment_from("Pendulum-v1", options={"gravity": 3})()
    with pytest.raises(ProbatumError, match="no plain values"):
        environment_from("Pendulum-v1", options={"g": np.ones(2)})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("Pendulum", "no environment is called 'Pendulum'; near it: .*Pendulum-v1"),
        ("PointRoom-v0", "near it: .*probatum/PointRoom-v0"),
        ("CartPole-v9", "near it: .*CartPole-v1"),
        ("???", "give a Gymnasium id or package.module:function"),
        ("no_such_module:make", "no module 'no_such_module'"),
        ("json:make", "the module 'json' has no function 'make'"),
        ("json:decoder", "the module 'json' has no function 'decoder'"),
    ],
)
def test_unknown_names_are_refused_with_near_ones(spec, message):
    with pytest.raises(ProbatumError, match=message):
        environment_from(spec)


def test_a_name_or_a_length_that_makes_no_sense():
    with pytest.raises(ProbatumError, match="no tasks to choose from; leave the name 'drawer' out"):
        environment_from("Pendulum-v1", name="drawer")
    with pytest.raises(ProbatumError, match="0 steps"):
        environment_from("Pendulum-v1", max_episode_steps=0)


FACTORY = """
import warnings

import gymnasium

def make(length=None):
    return gymnasium.make("Pendulum-v1", max_episode_steps=length)

def vector():
    return gymnasium.vector.SyncVectorEnv([make, make])

def warns():
    warnings.warn("the battery is low")
    return make()

def broken():
    raise RuntimeError("the robot is off")
"""


def test_a_function_of_the_users(tmp_path, monkeypatch):
    (tmp_path / "my_robot_arm.py").write_text(FACTORY)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert length(environment_from("my_robot_arm:make")) == 200
    assert length(environment_from("my_robot_arm:make", options={"length": 11})) == 11
    assert length(environment_from("my_robot_arm:make", max_episode_steps=5)) == 5
    vector = environment_from("my_robot_arm:vector")()
    assert vector.num_envs == 2
    vector.close()
    with pytest.raises(ProbatumError, match=r"only a gymnasium.Env can be cut"):
        environment_from("my_robot_arm:vector", max_episode_steps=5)()
    with pytest.warns(UserWarning, match="battery"):
        environment_from("my_robot_arm:warns")()
    with pytest.raises(EnvironmentFault, match="RuntimeError: the robot is off"):
        environment_from("my_robot_arm:broken")()
    with pytest.raises(ProbatumError, match="through its own options"):
        environment_from("my_robot_arm:make", name="arm")


def test_a_specification_comes_back_from_plain_values():
    env_fn = environment_from("Pendulum-v1", max_episode_steps=9, options={"g": 2.0}, render=True)
    spec = env_fn.spec
    assert isinstance(spec, EnvironmentSpec)
    again = EnvironmentSpec.from_dict(spec.to_dict())
    assert (again.id, again.max_episode_steps, again.options, again.render) == ("Pendulum-v1", 9, {"g": 2.0}, False)
    assert length(again) == 9
    assert pickle.loads(pickle.dumps(spec)) == spec  # other processes make environments too


def test_a_file_from_elsewhere_runs_no_code():
    with pytest.raises(ProbatumError, match="would run code"):
        EnvironmentSpec.from_dict({"id": "os:system", "options": {"command": "true"}})
    with pytest.raises(ProbatumError, match="would run code"):
        EnvironmentSpec.from_dict({"id": "antigravity:Some-v0"})
    assert EnvironmentSpec.from_dict({"id": "my_robot:make"}, run_code=True).id == "my_robot:make"
    for broken in ({}, {"id": 3}, {"factory": "<function>"}):
        with pytest.raises(ProbatumError, match="its 'id' should be a name"):
            EnvironmentSpec.from_dict(broken)


def test_a_missing_package_is_named_with_its_extra():
    line = "from probatum.control.environments.make_environment import environment_from"
    done = without("gymnasium", line, "environment_from('Pendulum-v1')")
    assert "pip install 'probatum[control]'" in done.stderr
    done = without("metaworld", line, "environment_from('Meta-World/MT1', name='reach-v3')")
    assert "needs the package 'metaworld'" in done.stderr
    done = without("gymnasium_robotics", line, "environment_from('AdroitHandDoor-v1')")
    assert "needs the package 'gymnasium_robotics'" in done.stderr


def test_packages_are_imported_only_for_their_environments():
    code = (
        "import sys; from probatum.control.environments.make_environment import environment_from; "
        "before = 'gymnasium' in sys.modules; environment_from('Pendulum-v1'); "
        "print(before, sorted({'metaworld', 'gymnasium_robotics', 'mujoco'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False []"


def test_meta_world_tasks_are_checked_by_name():
    pytest.importorskip("metaworld")
    with pytest.raises(ProbatumError, match=r"no task 'drawer-close'; near it: drawer-close-v3.*\(50 in all\)"):
        environment_from("Meta-World/MT1", name="drawer-close")
    with pytest.raises(ProbatumError, match="needs the name of a task"):
        environment_from("Meta-World/MT1")
    with pytest.raises(ProbatumError, match="Meta-World ends them at 500"):
        environment_from("Meta-World/MT1", name="drawer-close-v3", max_episode_steps=501)
    with pytest.raises(ProbatumError, match="give Meta-World/MT1 and a task's name"):
        environment_from("Meta-World/MT10")
    with pytest.raises(ProbatumError, match=r"near it: .*Meta-World/MT1"):
        environment_from("Meta-World/MT2", name="reach-v3")
    with pytest.raises(ProbatumError, match="Meta-World/MT1, and reach-v3 the name of its task"):
        environment_from("Meta-World/reach-v3")


def test_meta_world_episodes_follow_their_seed():
    pytest.importorskip("metaworld")
    actions = np.random.default_rng(0).uniform(-1, 1, (12, 4)).astype(np.float32)
    env_fn = environment_from("Meta-World/MT1", name="drawer-close-v3", max_episode_steps=12)

    def episode(env, seed):
        rows = [env.reset(seed=seed)[0]]
        steps = [env.step(action) for action in actions]
        assert [step[3] for step in steps] == [False] * 11 + [True]
        assert "success" in steps[0][4]
        return np.array(rows + [step[0] for step in steps])

    np.random.seed(0)
    env = env_fn()
    first = episode(env, 7)
    other = episode(env, 8)
    assert (first[0] != other[0]).any()  # another goal
    assert episode(env, 7).tobytes() == first.tobytes()
    np.random.seed(1)
    fresh = env_fn()
    assert episode(fresh, 7).tobytes() == first.tobytes()
    env.close()
    fresh.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "name"),
    [
        ("Meta-World/MT1", "window-close-v3"),
        ("AdroitHandDoor-v1", None),
        ("AdroitHandHammer-v1", None),
        ("FetchReach-v4", None),
        ("PointMaze_UMaze-v3", None),
    ],
)
def test_simulated_robots_can_be_taken_up_again(spec, name):
    pytest.importorskip("gymnasium_robotics")
    pytest.importorskip("metaworld")
    env_fn = environment_from(spec, name=name, max_episode_steps=60)
    lanes = Lanes(env_fn, seed=0)
    actions = np.random.default_rng(0).uniform(-1, 1, (110, 1, lanes.spaces.action)).astype(np.float32)
    for action in actions[:100]:
        stepped = lanes.step(action)
    assert not np.isnan(stepped.success).any()
    state = lanes.state()
    others = Lanes(env_fn, seed=1)
    others.restore(state)
    for action in actions[100:]:
        assert lanes.step(action).arrived.tobytes() == others.step(action).arrived.tobytes()
    assert isinstance(others._env, gymnasium.Env)
    lanes.close()
    others.close()
