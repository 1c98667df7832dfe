"""A training that somebody asked for: policies learned by one or several methods, from one or several seeds."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

from probatum.cli.learners import find_learner, objective_of, own_parameters
from probatum.cli.learning_record import Learning
from probatum.cli.user_function import user_function
from probatum.errors import ProbatumError
from probatum.progress import track

if TYPE_CHECKING:
    from probatum.control.learned_policy import LearnedPolicy
    from probatum.result import Result

POLICY, CHECKPOINT = "policy.json", "checkpoint"


@final
@dataclass(frozen=True, kw_only=True)
class Learned:
    """What came out: each method's `policies`, its `results` (a policy, or policies by seed), and all in one."""

    policies: Mapping[str, Sequence[LearnedPolicy]]
    results: Mapping[str, Result]
    result: Result


def learn_all(asked: Learning, out: Path, *, resume: bool = False) -> Learned:
    """Learn with every method and seed, and keep the policies in `out`; with `resume`, only what is not yet there.

    Raises `ProbatumError` with the methods' own words for what they refuse.
    """
    policies = {
        name: _learn(asked, name, options, asked.folder(out, name), resume)
        for name, options in zip(asked.methods, asked.options, strict=True)
    }
    results = {name: _over_seeds(ones) for name, ones in policies.items()}
    return Learned(policies=policies, results=results, result=_over_methods(results))


def policy_folders(asked: Learning, folder: Path) -> dict[int, Path]:
    """Return where the policy of each seed is kept: in a folder of its own if there are several."""
    seeds = asked.all_seeds()
    return {seed: folder / f"seed-{seed}" if len(seeds) > 1 else folder for seed in seeds}


def _learn(
    asked: Learning, name: str, options: Mapping[str, Any], folder: Path, resume: bool
) -> tuple[LearnedPolicy, ...]:
    from probatum.control.learned_policy import load_policy

    places = policy_folders(asked, folder)
    groups = list(_groups(asked))
    missing = [seeds for seeds in groups if not all((places[seed] / POLICY).is_file() for seed in seeds)]
    tasks = [(asked, name, options, seeds, folder, resume) for seeds in missing]
    if len(tasks) == 1:
        _train(*tasks[0])
    elif tasks:
        _train_in_processes(tasks, f"groups of seeds of {name}")
    for seeds in groups:
        _clear(folder if len(groups) == 1 else _group_folder(folder, seeds), whole=len(groups) > 1)
    return tuple(load_policy(place) for place in places.values())


def _train_in_processes(tasks: Sequence[tuple[Any, ...]], what: str) -> None:
    import joblib

    parallel = joblib.Parallel(n_jobs=len(tasks), return_as="generator_unordered", max_nbytes=None)
    try:
        for _ in track(parallel(joblib.delayed(_train)(*task) for task in tasks), total=len(tasks), what=what):
            pass
    except joblib.externals.loky.process_executor.TerminatedWorkerError as error:
        raise ProbatumError(
            "a process was killed, perhaps because memory ran out; go on with --resume, or start anew with fewer --jobs"
        ) from error


def _group_folder(folder: Path, seeds: Sequence[int]) -> Path:
    return folder / f"seeds-{seeds[0]}-{seeds[-1]}"


def _clear(place: Path, *, whole: bool) -> None:
    """Remove a checkpoint that has served, or the whole folder of a group: its policies are in their own."""
    shutil.rmtree(place if whole else place / CHECKPOINT, ignore_errors=True)


def _groups(asked: Learning) -> Iterator[tuple[int, ...]]:
    """Seeds that are learned side by side in one process."""
    seeds, count = asked.all_seeds(), min(asked.jobs, asked.seeds)
    for number in range(count):
        yield seeds[number * len(seeds) // count : (number + 1) * len(seeds) // count]


def _train(
    asked: Learning, name: str, options: Mapping[str, Any], seeds: Sequence[int], folder: Path, resume: bool
) -> None:
    """Learn with some seeds and save their policies."""
    from probatum.control.environments.make_environment import environment_from
    from probatum.control.learn import learn_many
    from probatum.control.learning.checkpoint import NAME

    learner = find_learner(name)
    own = own_parameters(learner)
    grouped = seeds != asked.all_seeds()
    place = _group_folder(folder, seeds) if grouped else folder
    policies = learn_many(
        environment_from(
            asked.env,
            name=asked.env_name,
            max_episode_steps=asked.max_episode_steps,
            options=asked.env_options,
        ),
        asked.examples,
        objective=objective_of(learner, options),
        seeds=seeds,
        steps=asked.steps,
        success=None if asked.success is None else user_function(asked.success, option="--success"),
        folder=place,
        resume=resume and (place / CHECKPOINT / NAME).is_file(),
        **{key: value for key, value in options.items() if key not in own},
    )
    for policy in policies if grouped else ():
        policy.save(policy_folders(asked, folder)[policy.seed])


def _over_seeds(policies: Sequence[LearnedPolicy]) -> Result:
    if len(policies) == 1:
        return policies[0]
    from probatum.control.policies_by_seed import policies_by_seed

    return policies_by_seed(policies)


def _over_methods(results: Mapping[str, Any]) -> Result:
    if len(results) == 1:
        result: Result = next(iter(results.values()))
        return result
    from probatum.control.compare_methods import compare_methods

    return compare_methods(results)
