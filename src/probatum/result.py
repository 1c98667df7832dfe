"""What every method returns: a frozen record that can be read, summed up in a sentence, and drawn."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from probatum.errors import MissingExtra


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result(ABC):
    """The outcome of a method: subclasses are frozen data classes whose fields are the numbers measured."""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain Python values, ready for JSON."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @abstractmethod
    def summary(self) -> str:
        """Say in one sentence what was found, with its numbers."""

    @abstractmethod
    def plot(self, ax: Any = None) -> Any:
        """Draw the fields on a matplotlib axis (a new one if None) and return it; never computes."""

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return every picture of the result by its caption: functions that draw on the axis given them."""
        return {type(self).__name__: self.plot}


def axis(ax: Any = None) -> Any:
    """Return `ax`, or a new matplotlib axis if it is None; `MissingExtra` without matplotlib."""
    if ax is not None:
        return ax
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise MissingExtra("plot", "matplotlib") from error
    return pyplot.subplots()[1]


def _plain(value: Any) -> Any:
    if isinstance(value, Result):
        return value.to_dict()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "tolist"):  # numpy arrays and scalars
        return value.tolist()
    return value
