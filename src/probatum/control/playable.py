"""What must be known of a policy to play or export it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from probatum.control.learning.actor import Actor, Critic

if TYPE_CHECKING:
    from probatum.control.environments.spaces import Spaces


class Playable(Protocol):
    """A policy that can act; a `LearnedPolicy` is one, and so is anything with these fields."""

    @property
    def method(self) -> str:
        """How it was learned."""

    @property
    def spaces(self) -> Spaces:
        """The sizes and bounds of its observations and actions."""

    @property
    def actor(self) -> Actor:
        """What acts."""

    @property
    def critic(self) -> Critic | None:
        """What foresees success."""
