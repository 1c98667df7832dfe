"""Environments by name: a Gymnasium id, a Meta-World task, or a function of the user's own."""

from __future__ import annotations

import contextlib
import difflib
import importlib
import io
import json
import os
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from probatum.control.environments.faults import EnvironmentFault
from probatum.errors import MissingExtra, ProbatumError

POINT_ROOM = "probatum/PointRoom-v0"
FACTORY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
ROBOTICS = ("Adroit", "Fetch", "Hand", "PointMaze", "AntMaze", "FrankaKitchen")
META_WORLD_STEPS = 500  # the simulation refuses a longer episode


@final
@dataclass(frozen=True)
class EnvironmentSpec:
    """How to make an environment again: call it. Its fields are plain values, for policy.json.

    `id`: a Gymnasium id or `package.module:function`. `name`: the task of Meta-World. `max_episode_steps`: None for
    the environment's own. `options`: keyword arguments of its constructor. `render`: whether it draws frames.
    """

    id: str
    name: str | None = None
    max_episode_steps: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    render: bool = False

    @property
    def spec(self) -> EnvironmentSpec:
        """The specification itself, under the name that every maker of `environment_from` has."""
        return self

    def __call__(self) -> Any:
        """Make a fresh environment."""
        try:
            with _quiet(self.id):
                return _make(self)
        except ProbatumError:
            raise
        except Exception as error:
            given = f" with {dict(self.options)}" if self.options else ""
            raise EnvironmentFault(f"{self.id} could not be made{given}: {type(error).__name__}: {error}") from error

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values; whether frames are drawn is not part of what was learned in."""
        return {
            "id": self.id,
            "name": self.name,
            "max_episode_steps": self.max_episode_steps,
            "options": dict(self.options),
        }

    @classmethod
    def from_dict(cls, mapping: Mapping[str, Any], *, render: bool = False, run_code: bool = False) -> EnvironmentSpec:
        """Return the specification that `to_dict` wrote.

        A `module:name` in it would import and run that module, which a file from elsewhere must not decide: it is
        refused unless `run_code`.
        """
        identity = mapping.get("id")
        if not isinstance(identity, str):
            raise ProbatumError(f"no environment can be made from {dict(mapping)}; its 'id' should be a name")
        if ":" in identity and not run_code:
            raise ProbatumError(
                f"the file names the environment {identity!r}, which would run code of that module; "
                f"name the environment yourself if you trust it (--env {identity})"
            )
        limit = mapping.get("max_episode_steps")
        return cls(
            id=identity,
            name=mapping.get("name"),
            max_episode_steps=None if limit is None else int(limit),
            options=dict(mapping.get("options") or {}),
            render=render,
        )


def environment_from(
    spec: str,
    *,
    name: str | None = None,
    max_episode_steps: int | None = None,
    options: Mapping[str, Any] | None = None,
    render: bool = False,
) -> EnvironmentSpec:
    """Return a maker of environments, checked as far as that goes without making one.

    `spec`: a Gymnasium id (`Pendulum-v1`, `AdroitHandDoor-v1`, `probatum/PointRoom-v0`), `Meta-World/MT1` with the
    task as `name`, or `package.module:function`. `max_episode_steps` cuts episodes there. `options` go to the
    environment's constructor; Meta-World's `seed` (0 if not given) draws the 50 goals of the task. `render` asks
    for frames. Raises `ProbatumError` for unknown names, with near ones, and `MissingExtra` without the package.
    """
    made = EnvironmentSpec(spec, name, max_episode_steps, dict(options or {}), render)
    if render:
        os.environ.setdefault("MUJOCO_GL", "egl")  # before MuJoCo is imported: it draws without a display then
    if max_episode_steps is not None and max_episode_steps < 1:
        raise ProbatumError(f"episodes of {max_episode_steps} steps: give at least 1")
    try:
        json.dumps(made.to_dict())
    except (TypeError, ValueError) as error:
        raise ProbatumError(
            f"the options {options} are no plain values ({error}); a policy could not keep them"
        ) from error
    with _quiet(spec):
        if FACTORY.fullmatch(spec):
            _factory(made)
        else:
            _check_id(made)
    return made


def _make(spec: EnvironmentSpec) -> Any:
    import gymnasium

    if FACTORY.fullmatch(spec.id):
        env = _factory(spec)(**spec.options)
        if spec.max_episode_steps is None:
            return env
        if not isinstance(env, gymnasium.Env):
            raise ProbatumError(f"{spec.id} makes {env!r}; only a gymnasium.Env can be cut at a number of steps")
        return gymnasium.wrappers.TimeLimit(env, spec.max_episode_steps)
    _check_id(spec)
    options = dict(spec.options)
    if spec.render:
        os.environ.setdefault("MUJOCO_GL", "egl")  # another process may have checked the name
        options.setdefault("render_mode", "rgb_array")
    if spec.id == POINT_ROOM:
        return gymnasium.make(spec.id, disable_env_checker=True, **_room_options(spec, options))
    if not spec.id.startswith("Meta-World/"):
        return gymnasium.make(spec.id, max_episode_steps=spec.max_episode_steps, disable_env_checker=True, **options)
    from probatum.control.environments.seeded_resets import SeededResets

    options = {"seed": 0, **options, "env_name": spec.name}
    made = gymnasium.make(spec.id, max_episode_steps=spec.max_episode_steps, disable_env_checker=True, **options)
    return SeededResets(made)


def _room_options(spec: EnvironmentSpec, options: dict[str, Any]) -> dict[str, Any]:
    return options if spec.max_episode_steps is None else {**options, "steps": spec.max_episode_steps}


def _check_id(spec: EnvironmentSpec) -> None:
    try:
        import gymnasium
    except ImportError as error:
        raise MissingExtra("control", "gymnasium") from error
    _register(spec.id, gymnasium)
    if ":" not in spec.id and spec.id not in gymnasium.registry:
        _refuse_bare_task(spec.id)
        near = difflib.get_close_matches(spec.id, list(gymnasium.registry), n=3, cutoff=0.5)
        raise ProbatumError(
            f"no environment is called {spec.id!r}"
            + (f"; near it: {', '.join(near)}" if near else "; give a Gymnasium id or package.module:function")
        )
    if spec.id.startswith("Meta-World/"):
        _check_task(spec)
    elif spec.name is not None:
        raise ProbatumError(f"{spec.id} has no tasks to choose from; leave the name {spec.name!r} out")


def _register(identity: str, gymnasium: Any) -> None:
    if identity.startswith("Meta-World/"):
        _imported("metaworld")
    elif identity == POINT_ROOM and identity not in gymnasium.registry:
        gymnasium.register(POINT_ROOM, "probatum.control.environments.point_room:PointRoom")
    elif identity.startswith(ROBOTICS) and identity not in gymnasium.registry:
        gymnasium.register_envs(_imported("gymnasium_robotics"))


def _refuse_bare_task(identity: str) -> None:
    metaworld = sys.modules.get("metaworld")
    task = identity.removeprefix("Meta-World/")
    if metaworld is not None and task in metaworld.MT1.ENV_NAMES:
        raise ProbatumError(f"{identity!r}: the environment is Meta-World/MT1, and {task} the name of its task")


def _check_task(spec: EnvironmentSpec) -> None:
    import metaworld

    if spec.id != "Meta-World/MT1":
        raise ProbatumError(f"{spec.id} holds several tasks or hides its goal; give Meta-World/MT1 and a task's name")
    tasks = list(metaworld.MT1.ENV_NAMES)
    if spec.name not in tasks:
        near = difflib.get_close_matches(str(spec.name), tasks, n=3, cutoff=0.5) or tasks[:3]
        found = "needs the name of a task" if spec.name is None else f"has no task {spec.name!r}"
        raise ProbatumError(f"Meta-World {found}; near it: {', '.join(near)} ({len(tasks)} in all)")
    if spec.max_episode_steps is not None and spec.max_episode_steps > META_WORLD_STEPS:
        raise ProbatumError(
            f"episodes of {spec.max_episode_steps} steps: Meta-World ends them at {META_WORLD_STEPS}; give at most that"
        )


def _factory(spec: EnvironmentSpec) -> Any:
    if spec.name is not None or spec.render:
        raise ProbatumError(f"{spec.id} takes its name and its drawing through its own options")
    module, _, function = spec.id.partition(":")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # the user's own file beside which the command runs
    try:
        found = getattr(importlib.import_module(module), function, None)
    except ModuleNotFoundError as error:
        raise ProbatumError(f"{spec.id}: no module {error.name!r}; is it installed, or in {here}?") from error
    if not callable(found):
        raise ProbatumError(f"{spec.id}: the module {module!r} has no function {function!r}")
    return found


def _imported(package: str) -> Any:
    try:
        with contextlib.redirect_stderr(io.StringIO()):  # news of its makers, such as of rewards, which are not used
            return importlib.import_module(package)
    except ImportError as error:
        raise MissingExtra("control", package) from error


def _quiet(identity: str) -> contextlib.AbstractContextManager[Any]:
    """Return a context in which packages' remarks about each other are not heard; those of the user's own code are."""
    return contextlib.nullcontext() if FACTORY.fullmatch(identity) else warnings.catch_warnings(action="ignore")
