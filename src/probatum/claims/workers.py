"""Where trials are measured: in this process, in several of this machine, or on a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from probatum.claims.measuring import Outcome, measure
from probatum.claims.plan import Task
from probatum.errors import MissingExtra, ProbatumError

Progress = Callable[[int, int, str], None]
"""Called with the number of trials that are done, of how many, and which was the last."""


def measured(tasks: Iterable[Task], *, jobs: int = 1, cluster: str | None = None) -> Iterator[Outcome]:
    """Measure tasks and yield each outcome as soon as it is there; tasks are taken only as workers get free.

    Args:
        tasks: what to measure.
        jobs: how many processes of this machine, each with one thread; 1 measures in this process.
        cluster: the address of a Dask scheduler, in place of this machine's processes.

    Raises:
        ProbatumError: there is no such cluster, a worker was killed, or it has other code than this process.
    """
    import joblib

    with ExitStack() as stack:
        if cluster:
            deaths = _connect(cluster, stack)
            stack.enter_context(joblib.parallel_config("dask", n_jobs=-1))
        else:
            deaths = (joblib.externals.loky.process_executor.TerminatedWorkerError,)
            alone = {} if jobs == 1 else {"inner_max_num_threads": 1}
            stack.enter_context(joblib.parallel_config("loky", n_jobs=jobs, **alone))
        # One task a batch: what is done is known at once. No memory mapping: tasks are small.
        parallel = joblib.Parallel(
            return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs", max_nbytes=None
        )
        try:
            yield from parallel(joblib.delayed(measure)(task) for task in tasks)
        except deaths as error:
            raise ProbatumError(
                "a worker was killed, perhaps because memory ran out; what was finished is in the ledger, "
                "run again for the rest, with fewer jobs"
            ) from error


def _connect(cluster: str, stack: ExitStack) -> tuple[type[Exception], ...]:
    """Become a client of a Dask cluster until the stack is left; return what tells that its workers died."""
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise MissingExtra("dask", "distributed") from error
    try:
        connect: Any = distributed.Client  # which is untyped
        client = connect(cluster, timeout=10)
    except (OSError, ValueError) as error:
        raise ProbatumError(f"no Dask scheduler at {cluster!r}: {error}; write it as tcp://HOST:8786") from error
    stack.enter_context(client)
    return (distributed.KilledWorker,)
