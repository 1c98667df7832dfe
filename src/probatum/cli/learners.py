"""Which methods learn a policy, and what can be set? Those whose file has a function of its name from environments."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probatum.cli.method_files import first_lines, import_method
from probatum.cli.method_options import parameters, read_options
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.control.learning.objective import Objective

ROOM = "probatum.control.methods"
SUBJECT = "EnvFn"
RESULT = "LearnedPolicy"
TAKEN = {"seed": "--seed", "steps": "--steps"}
"""Arguments of a method that the command has options of its own for."""

Learner = Callable[..., Any]


def learner_lines() -> dict[str, str]:
    """Return what each method's file says first, by the method's name; nothing is imported."""
    return first_lines(ROOM, subject=SUBJECT, result=RESULT)


def find_learner(name: str) -> Learner:
    """Import the method of that name, written with `-` or `_`; `ProbatumError` lists what there is."""
    return import_method(name, learner_lines(), room=ROOM, does="learns a policy")


def objective_of(learner: Learner, options: Mapping[str, Any]) -> Objective:
    """Return what the method fits its critics to, with those of the options that are its own."""
    own = {name: value for name, value in options.items() if name in own_parameters(learner)}
    objective: Objective = sys.modules[learner.__module__].objective(**own)
    return objective


def own_parameters(learner: Learner) -> dict[str, inspect.Parameter]:
    """Return the parameters that set the method apart from others, by name."""
    return {name: one for name, one in parameters(learner).items() if name not in TAKEN}


def training_parameters() -> dict[str, inspect.Parameter]:
    """Return the parameters that all methods have in common, by name, with types and defaults."""
    import dataclasses
    from typing import get_type_hints

    from probatum.control.settings import Training, TrainingOptions

    defaults = {field.name: field.default for field in dataclasses.fields(Training)}
    return {
        name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=defaults[name], annotation=hint)
        for name, hint in get_type_hints(TrainingOptions).items()
    }


def learner_options(learners: Sequence[Learner], words: Iterable[str]) -> list[dict[str, Any]]:
    """Read `name=value` words for each of the methods; an option may be one method's own.

    Raises `ProbatumError` as `read_options` does, and for an option that stands for itself on the command line.
    """
    training = training_parameters()
    options: list[dict[str, Any]] = [{} for _ in learners]
    seen: set[str] = set()
    for word in words:
        name, equals, value = word.partition("=")
        name = name.strip().replace("-", "_")
        if not equals:
            raise ProbatumError(f"--with {word!r}: give name=value, such as hidden=[64,64]")
        if name in TAKEN:
            raise ProbatumError(f"--with {word!r}: write {TAKEN[name]} {value}")
        if name in seen:
            raise ProbatumError(f"--with {word!r}: {name!r} is given twice")
        seen.add(name)
        takers = [place for place, one in enumerate(learners) if name in own_parameters(one) or name in training]
        for place in takers or (0,):  # nobody's option: the first method says what there is
            options[place] |= read_options(learners[place], [word], more=training, without=TAKEN)
    return options
