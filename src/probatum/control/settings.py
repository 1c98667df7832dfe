"""How long, how wide and how fast a policy learns: what all methods of this room have in common.

The defaults are those of the code behind Eysenbach, Levine, Salakhutdinov 2021, except that inputs are standardized.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypedDict, final

import numpy as np
from numpy.typing import NDArray

from probatum.errors import ProbatumError

COUNTS = ("steps", "batch", "updates_per_step", "capacity", "evaluations", "evaluation_episodes", "checkpoint_every")


class TrainingOptions(TypedDict, total=False):
    """The keyword arguments that every method passes on to `Training`."""

    warmup: int | None
    discount: float
    hidden: tuple[int, ...]
    batch: int
    example_batch: int | None
    learning_rate: float
    polyak: float
    updates_per_step: int
    entropy: float | Literal["auto"]
    normalize: bool
    use_terminals: bool
    capacity: int
    held_out: float
    evaluations: int
    evaluation_episodes: int
    checkpoint_every: int


class LearningOptions(TrainingOptions, total=False):
    """The settings, and what else a run may be told.

    `success`: says of a flat observation (observation,) whether it is a success, for environments that do not say so
    in their info. `folder`: where the policy, and checkpoints on the way, are kept. `resume`: go on from the
    checkpoint there. `check`: look at the examples before training.
    """

    success: Callable[[NDArray[np.float32]], bool] | None
    folder: str | Path | None
    resume: bool
    check: bool


@final
@dataclass(frozen=True)
class Training:
    """The settings of one training run.

    `steps`: environment steps, the first `warmup` of them random and without updates (None: 10,000, or a quarter of the
    steps if that is fewer). `hidden`: widths of the hidden layers of actor and critics. `batch`: transitions an update;
    `example_batch`: success examples an update (None: as many). `polyak`: the part of the critics that their target
    networks take on at each update. `entropy`: the fixed weight of the policy's entropy, or "auto", which holds the
    entropy near minus the number of actions. `normalize`: standardize observations by running moments.
    `use_terminals`: do not look past a terminal state (the authors found ignoring terminals to work better).
    `held_out`: the part of the examples that is kept for diagnostics. `evaluations`: how often on the way the greedy
    policy is tried, `evaluation_episodes` times each. `checkpoint_every`: steps between checkpoints.
    """

    steps: int = 20_000
    warmup: int | None = None
    discount: float = 0.99
    hidden: tuple[int, ...] = (256, 256)
    batch: int = 256
    example_batch: int | None = None
    learning_rate: float = 3e-4
    polyak: float = 0.005
    updates_per_step: int = 1
    entropy: float | Literal["auto"] = 1e-4
    normalize: bool = True
    use_terminals: bool = False
    capacity: int = 1_000_000
    held_out: float = 0.1
    evaluations: int = 10
    evaluation_episodes: int = 10
    checkpoint_every: int = 10_000

    def __post_init__(self) -> None:
        """Raise `ProbatumError` for a setting with which nothing could be learned, naming it."""
        object.__setattr__(self, "hidden", tuple(self.hidden))
        for name in COUNTS:
            if getattr(self, name) < 1:
                raise ProbatumError(f"{name}={getattr(self, name)}: must be at least 1")
        if self.example_batch is not None and self.example_batch < 1:
            raise ProbatumError(f"example_batch={self.example_batch}: must be at least 1, or None for as many as batch")
        if min(self.hidden, default=0) < 1:
            raise ProbatumError(f"hidden={self.hidden}: give widths of at least 1, such as (256, 256)")
        for name, low, high in (("discount", 0.0, 1.0), ("polyak", 0.0, 1.0), ("held_out", 0.0, 0.9)):
            value = getattr(self, name)
            if not low <= value <= high or (name == "discount" and value in {0.0, 1.0}):
                raise ProbatumError(f"{name}={value}: must lie between {low:g} and {high:g}")
        if not self.learning_rate > 0 or not math.isfinite(self.learning_rate):
            raise ProbatumError(f"learning_rate={self.learning_rate}: must be above 0")
        if self.entropy != "auto" and not (isinstance(self.entropy, (int, float)) and 0 <= self.entropy < math.inf):
            raise ProbatumError(f"entropy={self.entropy!r}: give a number of at least 0, or 'auto'")
        if not 0 < self.random_steps < self.steps:
            raise ProbatumError(f"warmup={self.warmup}: must lie between 1 and steps - 1 = {self.steps - 1}")

    @property
    def random_steps(self) -> int:
        """How many steps are random at the start."""
        return min(10_000, self.steps // 4) if self.warmup is None else self.warmup

    @property
    def examples_a_batch(self) -> int:
        """How many examples each update draws."""
        return self.example_batch or self.batch

    def to_dict(self) -> dict[str, Any]:
        """Return the settings by name, ready for JSON."""
        return dataclasses.asdict(self)
