"""Pictures made to find out what a unit responds to: gratings, arcs, spots, even colours and coloured noise.

The grating, the bar that bends and the spot are the stimuli of visual physiology (Hubel and Wiesel 1959); arcs of
several radii as in Cammarata et al., "Curve Detectors", Distill 2020. All stand on middle grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]

CONTRAST = 0.4
AXES: Mapping[str, tuple[float, float, float]] = {  # directions of red, green, blue; only the first changes their mean
    "grey": (1.0, 1.0, 1.0),
    "red_green": (1.0, -1.0, 0.0),
    "blue_yellow": (-0.5, -0.5, 1.0),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Stimuli:
    """Pictures of shape (n, size, size, 3), red, green, blue from 0 to 1, and what each of them shows.

    `parameters`: name to values of shape (n,). `repeat` among them tells apart pictures that differ in nothing that is
    of interest, such as a grating's phase, so that a measurement can be made twice.
    """

    pictures: Floats
    parameters: Mapping[str, Numbers]

    def part(self, chosen: npt.NDArray[np.bool_]) -> Stimuli:
        """Return the chosen pictures; `chosen` of shape (n,)."""
        kept = {name: values[chosen] for name, values in self.parameters.items()}
        return Stimuli(pictures=self.pictures[chosen], parameters=kept)


def gratings(size: int, *, axis: str = "grey", orientations: int = 8, phases: int = 4) -> Stimuli:
    """Make waves of every orientation, frequency and phase along one axis of colour.

    `axis`: grey, red_green or blue_yellow; in the last two the mean of the channels is even. Parameters: `orientation`
    of the stripes in radians (0 is horizontal, up to pi), `frequency` in cycles a pixel, four octaves up to 1/4 as far
    as a whole cycle fits, `repeat` the phase.
    """
    if axis not in AXES:
        raise ValueError(f"axis {axis!r}: give one of {', '.join(AXES)}")
    fitting = [2.0**-octave for octave in (5, 4, 3, 2) if size * 2.0**-octave >= 1]
    turns = np.arange(orientations) * np.pi / orientations
    angle, frequency, phase = _every(turns, np.array(fitting), np.arange(float(phases)))
    down, right = _places(size)
    across = np.cos(angle)[:, None, None] * down - np.sin(angle)[:, None, None] * right
    wave = np.sin(2 * np.pi * (frequency[:, None, None] * across + (phase / phases)[:, None, None]))
    parameters = {"orientation": angle, "frequency": frequency, "repeat": phase}
    return Stimuli(pictures=_coloured(wave, np.array(AXES[axis])), parameters=parameters)


def arcs(size: int, *, bends: tuple[float, ...] = (0.0, 0.5, 1.0, 2.0), orientations: int = 12) -> Stimuli:
    """Make strokes through the middle, straight and bent, light and dark.

    Parameters: `bend`, the stroke's reach (a quarter of the picture) by its radius, 0 for straight; `orientation`,
    in radians, of the stroke in the middle (0 is horizontal, up to 2 pi); `sign`, +1 light, -1 dark; `repeat`, 0 or
    1, a shift of the whole by a few pixels.
    """
    reach, thick = size / 4, max(1.0, size / 32)
    turns = np.arange(orientations) * 2 * np.pi / orientations
    bend, angle, sign, repeat = _every(np.array(bends), turns, np.array([1.0, -1.0]), np.arange(2.0))
    down, right = _places(size)
    shift = repeat[:, None, None] * size / 16
    along = np.cos(angle)[:, None, None] * (right - shift) + np.sin(angle)[:, None, None] * (down - shift)
    beside = np.cos(angle)[:, None, None] * (down - shift) - np.sin(angle)[:, None, None] * (right - shift)
    curved = (bend / reach)[:, None, None]
    # distance to a circle of curvature c through the origin, in a form that is the distance to a line for c = 0
    square = curved * (along**2 + beside**2) - 2 * beside
    distance = square / (1 + np.sqrt(np.maximum(1 + curved * square, 0)))
    stroke = np.exp(-((distance / thick) ** 2)) * np.exp(-(((along**2 + beside**2) / reach**2) ** 2))
    parameters = {"bend": bend, "orientation": angle, "sign": sign, "repeat": repeat}
    return Stimuli(pictures=_coloured(sign[:, None, None] * stroke, np.ones(3)), parameters=parameters)


def spots(size: int) -> Stimuli:
    """Make discs of growing size in the middle, light and dark, up to one that covers the picture.

    Parameters: `radius` in pixels, `sign`, +1 light, -1 dark, `repeat`, 0 or 1, a shift by a few pixels.
    """
    radii = np.array([size / 32, size / 16, size / 8, size / 4, 2.0 * size])
    radius, sign, repeat = _every(radii, np.array([1.0, -1.0]), np.arange(2.0))
    down, right = _places(size)
    shift = (repeat * size / 16)[:, None, None]
    inside = np.clip(radius[:, None, None] - np.hypot(down - shift, right - shift) + 0.5, 0, 1)
    parameters = {"radius": radius, "sign": sign, "repeat": repeat}
    return Stimuli(pictures=_coloured(sign[:, None, None] * inside, np.ones(3)), parameters=parameters)


def even_greys(size: int, *, levels: int = 10) -> Stimuli:
    """Make even grey pictures; parameters: `level` from 0.05 to 0.95, `repeat` every other of them."""
    level: Numbers = np.linspace(0.05, 0.95, levels)
    pictures = np.broadcast_to(level[:, None, None, None], (levels, size, size, 3)).astype(np.float32)
    return Stimuli(pictures=pictures, parameters={"level": level, "repeat": _alternating(levels)})


def coloured_noise(size: int, *, count: int = 32, seed: int = 0) -> Stimuli:
    """Make clouds whose amplitude falls with frequency as in photographs, of random colours; parameter: `repeat`.

    Each channel is a common cloud plus one of its own, as strong as each other; values end at 0 and 1.
    """
    rng = np.random.default_rng(seed)
    spectrum = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])
    spectrum[0, 0] = 1 / size
    raw = np.fft.ifft2(np.fft.fft2(rng.normal(size=(count, 4, size, size))) / spectrum).real
    clouds = raw / raw.std(axis=(2, 3), keepdims=True)
    mixed = (clouds[:, :1] + clouds[:, 1:]).transpose(0, 2, 3, 1) / np.sqrt(2)
    pictures = np.clip(0.5 + 0.25 * mixed, 0, 1).astype(np.float32)
    return Stimuli(pictures=pictures, parameters={"repeat": _alternating(count)})


def _alternating(count: int) -> Numbers:
    return np.asarray(np.arange(count) % 2, np.float64)


def _every(*axes: Numbers) -> list[Numbers]:
    return [values.ravel() for values in np.meshgrid(*axes, indexing="ij")]


def _places(size: int) -> tuple[Numbers, Numbers]:
    if size < 8:
        raise ValueError(f"pictures of {size} pixels: give 8 or more")
    middle = np.arange(size) - (size - 1) / 2
    return middle[:, None] + 0 * middle[None], middle[None] + 0 * middle[:, None]


def _coloured(pattern: Numbers, direction: Numbers) -> Floats:
    """Middle grey plus the pattern, -1 to 1, along a direction of colour."""
    return (0.5 + CONTRAST * pattern[..., None] * direction).astype(np.float32)
