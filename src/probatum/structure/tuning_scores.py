"""From a unit's answers to gratings, arcs, spots and greys to a few numbers: what it is tuned to.

A response is what an activation exceeds its value on middle grey by, nothing below. Orientation selectivity is the
length of the mean resultant of doubled angles (Swindale 1998), 1 minus the circular variance of physiology.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from probatum.datasets.stimuli import Stimuli

Numbers = npt.NDArray[np.float64]
Kinds = Mapping[str, tuple[Stimuli, Numbers]]  # kind: the pictures, and activations of shape (pictures, units)

SCORES: Mapping[str, str] = {
    "colour_sensitivity": "change of activation when colour is taken out, by all activation; 0 to 1",
    "black_and_white_vs_colour": "response to grey gratings against coloured ones; -1 colour alone, 1 grey alone",
    "orientation_selectivity": "0 none, 1 a single orientation",
    "tuning_width": "half width at half height of the orientation curve, degrees; 90 if it never falls by half",
    "spatial_frequency": "geometric mean of grating frequencies, weighted by response; cycles a pixel",
    "curvature": "response to the best bent stroke against the best straight one; -1 to 1",
    "brightness": "correlation of activation with the level of an even grey; -1 to 1",
    "centre_surround": "share of the response to the best spot, by its area, that a spot over everything loses; 0 to 1",
}


def grating_scores(kinds: Kinds) -> dict[str, Numbers]:
    """Return the scores of orientation, frequency and, where there are coloured gratings, of grey against colour.

    `kinds` holds `grey` gratings, perhaps `red_green` and `blue_yellow` ones; activations minus those on middle grey.
    A unit that does not respond gets selectivity 0, width 90, the middle frequency and 0 for grey against colour.
    """
    cube, frequencies, angles = _cube(*kinds["grey"])
    scores = _orientation(cube, angles) | {"spatial_frequency": _frequency(cube, frequencies)}
    coloured = [_cube(*kinds[name])[0] for name in ("red_green", "blue_yellow") if name in kinds]
    if coloured:
        grey, colour = cube.mean(axis=(0, 1)), np.mean(coloured, axis=(0, 1, 2))
        scores["black_and_white_vs_colour"] = _contrast(grey, colour)
    return scores


def curvature(stimuli: Stimuli, responses: Numbers) -> Numbers:
    """Return how much more each unit responds to its best bent stroke than to its best straight one."""
    bend = stimuli.parameters["bend"]
    turned = _means(np.maximum(responses, 0), [bend, stimuli.parameters["sign"], stimuli.parameters["orientation"]])
    best = turned.max(axis=(1, 2))  # (bends, units), straight first
    return _contrast(best[1:].max(axis=0), best[0])


def brightness(stimuli: Stimuli, responses: Numbers) -> Numbers:
    """Return the correlation of each unit's activation with the grey level."""
    level = stimuli.parameters["level"] - stimuli.parameters["level"].mean()
    centred = responses - responses.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    flat = lengths <= 1e-6 * np.abs(responses).max(axis=0, initial=0)
    correlation = level @ centred / (np.linalg.norm(level) * np.where(flat, np.inf, lengths))
    return np.asarray(correlation, np.float64)


def centre_surround(stimuli: Stimuli, responses: Numbers, *, per_area: bool) -> Numbers:
    """Return how much of each unit's response to its best spot is lost when the spot covers everything.

    `per_area`: divide responses by the spots' areas, as is right for activations that are means over positions: a
    unit that merely adds up light then gets 0. An edge detector loses all of its response, too.
    """
    area = np.abs(stimuli.pictures - 0.5).sum(axis=(1, 2, 3), dtype=np.float64)
    given = np.maximum(responses, 0) / (area[:, None] if per_area else 1.0)
    curves = _means(given, [stimuli.parameters["sign"], stimuli.parameters["radius"]])
    peak = curves.max(axis=1)  # (signs, units)
    lost = 1 - curves[:, -1] / np.where(peak > 0, peak, np.inf)
    chosen = np.take_along_axis(lost, peak.argmax(axis=0)[None], axis=0)[0]
    return np.asarray(np.where(peak.max(axis=0) > 0, chosen, 0.0), np.float64)


def _cube(stimuli: Stimuli, responses: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Mean responses over phases, shape (frequencies, orientations, units), and both axes."""
    frequency, angle = stimuli.parameters["frequency"], stimuli.parameters["orientation"]
    return _means(np.maximum(responses, 0), [frequency, angle]), np.unique(frequency), np.unique(angle)


def _means(values: Numbers, by: list[Numbers]) -> Numbers:
    """Mean over pictures that share all values of `by`, shape (*sizes, units)."""
    codes = [np.unique(one, return_inverse=True) for one in by]
    sizes = tuple(len(one) for one, _ in codes)
    place = np.ravel_multi_index(tuple(inverse for _, inverse in codes), sizes)
    sums = np.zeros((int(np.prod(sizes)), values.shape[1]))
    np.add.at(sums, place, values)
    return np.asarray(sums / np.bincount(place, minlength=len(sums))[:, None], np.float64).reshape(*sizes, -1)


def _orientation(cube: Numbers, angles: Numbers) -> dict[str, Numbers]:
    best = cube.sum(axis=1).argmax(axis=0)
    curve = np.take_along_axis(cube, best[None, None], axis=0)[0]  # (orientations, units)
    total = curve.sum(axis=0)
    length = np.abs(np.exp(2j * angles) @ curve) / np.where(total > 0, total, np.inf)
    return {"orientation_selectivity": np.asarray(length, np.float64), "tuning_width": _half_width(curve)}


def _half_width(curve: Numbers) -> Numbers:
    """Half width at half height in degrees, by straight lines between orientations, mean of both sides."""
    steps, units = curve.shape
    peak = curve.argmax(axis=0)
    turned = curve[(np.arange(steps)[:, None] + peak) % steps, np.arange(units)]
    sides = []
    for side in (turned, np.roll(turned[::-1], 1, axis=0)):
        below = side < side[0] / 2
        first = np.where(below.any(axis=0), below.argmax(axis=0), 0)
        after, before = side[first, np.arange(units)], side[first - 1, np.arange(units)]
        fall = np.where(before > after, before - after, 1.0)
        found = (first - 1 + (before - side[0] / 2) / fall) * 180 / steps
        sides.append(np.where(first > 0, np.minimum(found, 90.0), 90.0))
    return np.asarray(np.mean(sides, axis=0), np.float64)


def _frequency(cube: Numbers, frequencies: Numbers) -> Numbers:
    weight = cube.sum(axis=1)
    weight = np.where(weight.sum(axis=0) > 0, weight, 1.0)
    return np.asarray(np.exp(np.log(frequencies) @ weight / weight.sum(axis=0)), np.float64)


def _contrast(one: Numbers, other: Numbers) -> Numbers:
    whole = one + other
    return np.asarray((one - other) / np.where(whole > 0, whole, np.inf), np.float64)
