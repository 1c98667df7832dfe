"""Meta-World's resets, made to follow the seed that Gymnasium hands them."""

from __future__ import annotations

from typing import Any, final

from probatum.errors import MissingExtra

try:
    import gymnasium
except ImportError as missing:  # the class below needs it as its parent, so it cannot wait for a function
    raise MissingExtra("control", "gymnasium") from missing


@final
class SeededResets(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A Meta-World task in which `reset(seed=s)` starts the same episode each time.

    Meta-World 3 takes a seed in `reset` and leaves it unused; the goal of an episode is drawn from the generator that
    its own `seed` method sets, so the seed goes there first.
    """

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; the seed decides which of the task's goals it has."""
        if seed is not None:
            self.unwrapped.seed(seed)  # type: ignore[attr-defined]
        return self.env.reset(seed=seed, options=options)
