"""The pictures in which the discoverers of weight banding saw it, and the layers in which they saw none.

Petrov et al., "Weight Banding", Distill 2021 (CC BY 4.0): the spatial weights of 18 layers, each unit's input
channels reduced to three by a non-negative factorisation and shown as red, green and blue.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

Seen = Literal["horizontal", "vertical", "none"]
PICTURES = "data/distill_banding_images.npz"
TABLE = "data/distill_banding_layers.csv"


@dataclass(frozen=True, kw_only=True, eq=False)
class PublishedLayer:
    """One layer of the article: `pictures` are uint8 (units, 3, k, k), to be read like (units, channels, k, k) weights.

    `network`: Simplified, InceptionV1, ResNet50, VGG19 or AlexNet. `run`: how it was trained: published (by
    others), baseline (by the authors), rotated (input turned by 90 degrees), fc (a fully connected layer in
    place of global average pooling), x_pool (average along x only). `layer`: its name in the authors' files.
    `seen`: the stripes that the authors see. `name`: network and run as one word, the same in all our results.
    """

    name: str
    network: str
    run: str
    layer: str
    seen: Seen
    pictures: npt.NDArray[np.uint8]


def load_distill_banding() -> tuple[PublishedLayer, ...]:
    """Return all 18 layers, in the order of the shipped table. Raises `ValueError` where the files do not fit."""
    folder = resources.files(__package__)
    rows = csv.DictReader(io.StringIO(folder.joinpath(TABLE).read_text("utf-8")))
    with np.load(io.BytesIO(folder.joinpath(PICTURES).read_bytes()), allow_pickle=False) as pictures:
        return tuple(_layer(row, pictures[row["key"]]) for row in rows)


def _layer(row: Mapping[str, str], pictures: npt.NDArray[np.uint8]) -> PublishedLayer:
    units, kernel = int(row["units"]), int(row["kernel"])
    if pictures.shape != (units, kernel, kernel, 3) or pictures.dtype != np.uint8:
        raise ValueError(
            f"{row['key']} ({row['name']}) is {pictures.dtype} of shape {pictures.shape}; "
            f"it should be uint8 of shape {(units, kernel, kernel, 3)}"
        )
    return PublishedLayer(
        name=row["name"],
        network=row["network"],
        run=row["run"],
        layer=row["layer"],
        seen=cast(Seen, row["seen"]),
        pictures=np.ascontiguousarray(pictures.transpose(0, 3, 1, 2)),
    )
