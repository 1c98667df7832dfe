"""What a claim expects of its metrics, such as `gap - rotated > 0 and p < 1e-8`, read into regions of numbers."""

from __future__ import annotations

import ast
import hashlib
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

EXAMPLES = "'z < -2', '0.085 <= rate <= 0.095' or 'gap - rotated > 0 and p < 1e-8'"
LONGEST = 300  # characters: no expectation needs more, and the reader recurses

_ARITHMETIC: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda above, below: above / below if below else math.nan,
}
_UPWARD = (ast.Lt, ast.LtE)
_DOWNWARD = (ast.Gt, ast.GtE)
_TOKEN = re.compile(r"(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?|\w+|[<>=]=|\S", re.IGNORECASE)

# An end of a region is (value, shift): shift 0 if the value itself belongs to the region, else one step inwards,
# so that the larger of two lower ends and the smaller of two upper ends is the stricter one.
End = tuple[float, int]
EVERYWHERE: tuple[End, End] = ((-math.inf, 0), (math.inf, 0))


@dataclass(frozen=True, kw_only=True)
class Term:
    """One expression and the region in which it is expected: from `low` to `high`, the ends included or not."""

    expression: str
    low: float
    high: float
    low_closed: bool
    high_closed: bool
    node: ast.expr = field(compare=False, repr=False)

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are named, each once, in order."""
        return tuple(dict.fromkeys(_names(self.node)))

    def value(self, metrics: Mapping[str, float]) -> float:
        """Evaluate the expression; nan where a metric is missing or where it divides by zero."""
        return _evaluate(self.node, metrics)

    def holds(self, low: float, high: float) -> bool:
        """Whether the whole interval from `low` to `high` lies inside the region."""
        above = low > self.low or (self.low_closed and low == self.low)
        below = high < self.high or (self.high_closed and high == self.high)
        return above and below

    def excludes(self, low: float, high: float) -> bool:
        """Whether the whole interval from `low` to `high` lies outside the region."""
        below = high < self.low or (not self.low_closed and high == self.low)
        above = low > self.high or (not self.high_closed and low == self.high)
        return below or above


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Terms that must all hold. `digest` is the same for texts that differ in spaces or in writing a number."""

    text: str
    digest: str
    terms: tuple[Term, ...]

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics that are named, each once, in order."""
        return tuple(dict.fromkeys(name for term in self.terms for name in term.metrics))


def parse(text: str) -> Expectation:
    """Read an expectation: comparisons of metrics with constant numbers, joined by `and`.

    Raises:
        ValueError: quoting the text, saying what is wrong with it and what would be right.
    """
    if len(text) > LONGEST:
        raise ValueError(f"expect {text[:40]!r}…: is longer than {LONGEST} characters; make it several claims")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        regions: dict[str, tuple[ast.expr, End, End]] = {}
        for comparison in _conjuncts(tree):
            node, low, high = _region(comparison)
            name = ast.unparse(node)
            _, was_low, was_high = regions.get(name, (node, *EVERYWHERE))
            regions[name] = (node, max(low, was_low), min(high, was_high))
        terms = tuple(_term(name, *region) for name, region in regions.items())
    except SyntaxError as error:
        equality = "; equality is '=='" if re.search("[^<>=!]=[^=]", text) else ""
        raise ValueError(
            f"expect {text!r}: is no comparison that can be read{equality}; write for example {EXAMPLES}"
        ) from error
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"expect {text!r}: {error}; write for example {EXAMPLES}") from error
    return Expectation(text=text.strip(), digest=_digest(text), terms=terms)


def _digest(text: str) -> str:
    """Not made from Python's own reading of the text: that may be written otherwise by another Python."""
    tokens = _TOKEN.findall(text)
    plain = [repr(float(token)) if token[0] in ".0123456789" else token for token in tokens]
    return hashlib.sha256(" ".join(plain).encode()).hexdigest()


def _conjuncts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    return [node]


def _region(node: ast.expr) -> tuple[ast.expr, End, End]:
    """Read one comparison as an expression and the region where it is expected."""
    quoted = repr(ast.unparse(node))
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)):
        raise ValueError(f"{quoted} uses 'or' or 'not'; a claim that needs them is two claims")
    if not isinstance(node, ast.Compare):
        raise ValueError(f"{quoted} compares nothing")
    sides = [node.left, *node.comparators]
    for side in sides:
        _check(side)
    named = [position for position, side in enumerate(sides) if _names(side)]
    if not named:
        raise ValueError(f"{quoted} names no metric")
    if len(named) > 1:
        left, right = (ast.unparse(sides[position]) for position in named[:2])
        raise ValueError(f"{quoted} has metrics on two sides; bring them to one, as in '{left} - ({right}) > 0'")
    return (sides[named[0]], *_ends(node, sides, named[0], quoted))


def _ends(node: ast.Compare, sides: list[ast.expr], place: int, quoted: str) -> tuple[End, End]:
    low, high = EVERYWHERE
    one_way = any(all(isinstance(sign, way) for sign in node.ops) for way in (_UPWARD, _DOWNWARD))
    if len(sides) > 2 and (len(sides) > 3 or place != 1 or not one_way):
        raise ValueError(f"{quoted} is not a range, which is number <= metric <= number")
    for position, sign in enumerate(node.ops):
        bound = _evaluate(sides[position + (position >= place)], {})
        if not math.isfinite(bound):
            raise ValueError(f"{quoted} has a bound that is not a finite number")
        strict = isinstance(sign, ast.Lt | ast.Gt)
        if isinstance(sign, ast.Eq):
            low = high = (bound, 0)
        elif not isinstance(sign, _UPWARD + _DOWNWARD):
            raise ValueError(f"{quoted} uses a sign other than < <= > >= ==")
        elif isinstance(sign, _UPWARD) == (position < place):  # bound < metric, or metric > bound
            low = (bound, int(strict))
        else:
            high = (bound, -int(strict))
    return low, high


def _term(name: str, node: ast.expr, low: End, high: End) -> Term:
    if low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1])):
        raise ValueError(f"no value of {name!r} would do, since the region is empty")
    return Term(expression=name, low=low[0], high=high[0], low_closed=not low[1], high_closed=not high[1], node=node)


def _check(node: ast.expr) -> None:
    """Let through numbers, names, + - * / and abs, and nothing else."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            float(value)
        case ast.Name(id=name) if name != "abs":
            pass
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            _check(operand)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            _check(left)
            _check(right)
        case ast.Call(func=ast.Name(id="abs"), args=[argument], keywords=[]):
            _check(argument)
        case _:
            raise ValueError(f"{ast.unparse(node)!r} is more than numbers, metrics, + - * /, abs() and parentheses")


def _evaluate(node: ast.expr, metrics: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return metrics.get(name, math.nan)
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, metrics)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _ARITHMETIC[type(op)](_evaluate(left, metrics), _evaluate(right, metrics))
        case ast.Call(args=[argument]):
            return abs(_evaluate(argument, metrics))
    raise AssertionError(f"unchecked expression {ast.dump(node)}")


def _names(node: ast.expr) -> list[str]:
    found = [name for name in ast.walk(node) if isinstance(name, ast.Name) and name.id != "abs"]
    return [name.id for name in sorted(found, key=lambda name: (name.lineno, name.col_offset))]
