"""What a command or a call costs: CPU seconds first, since a shared machine stretches only the time on the wall."""

from __future__ import annotations

import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Value = TypeVar("Value")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """CPU seconds of all processes and threads, `system` those in the kernel, seconds on the wall, what was written."""

    cpu: float
    system: float
    wall: float
    files: int
    size: int


def run(command: Sequence[str | Path], out: Path, *, cwd: Path | None = None) -> Cost:
    """Run a command that writes the folder `out`, and count what it and all its children used.

    Raises:
        RuntimeError: it failed; with the end of what it said.
    """
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            end = said.read().decode(errors="replace").strip()[-2000:]
            raise RuntimeError(f"{Path(command[0]).name} ended with {child.returncode}: {end}")
    sizes = [path.stat().st_size for path in out.rglob("*") if path.is_file()]
    return Cost(
        cpu=used.ru_utime + used.ru_stime,
        system=used.ru_stime,
        wall=wall,
        files=len(sizes),
        size=sum(sizes),
    )


def cpu_seconds() -> float:
    """What this process and its finished children have used so far."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def fresh(function: Callable[Given, Value], *args: Given.args, **options: Given.kwargs) -> Value:
    """Call a function in an interpreter of its own: no cache is warm there, and no earlier step's objects lie about."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args, **options).result()
