"""What is to be learned, from the words of a command line and from the record of a training that goes on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probatum.cli.environment_options import environment_options
from probatum.cli.learners import find_learner, learner_options, objective_of, own_parameters
from probatum.cli.learning_record import Learning, digest, read_record, refuse_other, write_record
from probatum.cli.user_function import user_function
from probatum.errors import ProbatumError


def begun(out: Path, given: Mapping[str, Any], *, resume: bool) -> Learning:
    """Return what is to be learned, and write its record into the folder `out`.

    `given`: what the command line says, by field of `Learning`, None where it says nothing; options as words. With
    `resume` the record that is there counts, and all that is given must agree with it. Raises `ProbatumError` for what
    is missing or cannot be used, before anything is written.
    """
    recorded = read_record(out) if resume else None
    names = tuple(given["methods"] or (recorded.methods if recorded else ("rce",)))
    found = {name.replace("-", "_"): find_learner(name) for name in names}
    if len(found) < len(names):
        raise ProbatumError(f"--method: {', '.join(names)}: give each method once")
    known = {name: value for name, value in given.items() if value is not None}
    known["methods"] = tuple(found)
    known["options"] = tuple(learner_options(list(found.values()), given["options"] or ()))
    if given["env_options"]:
        known["env_options"] = environment_options(given["env_options"])
    if recorded:
        if not given["options"]:
            del known["options"]
        source = known.get("examples", recorded.examples)
        refuse_other(recorded, known | {"examples_sha256": digest(source)})
        return recorded
    for name, option in (("env", "--env"), ("examples", "--examples")):
        if name not in known:
            raise ProbatumError(f"{option} is missing: give an environment and examples of success, or --resume")
    if any(next(out.rglob(name), None) for name in ("policy.json", "checkpoint.npz")):
        raise ProbatumError(f"--out {out}: there is a training already; go on with --resume, or give another folder")
    asked = Learning(examples_sha256=digest(known["examples"]), **known)
    _refuse_early(asked)
    write_record(out, asked)
    return asked


def _refuse_early(asked: Learning) -> None:
    """What can be known before anything is written: names, files and settings that cannot be used."""
    from probatum.control.environments.make_environment import environment_from
    from probatum.control.settings import Training

    if len(asked.methods) > 1 and asked.seeds < 2:
        raise ProbatumError(f"{len(asked.methods)} methods are compared over seeds: give --seeds 2 or more, better 10")
    environment_from(
        asked.env, name=asked.env_name, max_episode_steps=asked.max_episode_steps, options=asked.env_options
    )
    if asked.success is not None:
        user_function(asked.success, option="--success")
    for name, options in zip(asked.methods, asked.options, strict=True):
        learner = find_learner(name)
        objective_of(learner, options)
        own = own_parameters(learner)
        Training(steps=asked.steps, **{key: value for key, value in options.items() if key not in own})
