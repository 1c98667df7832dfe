"""What can go wrong for a user, each with a message that says what was found and what would be right."""

from __future__ import annotations


class ProbatumError(Exception):
    """Any error that a user can cause and mend; the command line prints its message without a traceback."""


class CannotRun(ProbatumError):
    """An experiment's material (a data set, a device) is not to be had on this machine.

    It is not a failed trial: nothing is written into the ledger, since another machine may have the material.
    """


class MissingExtra(ProbatumError):
    """A package of one of the optional extras is not installed."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"this needs the package {package!r}, which is not installed: pip install 'probatum[{extra}]'")
        self.extra = extra
        self.package = package
