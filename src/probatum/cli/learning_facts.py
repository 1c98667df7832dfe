"""What a reader needs to get a learned policy again: a title, the facts behind it, and Python that does the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probatum.cli.learners import find_learner, own_parameters
from probatum.cli.learning_record import Learning
from probatum.cli.package_versions import package_versions

if TYPE_CHECKING:
    from probatum.control.learned_policy import LearnedPolicy

PACKAGES = ("numpy", "scipy", "gymnasium", "mujoco", "metaworld", "gymnasium-robotics", "matplotlib")
ROOM = "probatum.control"


def title(asked: Learning, methods: Sequence[str] | None = None) -> str:
    """Name the methods and the environment."""
    names = asked.methods if methods is None else tuple(methods)
    listed = " and ".join(names) if len(names) < 3 else f"{len(names)} methods"
    return f"Learning {environment(asked)} by {listed}"


def environment(asked: Learning) -> str:
    """Name the environment with its task and options."""
    named = " ".join(filter(None, [asked.env, asked.env_name]))
    options = [f"{name} = {value}" for name, value in asked.env_options.items()]
    options += [f"episodes of {asked.max_episode_steps} steps"] if asked.max_episode_steps else []
    return f"{named} ({', '.join(options)})" if options else named


def facts(asked: Learning, policies: Mapping[str, Sequence[LearnedPolicy]]) -> dict[str, str]:
    """Return method, environment, examples with their digest, seeds, all settings and versions, by what they are."""
    first = next(iter(policies.values()))[0]
    told = {"Method": ", ".join(asked.methods), "Environment": environment(asked)}
    told["Observation"] = f"{first.spaces.observation} numbers"
    told["Action"] = f"{first.spaces.action} {'choices' if first.spaces.discrete else 'numbers'}"
    told["Examples"] = asked.examples + (f", SHA-256 {asked.examples_sha256}" if asked.examples_sha256 else "")
    if asked.success:
        told["Success"] = asked.success
    seeds = asked.all_seeds()
    told["Seed" if len(seeds) == 1 else "Seeds"] = ", ".join(map(str, seeds))
    for name, options in zip(asked.methods, asked.options, strict=True):
        which = f" of {name}" if len(asked.methods) > 1 else ""
        own = {key: options.get(key, one.default) for key, one in own_parameters(find_learner(name)).items()}
        told[f"Options{which}"] = _listed(own) or "none of its own"
        told[f"Settings{which}"] = _listed(policies[name][0].settings)
    told["Versions"] = ", ".join(f"{name} {number}" for name, number in package_versions(PACKAGES).items())
    return told


def python_code(asked: Learning) -> str:
    """Return Python that learns the same."""
    module, _, function = (asked.success or "").partition(":")
    lines = [f"from {module} import {function}", ""] if module else []
    more = [f"success={function}"] if module else []
    made = ["", f"env_fn = environment_from({_arguments(_environment(asked))})"]
    if asked.seeds == 1:
        name = asked.methods[0]
        given = [*_keywords({"seed": asked.seed, "steps": asked.steps, **asked.options[0]}), *more]
        lines += [f"from {ROOM} import environment_from, {name}", *made]
        return "\n".join([*lines, f"policy = {name}(env_fn, {asked.examples!r}, {', '.join(given)})", *_said("policy")])
    compared = ["compare_methods"] if len(asked.methods) > 1 else []
    lines += [f"from {ROOM} import {', '.join([*compared, 'environment_from', 'policies_by_seed'])}"]
    lines += [f"from {ROOM}.learn import learn_many", f"from {ROOM}.methods import {', '.join(sorted(asked.methods))}"]
    lines += [*made, f"seeds = range({asked.seed}, {asked.seed + asked.seeds})", "results = {}"]
    for name, options in zip(asked.methods, asked.options, strict=True):
        own = own_parameters(find_learner(name))
        mine = ", ".join(_keywords({key: value for key, value in options.items() if key in own}))
        rest = {"steps": asked.steps, **{key: value for key, value in options.items() if key not in own}}
        given = [f"objective={name}.objective({mine})", "seeds=seeds", *_keywords(rest), *more]
        lines.append(f"policies = learn_many(env_fn, {asked.examples!r}, {', '.join(given)})")
        lines.append(f"results[{name!r}] = policies_by_seed(policies)")
    lines.append("result = compare_methods(results)" if compared else f"result = results[{asked.methods[0]!r}]")
    return "\n".join([*lines, *_said("result")])


def _said(result: str) -> list[str]:
    return [f"print({result}.summary())"]


def _environment(asked: Learning) -> dict[str, Any]:
    given = {
        "": asked.env,
        "name": asked.env_name,
        "max_episode_steps": asked.max_episode_steps,
        "options": dict(asked.env_options) or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _arguments(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" if name else repr(value) for name, value in given.items())


def _keywords(given: Mapping[str, Any]) -> list[str]:
    return [f"{name}={value!r}" for name, value in given.items()]


def _listed(given: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {'none' if value is None else value}" for name, value in given.items())
