"""Write examples of success into a file that carries nothing but numbers and a note."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from probatum.control.examples.rows_of_numbers import rows_of_numbers
from probatum.errors import ProbatumError


def write_examples(path: str | Path, examples: Any, *, note: str = "") -> tuple[int, int]:
    """Write `examples` to an npz file, the arrays `observations` (float32) and `note`; return (count, observation).

    The file is written beside its place and then moved there, so that nobody reads half of it. Raises `ProbatumError`
    for examples that are no finite rows of numbers, for another ending than .npz, and where it cannot be written.
    """
    file = Path(path)
    if file.suffix.lower() != ".npz":
        raise ProbatumError(f"{file}: examples are written as .npz; name it {file.with_suffix('.npz').name}")
    rows = rows_of_numbers(examples, where="the examples")
    half = file.with_name(f".{file.name}.part")
    try:
        with half.open("wb") as stream:
            np.savez_compressed(stream, observations=rows, note=np.array(note))
        half.replace(file)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ProbatumError(f"{file}: it cannot be written ({error.strerror})") from error
    return len(rows), rows.shape[1]
