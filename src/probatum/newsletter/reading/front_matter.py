"""The YAML between two `---` lines at the head of a Markdown file, with the line of every key."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from probatum.newsletter.problem import Problem, one_of

Matter = TypeVar("Matter", bound=BaseModel)

_FENCED = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


_STR = "tag:yaml.org,2002:str"


class _Loader(yaml.CSafeLoader):
    """Safe YAML 1.1 without its surprises: `no` and dates stay text until the schema reads them."""

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> str:
        if kind is yaml.ScalarNode and implicit[0] and value[:1] not in _BEGINS_A_NUMBER and value not in _WORDS:
            return _STR
        return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]


_BEGINS_A_NUMBER = frozenset("-+.0123456789")
_WORDS = frozenset({"", "~", "null", "true", "false", "True", "False"})
_NUMBERS = {"tag:yaml.org,2002:int": "construct_yaml_int", "tag:yaml.org,2002:float": "construct_yaml_float"}


def load(yaml_text: str) -> Any:
    """Read YAML into plain values.

    Raises:
        yaml.YAMLError: it is no YAML, or a key stands twice.
    """
    loader = _Loader(yaml_text)
    try:
        return _plain(loader.get_single_node(), loader)
    finally:
        loader.dispose()


def _plain(node: Any, loader: _Loader) -> Any:
    if isinstance(node, yaml.ScalarNode):
        tag = node.tag
        if tag in _NUMBERS:
            return getattr(loader, _NUMBERS[tag])(node)
        if tag == "tag:yaml.org,2002:bool":
            return node.value in ("true", "True")
        return None if tag == "tag:yaml.org,2002:null" else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, loader) for item in node.value]
    found: dict[str, Any] = {}
    for key, value in node.value if node else ():
        if key.value in found:
            raise yaml.MarkedYAMLError(problem=f"key {key.value!r} stands twice", problem_mark=key.start_mark)
        found[str(key.value)] = _plain(value, loader)
    return found if node else None


@dataclass(frozen=True)
class Text:
    """A Markdown file cut in two: `matter` (YAML, from file line 2) and `body` (from `body_line`)."""

    path: Path
    matter: str
    body: str
    body_line: int

    def line(self, *place: str | int) -> int:
        """The line on which a key of the front matter stands."""
        return line_of(self.matter, place, 2)


def split(path: Path, text: str) -> Text | Problem:
    """Cut a file's front matter from its body."""
    match = _FENCED.match(text)
    if match is None:
        return Problem(
            path, 1, "no front matter", "begin the file with a line '---', keys such as 'title: …', and '---'"
        )
    return Text(path, match[1], text[match.end() :], text.count("\n", 0, match.end()) + 1)


def validate(schema: type[Matter], yaml_text: str, path: Path, first_line: int = 1) -> Matter | list[Problem]:
    """Read YAML into `schema`, or return every mistake in it with its line."""
    try:
        data = load(yaml_text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        return [Problem(path, first_line + line, f"YAML: {error.problem}", "quote the text or mend the line")]
    except yaml.YAMLError as error:
        return [Problem(path, first_line, f"YAML: {error}".replace("\n", " "), "remove the character")]
    if not isinstance(data, dict):
        kind = "nothing" if data is None else type(data).__name__
        return [Problem(path, first_line, f"{kind} where keys belong", "write 'key: value' lines, 'title: …' first")]
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        line_at = partial(line_of, yaml_text, first_line=first_line)
        return [_problem(path, line_at, dict(item), schema) for item in error.errors(include_url=False)]


def line_of(yaml_text: str, place: Sequence[str | int], first_line: int) -> int:
    """The file line on which the key or item at `place` stands, or its nearest parent's."""
    node: Any = yaml.compose(yaml_text, _Loader)
    line = node.start_mark.line
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in node.value if key.value == step), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line
        else:
            break
    return first_line + int(line)


def _problem(
    path: Path, line_at: Callable[[Sequence[str | int]], int], error: dict[str, Any], schema: type[BaseModel]
) -> Problem:
    place = [step for step in error["loc"] if not (isinstance(step, str) and step.endswith("]"))]
    name = ".".join(str(step) for step in place) or "the front matter"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        return Problem(path, line_at(place), f"unknown key {name!r}", one_of(str(place[-1]), _keys(schema, place)))
    if error["type"] == "missing":
        return Problem(path, line_at(place), f"no {name!r}", f"add the key {str(place[-1])!r}")
    found = repr(error.get("input"))
    found = found if len(found) <= 80 else found[:77] + "…"
    return Problem(path, line_at(place), f"{name}: {found}", message)


def _keys(schema: type[BaseModel], place: Sequence[str | int]) -> list[str]:
    """The keys that are known where an unknown one was found."""
    model: Any = schema
    for step in place[:-1]:
        if isinstance(step, str) and step in model.model_fields:
            model = _model(model.model_fields[step].annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in getattr(annotation, "__args__", ()) if (found := _model(arg))), None)
