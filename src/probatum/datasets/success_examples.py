"""States in which a manipulation task is done, 200 a task: what policies are learned from in our experiments.

Made by `probatum examples` with seed 0: Meta-World 3's own scripted policies, 10 states from the first success of each
episode on; for Adroit's door, states set with the hinge open. "window-close-v3 trajectories" holds whole scripted
episodes, from the reset on: no success states, but what a method should be shown to fail on.
"""

from __future__ import annotations

import io
from importlib import resources

import numpy as np
import numpy.typing as npt

from probatum.errors import ProbatumError

FILE = "data/success_examples.npz"


def load_success_examples(task: str) -> npt.NDArray[np.float32]:
    """Return the examples of `task`, (200, 39) float32; `ProbatumError` for a task that there are none of."""
    data = resources.files(__package__).joinpath(FILE).read_bytes()
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        if task not in arrays.files:
            raise ProbatumError(f"no success examples of {task!r}; there are some of {', '.join(arrays.files)}")
        examples: npt.NDArray[np.float32] = arrays[task]
    return examples
