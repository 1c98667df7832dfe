"""Mistakes in a newsletter's files: found all in one go, each with its place and its remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from probatum.errors import ProbatumError


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where it stands, what was found there, and what would be right."""

    file: Path
    line: int
    found: str
    right: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.found}; {self.right}"


class Problems(ProbatumError):
    """All mistakes of a newsletter; nothing is built while there is one."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"{lines}\n{count} mistake{'s' * (count != 1)}; nothing was built")

    def __reduce__(self) -> tuple[type[Problems], tuple[tuple[Problem, ...]]]:
        return Problems, (self.problems,)  # an exception is pickled by its message otherwise


def one_of(name: str, known: Iterable[str]) -> str:
    """Say which of the `known` names is probably meant, or list them.

    >>> one_of("summariser", ["summarizer", "title"])
    "did you mean 'summarizer'?"
    """
    names = sorted(known)
    near = get_close_matches(name.lower(), [item.lower() for item in names], n=1)
    if near:
        return f"did you mean {next(item for item in names if item.lower() == near[0])!r}?"
    listed = ", ".join(names[:12]) + (", …" if len(names) > 12 else "")
    return f"known are: {listed}" if names else "there is none yet"
