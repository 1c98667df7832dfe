"""CIFAR-10: 60,000 colour photographs, 32 by 32, in 10 classes (Krizhevsky 2009)."""

from __future__ import annotations

import io
import itertools
import os
import tarfile
from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt

from probatum.datasets.images import Images
from probatum.errors import CannotRun, MissingExtra

ARCHIVE = "cifar-10-binary.tar.gz"  # the official "Python version" holds pickles, so it is not read
JPEGS = "cifar10_jpeg.npz"
RECORD = 1 + 3 * 32 * 32  # class number, then the red, green and blue planes


def load_cifar10(path: str | Path | None = None) -> Images:
    """Read CIFAR-10 from the official binary archive or from an npz file of JPEG bytes.

    The file is `path`, else `$PROBATUM_CIFAR10`, else `cifar-10-binary.tar.gz` or `cifar10_jpeg.npz` in
    `$PROBATUM_SHARED` or in `../shared/data`. The npz holds, for train and test, `*_jpeg` (all files
    one after another, uint8), `*_offsets` (n + 1) and `*_labels` (n); decoding it needs Pillow.
    Raises `CannotRun` where there is none, `ValueError` where the file is not CIFAR-10.
    """
    file = _find(path)
    return _read_jpegs(file) if file.suffix == ".npz" else _read_archive(file)


def _find(path: str | Path | None) -> Path:
    given = path or os.environ.get("PROBATUM_CIFAR10")
    shared = [Path(os.environ.get("PROBATUM_SHARED") or "../shared/data"), Path("../shared/data")]
    places = [Path(given)] if given else [folder / name for folder in shared for name in (ARCHIVE, JPEGS)]
    for place in places:
        if place.is_file():
            return place
    raise CannotRun(
        f"CIFAR-10 is not here: looked for {', '.join(dict.fromkeys(map(str, places)))}. "
        f"Set PROBATUM_CIFAR10 to the official {ARCHIVE} (from the page of Alex Krizhevsky, "
        "www.cs.toronto.edu/~kriz/cifar.html)"
    )


def _read_archive(file: Path) -> Images:
    try:
        with tarfile.open(file) as archive:
            members = {Path(member.name).name: member for member in archive if member.isfile()}
            batches = [f"data_batch_{number}.bin" for number in range(1, 6)]
            parts = [_batch(archive.extractfile(members[name])) for name in [*batches, "test_batch.bin"]]
    except (tarfile.TarError, EOFError, OSError, KeyError) as error:
        raise ValueError(f"{file}: not the official {ARCHIVE} ({error})") from error
    train, test = np.concatenate(parts[:5]), parts[5]
    return Images(
        name="cifar10",
        train_x=_planes(train),
        train_y=_labels(train),
        test_x=_planes(test),
        test_y=_labels(test),
    )


def _batch(stream: IO[bytes] | None) -> npt.NDArray[np.uint8]:
    raw = stream.read(10_000 * RECORD + 1) if stream else b""
    if len(raw) != 10_000 * RECORD:
        raise OSError(f"a batch has {len(raw)} bytes, not {10_000 * RECORD}")
    return np.frombuffer(raw, np.uint8).reshape(-1, RECORD)


def _planes(records: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return np.ascontiguousarray(records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))


def _labels(records: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    return records[:, 0].astype(np.int64)


def _read_jpegs(file: Path) -> Images:
    try:
        with np.load(file, allow_pickle=False) as arrays:
            return Images(
                name="cifar10",
                train_x=_decode(arrays["train_jpeg"].tobytes(), arrays["train_offsets"]),
                train_y=arrays["train_labels"].astype(np.int64),
                test_x=_decode(arrays["test_jpeg"].tobytes(), arrays["test_offsets"]),
                test_y=arrays["test_labels"].astype(np.int64),
            )
    except (KeyError, OSError, EOFError, ValueError) as error:
        raise ValueError(f"{file}: not an npz of CIFAR-10's JPEG files ({error})") from error


def _decode(raw: bytes, offsets: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    try:
        from PIL import Image
    except ImportError as error:
        raise MissingExtra("torch", "pillow") from error
    pictures = np.empty((len(offsets) - 1, 32, 32, 3), np.uint8)
    for number, (start, end) in enumerate(itertools.pairwise(offsets)):
        with Image.open(io.BytesIO(raw[start:end]), formats=("JPEG",)) as picture:
            if picture.size != (32, 32):
                raise ValueError(f"picture {number} is {picture.size[0]} by {picture.size[1]}, not 32 by 32")
            pictures[number] = np.asarray(picture.convert("RGB"))
    return pictures
