"""SqueezeNet 1.1 as trained on ImageNet, in 1.3 million weights kept to 8 bits (Iandola et al. 2016, BSD-2)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from probatum.datasets.npz_files import read_npz
from probatum.errors import CannotRun, ProbatumError

FILE = "squeezenet11_imagenet.npz"
TENSORS = 52  # weight and bias of 26 convolutions


def load_squeezenet(path: str | Path | None = None) -> dict[str, npt.NDArray[np.float32]]:
    """Read the weights by name, convolutions as (units, input channels, rows, columns), and biases.

    The file is `path`, else `$PROBATUM_SQUEEZENET`, else `squeezenet11_imagenet.npz` in `$PROBATUM_SHARED` or
    `../shared/data`. Raises `CannotRun` where there is none, `ProbatumError` for another file. The module that
    computes with them is `networks.squeezenet.squeezenet11`.
    """
    file = _find(path)
    weights = {name: array.astype(np.float32) for name, array in read_npz(file).items()}
    if len(weights) != TENSORS or "fire9.expand3x3.weight" not in weights:
        raise ProbatumError(f"{file}: {len(weights)} tensors, {TENSORS} of SqueezeNet 1.1 are expected")
    return weights


def _find(path: str | Path | None) -> Path:
    given = path or os.environ.get("PROBATUM_SQUEEZENET")
    folders = [os.environ.get("PROBATUM_SHARED") or "../shared/data", "../shared/data"]
    places = [Path(given)] if given else [Path(folder) / FILE for folder in dict.fromkeys(folders)]
    for place in places:
        if place.is_file():
            return place
    raise CannotRun(
        f"SqueezeNet's weights are not here: looked for {', '.join(map(str, places))}. "
        f"Set PROBATUM_SQUEEZENET to a file {FILE}"
    )
