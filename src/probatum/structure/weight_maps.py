"""A small picture of convolution kernels, one square a unit, in which stripes are seen by eye.

Petrov et al., "Weight Banding", Distill 2021, reduce a unit's input channels to three by a non-negative
factorisation and colour by them. Here they are reduced to one, the first singular direction of the centred
slices.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import numpy as np
import numpy.typing as npt

CELL = 6  # side of one weight, in user units


def spatial_maps(weights: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Reduce each unit's (channels, k, k) weights to one k x k map, scaled to -1 ... 1.

    The map is the first right singular vector of the unit's centred slices; its largest value is made
    positive, since the sign of a singular vector means nothing. `weights`: shape (units, channels, k, k).
    """
    slices = np.asarray(weights, np.float64)
    if slices.ndim != 4 or not np.isfinite(slices).all():
        raise ValueError(f"weights of shape {slices.shape}: give finite ones of shape (units, channels, k, k)")
    centred = slices - slices.mean(axis=(2, 3), keepdims=True)
    first = np.linalg.svd(centred.reshape(*slices.shape[:2], -1), full_matrices=False)[2][:, 0]
    extreme = np.take_along_axis(first, np.abs(first).argmax(axis=1)[:, None], axis=1)
    scaled: npt.NDArray[np.float64] = (first / extreme).reshape(len(slices), *slices.shape[2:])
    return scaled


def weight_maps_svg(layers: Mapping[str, npt.ArrayLike], *, units: int = 16) -> str:
    """Draw the first units of each layer as a row of squares: orange positive, blue negative, grey zero.

    `layers`: title to weights of shape (units, channels, k, k), one row of the picture each. Returns SVG
    text.
    """
    rows, width, y = [], 0, 0
    for title, weights in layers.items():
        maps = spatial_maps(weights)[:units]
        rows.append(f'<text x="0" y="{y + 12}">{escape(title)}</text>')
        for number, unit in enumerate(maps):
            rows += _squares(unit, x=number * (maps.shape[2] + 1) * CELL, y=y + 18)
        width = max(width, len(maps) * (maps.shape[2] + 1) * CELL)
        y += 18 + (maps.shape[1] + 1) * CELL
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" '
        'font-family="sans-serif" font-size="11" fill="#767676" role="img">'
        f"<title>Spatial weights, unit by unit: {escape(', '.join(layers))}</title>{''.join(rows)}</svg>\n"
    )


def _squares(unit: npt.NDArray[np.float64], *, x: int, y: int) -> list[str]:
    return [
        f'<path fill="{_colour(value)}" d="M{x + column * CELL} {y + row * CELL}h{CELL}v{CELL}h-{CELL}z"/>'
        for (row, column), value in np.ndenumerate(unit)
    ]


def _colour(value: float) -> str:
    end = (230, 97, 1) if value > 0 else (33, 102, 172)
    mixed = (round(225 + (channel - 225) * min(abs(value), 1.0)) for channel in end)
    return "#" + "".join(f"{channel:02x}" for channel in mixed)
