"""The region in which a measured value must lie, written before the first measurement: `z < -2 and p < 0.01`."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_BELOW = (ast.Lt, ast.LtE)
_ABOVE = (ast.Gt, ast.GtE)
_RIGHT = "write comparisons with numbers, joined by 'and', such as 'z < -2' or '0.08 <= rate <= 0.1 and n > 100'"


@dataclass(frozen=True)
class Term:
    """One quantity, an arithmetic expression of metrics, and the interval in which it must lie."""

    expression: str
    low: float
    high: float
    low_open: bool
    high_open: bool

    def value(self, metrics: Mapping[str, float]) -> float:
        """Compute the quantity from one trial's metrics.

        Raises:
            KeyError: a metric is missing.
        """
        try:
            return _value(ast.parse(self.expression, mode="eval").body, metrics)
        except ZeroDivisionError:
            return math.nan

    def holds(self, value: float) -> bool:
        """Whether a value lies in the region."""
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of the metrics that are used."""
        nodes = ast.walk(ast.parse(self.expression, mode="eval"))
        return tuple(sorted({node.id for node in nodes if isinstance(node, ast.Name)} - {"abs"}))


@dataclass(frozen=True)
class Expectation:
    """What must hold, all of it."""

    text: str
    terms: tuple[Term, ...]

    @property
    def digest(self) -> str:
        """SHA-256 of the text with its spaces made even: what is fixed before measuring."""
        return sha256(" ".join(self.text.split()).encode()).hexdigest()

    @property
    def metrics(self) -> tuple[str, ...]:
        """The names of all metrics that are used."""
        return tuple(sorted({name for term in self.terms for name in term.metrics}))


def parse(text: str) -> Expectation:
    """Read an expectation.

    >>> parse("0.085 <= rate <= 0.095").terms[0].high
    0.095

    Raises:
        ValueError: quotes the text and says what would be right.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"expect: {text!r} cannot be read; {_RIGHT}") from error
    clauses = tree.values if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And) else [tree]
    try:
        return Expectation(text, tuple(term for clause in clauses for term in _terms(clause)))
    except ValueError as error:
        raise ValueError(f"expect: {text!r}: {error}; {_RIGHT}") from None


def _terms(clause: ast.expr) -> Iterator[Term]:
    if not isinstance(clause, ast.Compare):
        raise ValueError(f"{ast.unparse(clause)!r} is no comparison")
    sides = [clause.left, *clause.comparators]
    places = [place for place, side in enumerate(sides) if _names(side)]
    if len(places) != 1:
        raise ValueError("each comparison needs numbers on one side and one expression of metrics on the other")
    (place,) = places
    _check(sides[place])
    low, high, low_open, high_open = -math.inf, math.inf, False, False
    for index, comparison in enumerate(clause.ops):
        if index not in (place - 1, place):
            raise ValueError("a comparison has one metric with at most one number on each side")
        bound = _value(sides[index + 1] if index == place else sides[index], {})
        if not isinstance(comparison, _BELOW + _ABOVE):
            raise ValueError("compare with <, <=, > or >= (a measured value hardly ever equals a number)")
        if isinstance(comparison, _ABOVE) == (index == place):
            low, low_open = bound, isinstance(comparison, ast.Gt | ast.Lt)
        else:
            high, high_open = bound, isinstance(comparison, ast.Gt | ast.Lt)
    if not low < high and not (low == high and not low_open and not high_open):
        raise ValueError(f"no number lies between {low:g} and {high:g}")
    yield Term(ast.unparse(sides[place]), low, high, low_open, high_open)


def _names(node: ast.expr) -> bool:
    return any(isinstance(part, ast.Name) and part.id != "abs" for part in ast.walk(node))


def _check(node: ast.expr) -> None:
    _value(node, None)


def _value(node: ast.expr, metrics: Mapping[str, float] | None) -> float:
    """Compute an expression; with `metrics` None only its form is checked."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return float(number)
        case ast.Name(id=name) if metrics is None:
            return 1.0
        case ast.Name(id=name) if metrics is not None and name in metrics:
            return float(metrics[name])
        case ast.Name(id=name):
            raise KeyError(name)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, metrics)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, metrics)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            first, second = _value(left, metrics), _value(right, metrics)
            return math.nan if metrics is None else _ARITHMETIC[type(op)](first, second)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            return abs(_value(argument, metrics))
    raise ValueError(f"{ast.unparse(node)!r} is not allowed in an expression")
