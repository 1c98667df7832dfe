"""Measures one trial in the process that calls it, and reports whatever comes of it."""

from __future__ import annotations

import os
import resource
import socket
import sys
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from probatum.artifacts import collecting
from probatum.claims.experiment import load, source
from probatum.claims.history import now
from probatum.claims.plan import Task
from probatum.claims.provenance import closure, code_digest, environment, file_digest, libraries
from probatum.claims.trial import Trial
from probatum.errors import CannotRun, MissingExtra, ProbatumError

_RESIDENT_UNIT = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss
_loaded: dict[Path, str] = {}  # the files behind the modules of this process, as they were when first loaded


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a task: a trial, measured or failed, or the reason why it cannot run on this machine."""

    task: Task
    trial: Trial | None = None
    artifacts: Mapping[str, bytes] = field(default_factory=dict)
    cannot_run: str = ""


def measure(task: Task) -> Outcome:
    """Run an experiment once.

    An exception in it is a result like others, a trial with a traceback. `CannotRun` and a library that is not
    installed are not: another machine may have what is missing here.

    Raises:
        ProbatumError: the code here is not the code for which the trial is wanted.
    """
    path = source(task.experiment, task.folder)
    _demand_code(task, path)
    started, wall, cpu = now(), time.perf_counter(), time.process_time()
    metrics, error = None, None
    with collecting() as artifacts:
        try:
            metrics = _numbers(load(path)(seed=task.seed, **task.parameters))
        except (CannotRun, MissingExtra) as reason:
            return Outcome(task=task, cannot_run=str(reason))
        except (Exception, SystemExit) as failure:
            if package := _not_installed(failure, path):
                return Outcome(task=task, cannot_run=f"the package {package!r} is not installed")
            error = _traceback(failure, path)
    trial = Trial(
        key=task.key,
        experiment=task.experiment,
        code=task.code,
        parameters=task.parameters,
        seed=task.seed,
        metrics=metrics,
        error=error,
        started=started,
        wall_seconds=round(time.perf_counter() - wall, 4),
        cpu_seconds=round(time.process_time() - cpu, 4),
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _RESIDENT_UNIT,
        worker=_worker(),
        environment=environment(libraries(closure(path))),
        artifacts={name: sha256(data).hexdigest() for name, data in artifacts.items()},
    )
    return Outcome(task=task, trial=trial, artifacts=artifacts)


def _demand_code(task: Task, path: Path) -> None:
    """Refuse to measure with other code than the trial will be filed under.

    It is other code when a worker elsewhere has another version, when a file was edited while a long run went on,
    and when this process imported a module before it was edited.
    """
    found = code_digest(path)
    if found != task.code:
        raise ProbatumError(
            f"{task.experiment}: the code on {_worker()} is {found[:8]}, wanted is {task.code[:8]}; it was edited "
            "since the run began, or another version is installed there. Run again with the same code everywhere"
        )
    for file in closure(path):
        digest = file_digest(file)
        if file != path and file.suffix == ".py" and _loaded.setdefault(file, digest) != digest:
            raise ProbatumError(f"{file.name} was edited after this process had loaded it; start again")


def _numbers(metrics: object) -> dict[str, float]:
    if not isinstance(metrics, Mapping):
        raise TypeError(f"an experiment returns a mapping of names to numbers, not {type(metrics).__name__}")
    wrong = [name for name in metrics if not isinstance(name, str) or not name.isidentifier()]
    if wrong:
        raise TypeError(f"metric {wrong[0]!r}: its name must be one that an expectation can use, such as 'z_score'")
    return {name: float(value) for name, value in metrics.items()}


def _not_installed(failure: BaseException, path: Path) -> str:
    """The library that an import failed to find, unless it would be a neighbour of the experiment or ours."""
    if not isinstance(failure, ModuleNotFoundError) or failure.name is None:
        return ""
    return failure.name if failure.name.partition(".")[0] in libraries(closure(path)) else ""


def _traceback(failure: BaseException, path: Path) -> str:
    """The traceback from the experiment on, with file names that say nothing about this machine's folders."""
    report = traceback.TracebackException.from_exception(failure)
    frames = [place for place, frame in enumerate(report.stack) if Path(frame.filename) == path]
    del report.stack[: frames[0] if frames else 0]
    absolute = (entry for entry in [*sys.path, str(path.parent)] if Path(entry).is_absolute())
    text = "".join(report.format())
    for root in sorted(absolute, key=len, reverse=True):
        text = text.replace(f'"{root}{os.sep}', '"')
    return text.replace(str(Path.home()), "~")


def _worker() -> str:
    """Who measures: the address of a Dask worker, else host and process."""
    if "distributed" in sys.modules:
        from distributed import get_worker

        try:
            return str(get_worker().address)
        except ValueError:
            pass  # it is imported, but this is no worker
    return f"{socket.gethostname()}:{os.getpid()}"
