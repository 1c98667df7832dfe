"""First-layer filters in their own colours, one square a filter, so that a split by colour is seen by eye.

As Krizhevsky et al. 2012 and Voss et al. 2021 show those of AlexNet: each filter on its own scale, no weight is grey.
"""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping
from html import escape

import numpy as np
import numpy.typing as npt

ZOOM = 4  # screen pixels a weight
ACROSS = 16  # filters in a row
LINE = 20  # height of a title, in screen pixels


def filters_svg(groups: Mapping[str, npt.ArrayLike]) -> str:
    """Draw each group of filters under its title, as they follow one another, sixteen in a row.

    `groups`: title to weights of shape (units, 3, k, k) in the order red, green, blue. Returns SVG text. Raises
    `ValueError` for another shape.
    """
    parts, width, y = [], 0, 0
    for title, filters in groups.items():
        tiles = _tiles(np.asarray(filters, np.float64))
        height, across = ZOOM * tiles.shape[0], ZOOM * tiles.shape[1]
        parts.append(f'<text x="0" y="{y + 14}">{escape(title)}</text>')
        parts.append(
            f'<image x="0" y="{y + LINE}" width="{across}" height="{height}" style="image-rendering:pixelated" '
            f'href="data:image/png;base64,{base64.b64encode(_png(tiles)).decode()}"/>'
        )
        width, y = max(width, across), y + LINE + height + ZOOM
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {y}" width="{width}" height="{y}" '
        'font-family="sans-serif" font-size="12" fill="#767676" role="img">'
        f"<title>First-layer filters: {escape('; '.join(groups))}</title>{''.join(parts)}</svg>\n"
    )


def _tiles(filters: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    if filters.ndim != 4 or filters.shape[1] != 3 or 0 in filters.shape:
        raise ValueError(f"filters of shape {filters.shape}: give (units, 3, k, k)")
    units, side = len(filters), filters.shape[2]
    extreme = np.abs(filters).max(axis=(1, 2, 3), keepdims=True)
    scaled = np.rint(127.5 + 127.5 * filters / np.where(extreme > 0, extreme, 1.0))
    rows = -(-units // ACROSS)
    sheet = np.full((rows * ACROSS, side + 1, filters.shape[3] + 1, 3), 255.0)
    sheet[:units, :-1, :-1] = scaled.transpose(0, 2, 3, 1)
    rowed = sheet.reshape(rows, ACROSS, *sheet.shape[1:]).swapaxes(1, 2)
    return rowed.reshape(rows * sheet.shape[1], ACROSS * sheet.shape[2], 3).astype(np.uint8)


def _png(pixels: npt.NDArray[np.uint8]) -> bytes:
    """The pixels, shape (height, width, 3), as a PNG file (RFC 2083): header, one zlib stream, end."""
    height, width = pixels.shape[:2]
    raw = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1).tobytes()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(raw, 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
