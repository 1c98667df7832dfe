"""One call of a torch operator in an exported program, with its arguments told apart: computed values, constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from probatum.errors import ProbatumError
from probatum.networks.tracing.step import Array, Operation, Step

if TYPE_CHECKING:
    from torch.fx import Node


def names(text: str) -> frozenset[str]:
    """Return the words of a text, as the tables of operators are written."""
    return frozenset(text.split())


@dataclass(frozen=True, kw_only=True, eq=False)
class Call:
    """A node of the graph. `arguments`: by their names in the operator's schema, defaults filled in.

    `constants`: all values known without the inputs; `tensors`: the parameters' names. `outputs` and `shapes` are of
    the node, or of its parts where it returns several.
    """

    node: Node
    operator: str
    place: str
    arguments: Mapping[str, Any]
    constants: Mapping[Node, Any]
    tensors: Mapping[Node, str]
    outputs: tuple[str, ...]
    shapes: tuple[tuple[int, ...], ...]

    def is_value(self, argument: Any) -> bool:
        """Say whether the argument is computed from the inputs of the model."""
        from torch.fx import Node

        return isinstance(argument, Node) and argument not in self.constants

    def values(self, *names: str) -> tuple[str, ...]:
        """Return the names of the computed values among these arguments (all, if none is named), lists opened."""
        found: list[str] = []
        for name in names or self.arguments:
            argument = self.arguments.get(name)
            members = argument if isinstance(argument, list | tuple) else [argument]
            found += [str(getattr(member, "name", "")) for member in members if self.is_value(member)]
        return tuple(dict.fromkeys(found))

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of the tensor that is this argument."""
        return tuple(self.arguments[name].meta["val"].shape)

    def known(self, argument: Any) -> Any:
        """Return what an argument that is no computed value stands for: a tensor, a number, None."""
        from torch.fx import Node

        return self.constants[argument] if isinstance(argument, Node) else argument

    def constant(self, name: str) -> Any:
        """Return the argument, which must be known without the inputs; None where it is not given."""
        if self.values(name):
            raise self.error(f"its {name} is computed from the model's input; only a fixed one has a rule")
        return self.known(self.arguments.get(name))

    def array(self, name: str) -> Array:
        """Return a fixed tensor as float32 numbers that later training of the model does not change."""
        return np.array(self.constant(name).detach().cpu().float().numpy())

    def error(self, reason: str) -> ProbatumError:
        """Return the error that names operator and place."""
        return ProbatumError(f"{self.operator} at {self.place or self.outputs[0]!r}: {reason}")

    def step(
        self,
        operation: Operation,
        *,
        inputs: Sequence[str] | None = None,
        weight: str = "",
        constants: Mapping[str, Array] | None = None,
        attributes: Mapping[str, Any] | None = None,
        rearrange: Callable[[Sequence[Array]], Sequence[Array]] | None = None,
    ) -> Step:
        """Return a step with this call's outputs, of a scale only the first, since the others are its statistics.

        `weight`: the argument that is its weight tensor, if it has one.
        """
        count = 1 if operation == "scale" else len(self.outputs)
        return Step(
            operation=operation,
            operator=self.operator,
            place=self.place,
            inputs=self.values() if inputs is None else tuple(inputs),
            outputs=self.outputs[:count],
            shapes=self.shapes[:count],
            constants=constants or {},
            tensors={"weight": self.tensors.get(self.arguments[weight], "")} if weight else {},
            attributes=attributes or {},
            rearrange=rearrange,
        )
