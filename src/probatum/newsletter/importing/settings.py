"""The `newsletter.yaml` of an import: the Alignment Newsletter's where it fits, else made of the sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from probatum.errors import ProbatumError
from probatum.newsletter.importing.yaml_text import block_list, scalar

ALIGNMENT_NEWSLETTER = "AN"


@dataclass(frozen=True)
class Settings:
    """What an import needs to know of `newsletter.yaml`: names of sections, and of people by every alias.

    It is read loosely: the build says what is wrong in it, an import can do without what it cannot read.
    """

    sections: frozenset[str]
    names: Mapping[str, str]

    @staticmethod
    def of(text: str, path: Path) -> Settings:
        """Read the text of a `newsletter.yaml`.

        Raises:
            ProbatumError: it is no YAML.
        """
        try:
            found = yaml.load(text, yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise ProbatumError(f"{path}: {error}") from error
        found = found if isinstance(found, dict) else {}
        people = found.get("people")
        people = people if isinstance(people, dict) else {}
        names = {
            str(alias): str(name)
            for name, person in people.items()
            for alias in [name, *((person.get("aliases") or ()) if isinstance(person, dict) else ())]
        }
        return Settings(frozenset(_sections(found.get("sections"))), names)

    def person(self, name: str) -> str:
        """The one name under which somebody is known."""
        return self.names.get(name, name)


def newsletter_yaml(categories: Mapping[str, int], letters: str) -> str:
    """Write the settings for a sheet with these categories (and how many rows are in each).

    `letters` is what the sheet calls its mails, as AN in `AN #12`. Categories that the section tree does not
    have are put at its end, retired: they show what is in them and offer themselves for nothing new.
    """
    source = files("probatum.newsletter") / "data" / "alignment_newsletter.yaml"
    text = source.read_text(encoding="utf-8")
    known = Settings.of(text, Path(source.name)).sections
    strange = [name for name in categories if name not in known]
    fitting = sum(count for name, count in categories.items() if name in known)
    if letters in ("", ALIGNMENT_NEWSLETTER) and 2 * fitting >= sum(categories.values()):
        lines = (f"  - {{name: {scalar(name, in_list=True)}, retired: true}}\n" for name in strange)
        return text + "".join(lines)
    return f"title: {scalar(letters or 'Newsletter')}\nsections:{block_list(categories or ['News'])}\n"


def _sections(found: Any) -> Iterator[str]:
    """Every present and former name; an item is a name, `{parent: [children]}`, or a mapping with `name`."""
    for item in found if isinstance(found, list) else ():
        if not isinstance(item, dict):
            yield str(item)
        elif "name" in item:
            yield str(item["name"])
            yield from map(str, item.get("was") or ())
            yield from _sections(item.get("children"))
        else:
            for parent, children in item.items():
                yield str(parent)
                yield from _sections(children)
