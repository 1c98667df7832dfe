"""The page of a policy at play: what was found, the facts behind it, and Python that plays the same episodes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probatum.cli.package_versions import package_versions
from probatum.cli.page_file import write_page
from probatum.cli.playing import Playing

if TYPE_CHECKING:
    from probatum.control.environments.make_environment import EnvironmentSpec
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.result import Result

PACKAGES = ("numpy", "scipy", "gymnasium", "mujoco", "metaworld", "gymnasium-robotics", "matplotlib")


def write_report(path: Path, asked: Playing, policy: LearnedPolicy, spec: EnvironmentSpec, result: Result) -> None:
    """Write the page; `ProbatumError` where it cannot be written, `MissingExtra` without matplotlib."""
    from probatum.report import report_html

    page = report_html(
        result, title=title(policy, spec), facts=facts(asked, policy, spec), code=python_code(asked, spec)
    )
    write_page(path, page)


def title(policy: LearnedPolicy, spec: EnvironmentSpec) -> str:
    """Name the method and the environment."""
    return f"A policy of {policy.method} at play in {environment(spec)}"


def environment(spec: EnvironmentSpec) -> str:
    """Name the environment with its task and options."""
    told = [f"{name} = {value}" for name, value in spec.options.items()]
    told += [f"episodes of {spec.max_episode_steps} steps"] if spec.max_episode_steps else []
    named = " ".join(filter(None, [spec.id, spec.name]))
    return f"{named} ({', '.join(told)})" if told else named


def facts(asked: Playing, policy: LearnedPolicy, spec: EnvironmentSpec) -> dict[str, str]:
    """Return policy, environment, episodes, settings of the training and versions, by what they are."""
    spaces = policy.spaces
    return {
        "Policy": str(asked.folder),
        "Method": f"{policy.method}, seed {policy.seed}",
        "Environment": environment(spec),
        "Observation": f"{spaces.observation} numbers",
        "Action": f"{spaces.action} {'choices' if spaces.discrete else 'numbers'}",
        "Episodes": f"{asked.episodes}, seed {asked.seed}, always the action held best",
        **({"Success": asked.success} if asked.success else {}),
        "Settings": ", ".join(f"{name} = {value}" for name, value in policy.settings.items()) or "none",
        "Versions": ", ".join(f"{name} {number}" for name, number in package_versions(PACKAGES).items()),
    }


def python_code(asked: Playing, spec: EnvironmentSpec) -> str:
    """Return Python that plays the same episodes."""
    given = {"name": spec.name, "max_episode_steps": spec.max_episode_steps, "options": dict(spec.options) or None}
    arguments = [repr(spec.id), *(f"{name}={value!r}" for name, value in given.items() if value is not None)]
    names = ["calibrate"] if asked.calibrate else []
    lines = [f"from probatum.control import {', '.join([*names, 'environment_from', 'load_policy', 'play'])}", ""]
    call = f"episodes={asked.episodes}, seed={asked.seed}"
    if asked.success:
        module, _, function = asked.success.partition(":")
        lines.insert(0, f"from {module} import {function}")
        call += f", success={function}"
    lines.append(f"policy = load_policy({str(asked.folder)!r})")
    lines.append(f"env_fn = environment_from({', '.join(arguments)})")
    lines.append(f"rollouts = play(policy, env_fn=env_fn, {call})")
    lines.append("print(rollouts.summary())")
    return "\n".join([*lines, *(["print(calibrate(rollouts).summary())"] if asked.calibrate else [])])
