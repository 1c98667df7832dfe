"""Fashion-MNIST: 70,000 grey pictures of clothing, 28 by 28, in 10 classes (Xiao et al. 2017, MIT)."""

from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images
from probatum.errors import CannotRun

DEBIAN = Path("/usr/share/datasets/fashion-mnist")  # where Debian's package puts the four files
LARGEST = 100_000_000  # bytes after unpacking; the real ones have at most 47 million


def load_fashion_mnist(path: str | Path | None = None) -> Images:
    """Read the four IDX files (`train-images-idx3-ubyte.gz` and its like) from a folder.

    The folder is `path`, else `$PROBATUM_FASHION_MNIST`, else where Debian's package puts it.
    Raises `CannotRun` where there is no such folder or file, `ValueError` where a file is damaged.
    """
    folder = Path(path or os.environ.get("PROBATUM_FASHION_MNIST") or DEBIAN)
    return Images(
        name="fashion_mnist",
        train_x=_pictures(folder / "train-images-idx3-ubyte.gz"),
        train_y=_idx(folder / "train-labels-idx1-ubyte.gz", dimensions=1).astype(np.int64),
        test_x=_pictures(folder / "t10k-images-idx3-ubyte.gz"),
        test_y=_idx(folder / "t10k-labels-idx1-ubyte.gz", dimensions=1).astype(np.int64),
    )


def _pictures(file: Path) -> npt.NDArray[np.uint8]:
    return _idx(file, dimensions=3)[..., np.newaxis]


def _idx(file: Path, *, dimensions: int) -> npt.NDArray[Any]:
    if not file.is_file():
        raise CannotRun(
            f"Fashion-MNIST is not here: no file {file}. Install Debian's package dataset-fashion-mnist, "
            "or set PROBATUM_FASHION_MNIST to the folder that holds the four *-ubyte.gz files"
        )
    try:
        with gzip.open(file) as stream:
            raw = stream.read(LARGEST + 1)
        magic, *shape = struct.unpack_from(f">{1 + dimensions}I", raw)
    except (EOFError, OSError, zlib.error, struct.error) as error:
        raise ValueError(f"{file}: not a whole gzip-compressed IDX file ({error})") from error
    body = raw[4 * (1 + dimensions) :]
    if magic != 0x0800 + dimensions or len(body) != math.prod(shape):
        raise ValueError(
            f"{file}: header says kind {magic:#x} and shape {tuple(shape)}, {len(body)} bytes follow; "
            f"an IDX file of bytes with {dimensions} dimensions starts with {0x0800 + dimensions:#x}"
        )
    return np.frombuffer(body, np.uint8).reshape(shape)
