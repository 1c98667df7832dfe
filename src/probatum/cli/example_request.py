"""What `probatum examples` was asked for, and how it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, final

from probatum.cli.environment_options import environment_options
from probatum.cli.user_function import user_function
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.control.environments.make_environment import EnvironmentSpec
    from probatum.control.example_check import ExampleCheck

COLLECT_STEPS = 200_000
CHECK_STEPS = 2_000


@final
@dataclass(frozen=True, kw_only=True)
class ExampleRequest:
    """The environment, and what is collected in it, or which file is checked with it."""

    env: str
    env_name: str | None = None
    env_options: tuple[str, ...] = ()
    episode_steps: int | None = None
    source: Literal["scripted", "success", "state_setter", "trajectories"] = "success"
    count: int = 200
    per_episode: int = 10
    steps: int | None = None
    seed: int = 0
    success: str | None = None
    setter: str | None = None
    policy: Path | None = None
    file: str | None = None


def collected(asked: ExampleRequest) -> tuple[Any, str]:
    """Return the examples, (count, observation), and a note of where they come from."""
    from probatum.control.examples.collecting import collect_examples

    if asked.setter and asked.source != "state_setter":
        raise ProbatumError(f"--setter {asked.setter} goes with --from state_setter, not with --from {asked.source}")
    if asked.policy and asked.source != "success":
        raise ProbatumError(f"--policy {asked.policy} goes with --from success, not with --from {asked.source}")
    examples = collect_examples(
        environment(asked),
        source=asked.source,
        count=asked.count,
        seed=asked.seed,
        per_episode=asked.per_episode,
        steps=asked.steps or COLLECT_STEPS,
        success=_function(asked.success, "--success"),
        act=_acting(asked.policy),
        setter=_function(asked.setter, "--setter"),
    )
    return examples, _note(asked)


def checked(asked: ExampleRequest) -> ExampleCheck:
    """Return what is found about the examples in the file."""
    from probatum.control.example_check import check_examples

    return check_examples(
        asked.file,
        env_fn=environment(asked),
        seed=asked.seed,
        steps=asked.steps or CHECK_STEPS,
        success=_function(asked.success, "--success"),
    )


def environment(asked: ExampleRequest) -> EnvironmentSpec:
    """Return the maker of the environment."""
    from probatum.control.environments.make_environment import environment_from

    return environment_from(
        asked.env,
        name=asked.env_name,
        max_episode_steps=asked.episode_steps,
        options=environment_options(asked.env_options),
    )


def write_page(path: Path, asked: ExampleRequest, result: ExampleCheck) -> None:
    """Write the check as a page; `ProbatumError` where it cannot be written."""
    from probatum.cli.package_versions import package_versions
    from probatum.cli.page_file import write_page
    from probatum.report import report_html

    page = report_html(
        result,
        title=f"Examples of success in {_named(asked)}",
        facts={
            "Examples": str(asked.file),
            "Environment": _named(asked),
            "Seed": str(asked.seed),
            "Versions": ", ".join(f"{name} {number}" for name, number in package_versions(PACKAGES).items()),
        },
        code=python_code(asked),
    )
    write_page(path, page)


PACKAGES = ("numpy", "scipy", "gymnasium", "mujoco", "metaworld", "gymnasium-robotics", "matplotlib")


def python_code(asked: ExampleRequest) -> str:
    """Return Python that makes the same check."""
    given = {"name": asked.env_name, "max_episode_steps": asked.episode_steps}
    words = [repr(asked.env), *(f"{name}={value!r}" for name, value in given.items() if value is not None)]
    words += [f"options={environment_options(asked.env_options)!r}"] if asked.env_options else []
    lines = ["from probatum.control import check_examples, environment_from", ""]
    success = ""
    if asked.success:
        module, _, function = asked.success.partition(":")
        lines.insert(0, f"from {module} import {function}")
        success = f", success={function}"
    call = f"env_fn=env_fn, seed={asked.seed}, steps={asked.steps or CHECK_STEPS}{success}"
    lines += [f"env_fn = environment_from({', '.join(words)})"]
    lines += [f"print(check_examples({asked.file!r}, {call}).summary())"]
    return "\n".join(lines)


def _named(asked: ExampleRequest) -> str:
    return " ".join(filter(None, [asked.env, asked.env_name, *asked.env_options]))


def _note(asked: ExampleRequest) -> str:
    means = asked.setter or (f"policy {asked.policy}" if asked.policy else None)
    return f"{_named(asked)}, {asked.source}{f' by {means}' if means else ''}, seed {asked.seed}"


def _function(spec: str | None, option: str) -> Callable[..., Any] | None:
    return None if spec is None else user_function(spec, option=option)


def _acting(folder: Path | None) -> Callable[..., Any] | None:
    if folder is None:
        return None
    from probatum.control.learned_policy import load_policy

    policy = load_policy(folder)

    def act(observations: Any, generator: Any) -> Any:
        if observations.shape[1] != policy.spaces.observation:
            raise ProbatumError(
                f"--policy {folder} reads observations of {policy.spaces.observation} columns; the environment's have "
                f"{observations.shape[1]}"
            )
        return policy.actor.sample(observations, generator)

    return act
