"""States of success in Adroit's tasks: the door stands open with the hand at its handle; the nail is driven in.

Rajeswaran et al., "Learning Complex Dexterous Manipulation with Deep Reinforcement Learning and Demonstrations",
RSS 2018; the tasks as gymnasium-robotics keeps them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from probatum.errors import ProbatumError

Setter = Callable[[Any, np.random.Generator], Any]

OPEN = (1.36, 1.57)  # rad, of the hinge: a success begins at 1.35 and the joint ends at 1.57
TURNED = (1.2, 1.8)  # rad, of the latch: at less than 1.2 the door does not move (tried with a torque on the hinge)
REACH = (  # m and rad, of the arm's slide and three turns: a box around the poses whose palm reaches the open handle
    (0.05, 0.40),
    (-0.50, 0.50),
    (-0.75, -0.40),
    (-1.00, 1.00),
)
NEAR = 0.25  # m between palm and handle; a hand that has just pulled the door open is still there
SETTLE = 10  # steps in which the hand holds its pose while contacts push it out of the door
OVERLAP = -0.02  # m: poses in which the hand is deeper in the door than this are not tried
TRIES = 10_000


def adroit_setter(env: Any) -> Setter:
    """Return the setter for `env`, Adroit's door or hammer; `ProbatumError` for other environments."""
    setters: dict[str, Setter] = {"AdroitHandDoorEnv": open_door, "AdroitHandHammerEnv": drive_nail}
    made = type(getattr(env, "unwrapped", env))
    for kind in made.__mro__:
        if kind.__name__ in setters and kind.__module__.startswith("gymnasium_robotics."):
            return setters[kind.__name__]
    raise ProbatumError(
        f"there is no state setter for {made.__name__}: those for Adroit's door and hammer come with this package; "
        "give setter=function(environment, generator) -> observation"
    )


def open_door(env: Any, generator: np.random.Generator) -> Any:
    """Open the door by 1.36 to 1.57 rad with the latch turned and the palm near the handle; return the observation.

    The pose of the arm is drawn at random until the palm is within 0.25 m of the handle, then the hand holds it for ten
    steps of physics. The frame of the door stays where the reset has put it.
    """
    from mujoco import mj_kinematics

    inside = env.unwrapped
    frame = inside.get_env_state()["door_body_pos"]
    for _ in range(TRIES):
        qpos = inside.init_qpos.copy()
        qpos[:4] = [generator.uniform(low, high) for low, high in REACH]
        qpos[4:28] = _fingers(inside, generator, 4)
        qpos[28], qpos[29] = generator.uniform(*OPEN), generator.uniform(*TURNED)
        inside.data.qpos[:] = qpos
        mj_kinematics(inside.model, inside.data)
        if _palm_to_handle(inside) > NEAR:  # cheap to see before contacts are looked for
            continue
        inside.set_env_state({"qpos": qpos, "qvel": np.zeros_like(inside.init_qvel), "door_body_pos": frame})
        if _deepest(inside) >= OVERLAP:
            observation, success = _settle(inside, qpos[:28])
            if success and _palm_to_handle(inside) <= NEAR:
                return observation
    raise ProbatumError(f"no pose of the hand near the open door's handle in {TRIES} tries; is this the Adroit door?")


def drive_nail(env: Any, generator: np.random.Generator) -> Any:
    """Set the nail to the end of its way into the board, the arm anywhere in its range; return the observation.

    The hammer starts where the reset has put it, on the table, and lies where ten steps of physics leave it. So these
    are successes by the environment's word, but nobody holds the hammer in them: states in which a hand has just struck
    need a setter, or a policy, of the user's own.
    """
    inside = env.unwrapped
    nail, board = inside.model.joint("nail_dir"), inside.get_env_state()["board_pos"]
    low, high = inside.model.jnt_range[:2].T
    for _ in range(TRIES):
        qpos = inside.init_qpos.copy()
        qpos[:2] = generator.uniform(low, high)
        qpos[2:26] = _fingers(inside, generator, 2)
        qpos[nail.qposadr[0]] = nail.range[1]
        inside.set_env_state({"qpos": qpos, "qvel": np.zeros_like(inside.init_qvel), "board_pos": board})
        if _deepest(inside) < OVERLAP:
            continue
        observation, success = _settle(inside, qpos[:26])
        if success:
            return observation
    raise ProbatumError(f"the nail did not stay driven in {TRIES} tries; is this the Adroit hammer?")


def _fingers(inside: Any, generator: np.random.Generator, first: int) -> Any:
    """Wrist and fingers, joints `first` and the 23 after it, a little away from where a reset puts them."""
    low, high = inside.model.jnt_range[first : first + 24].T
    return np.clip(inside.init_qpos[first : first + 24] + generator.normal(0, 0.1, size=24), low, high)


def _settle(inside: Any, pose: Any) -> tuple[Any, bool]:
    hold = np.clip((pose - inside.act_mean[: len(pose)]) / inside.act_rng[: len(pose)], -1, 1)
    for _ in range(SETTLE):
        observation, _, _, _, info = inside.step(hold)
    return observation, bool(info["success"])


def _palm_to_handle(inside: Any) -> float:
    palm, handle = inside.data.site_xpos[inside.grasp_site_id], inside.data.site_xpos[inside.handle_site_id]
    return float(np.linalg.norm(palm - handle))


def _deepest(inside: Any) -> float:
    distances = inside.data.contact.dist
    return float(distances.min()) if len(distances) else 0.0
