"""Every trial of a claim as a dot against the expected region, drawn as SVG that style sheets colour."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from probatum.newsletter.wording import number

_WIDTH, _LEFT, _RIGHT, _TOP = 420, 14, 14, 20
_DOTS, _BELOW = 56, 30
_DECADES = 3
"""Positive values that span more powers of ten than this are drawn on a logarithmic axis."""


@dataclass(frozen=True, kw_only=True)
class Dots:
    """What is drawn: `values` by seed, the region from `low` to `high`, and the mean with its interval."""

    expression: str
    expected: str
    values: Sequence[tuple[int, float]]
    low: float
    high: float
    mean: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def drawn(self) -> list[tuple[int, float]]:
        """The values that have a place on an axis."""
        return [(seed, value) for seed, value in self.values if math.isfinite(value)]


@dataclass(frozen=True)
class Axis:
    """Places numbers between the left and the right edge."""

    first: float
    last: float
    log: bool

    def x(self, value: float) -> float:
        """Where a value stands; what lies outside stands at the edge."""
        if math.isinf(value) or (self.log and value <= 0):
            return _LEFT if value <= 0 else _WIDTH - _RIGHT
        share = (self._scaled(value) - self.first) / (self.last - self.first)
        return round(_LEFT + min(max(share, 0), 1) * (_WIDTH - _LEFT - _RIGHT), 1)

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.log else value

    def ticks(self) -> list[float]:
        """Three to six round numbers along the axis."""
        if self.log:
            step = max(1, math.ceil((self.last - self.first) / 4))
            return [10.0**power for power in range(math.ceil(self.first), math.floor(self.last) + 1, step)]
        rough = (self.last - self.first) / 4
        size = 10.0 ** math.floor(math.log10(rough))
        step_size = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough)
        start = math.ceil(self.first / step_size)
        return [round(i * step_size, 12) for i in range(start, math.floor(self.last / step_size) + 1)]


def axis(numbers: Iterable[float]) -> Axis:
    """Choose an axis on which all finite `numbers` have room."""
    finite = [value for value in numbers if math.isfinite(value)] or [0.0]
    low, high = min(finite), max(finite)
    log = low > 0 and high / low > 10**_DECADES
    if log:
        low, high = math.log10(low), math.log10(high)
    margin = 0.12 * (high - low) or 0.5 * abs(low) or 1.0
    return Axis(low - margin, high + margin, log)


def plot(dots: Dots, *, id: str = "plot") -> Markup:
    """Draw one expression's trials; `id` is unique on the page."""
    drawn = dots.drawn
    scale = axis([value for _, value in drawn] + [dots.low, dots.high, *(dots.interval or ())])
    height = _TOP + _DOTS + _BELOW
    label = f'role="img" aria-labelledby="{id}-title {id}-desc"'
    parts = [
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {height}" {label}>',
        f'<title id="{id}-title">{escape(dots.expression)}: trials against the expected region</title>',
        f'<desc id="{id}-desc">{escape(_description(dots))}</desc>',
        *_region(dots, scale),
        *_ticks(scale),
        *_interval(dots, scale),
        *_dots(drawn, scale),
        "</svg>",
    ]
    return Markup("".join(parts))


def _description(dots: Dots) -> str:
    values = ", ".join(f"seed {seed}: {number(value)}" for seed, value in dots.values) or "none measured"
    text = f"Expected: {dots.expected}. Trials: {values}."
    if dots.mean is not None:
        text += f" Mean: {number(dots.mean)}."
    if dots.interval:
        text += f" 95 % interval: {number(dots.interval[0])} to {number(dots.interval[1])}."
    return text


def _region(dots: Dots, scale: Axis) -> list[str]:
    left, right = scale.x(dots.low), scale.x(dots.high)
    width = max(right - left, 3)
    middle = min(max(left + width / 2, _LEFT + 26), _WIDTH - _RIGHT - 26)
    edges = [
        f'<line class="edge" x1="{scale.x(bound)}" x2="{scale.x(bound)}" y1="{_TOP}" y2="{_TOP + _DOTS}"/>'
        for bound in (dots.low, dots.high)
        if math.isfinite(bound)
    ]
    return [
        f'<rect class="region" x="{left}" y="{_TOP}" width="{width:.1f}" height="{_DOTS}"/>',
        *edges,
        f'<text class="mark" x="{middle:.1f}" y="{_TOP - 6}">expected</text>',
    ]


def _ticks(scale: Axis) -> list[str]:
    base = _TOP + _DOTS
    parts = [f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{base}" y2="{base}"/>']
    for value in scale.ticks():
        x = scale.x(value)
        # A label at the edge is moved inside, so that it is not cut off.
        place = min(max(x, _LEFT + 8), _WIDTH - _RIGHT - 8)
        parts.append(f'<line class="axis" x1="{x}" x2="{x}" y1="{base}" y2="{base + 4}"/>')
        parts.append(f'<text x="{place}" y="{base + 18}">{number(value)}</text>')
    return parts


def _interval(dots: Dots, scale: Axis) -> list[str]:
    parts = []
    y = _TOP + _DOTS - 9
    if dots.interval:
        left, right = (scale.x(end) for end in dots.interval)
        parts.append(f'<path class="interval" d="M{left} {y - 4}v8M{left} {y}H{right}M{right} {y - 4}v8"/>')
    if dots.mean is not None and math.isfinite(dots.mean):
        x = scale.x(dots.mean)
        parts.append(f'<path class="mean" d="M{x} {y - 6}l5 6l-5 6l-5 -6z"/>')
    return parts


def _dots(drawn: Sequence[tuple[int, float]], scale: Axis) -> list[str]:
    """Seeds one above the other, so that equal values do not hide each other."""
    room = _DOTS - 32
    step = room / max(len(drawn) - 1, 1)
    return [
        f'<circle class="dot" cx="{scale.x(value)}" cy="{_TOP + 8 + place * step:.1f}" r="4"/>'
        for place, (_, value) in enumerate(drawn)
    ]
