"""The first sheet of an .xlsx workbook as text cells and hyperlinks, read as a stream: no tree is built.

The parser is expat: it is in every Python, keeps no document in memory, and a document type declaration (the
only door to entities, and so to files and exponential texts) is refused where it begins.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from xml.parsers import expat
from zipfile import ZipFile

from probatum.errors import ProbatumError
from probatum.newsletter.importing.limits import Limits
from probatum.newsletter.importing.package import opened, part
from probatum.newsletter.importing.table import Table

_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_workbook(path: Path, limits: Limits) -> Table:
    """Read the cells of a workbook's first sheet, numbers as they are written, and its hyperlinks.

    Raises:
        ProbatumError: the file is no whole workbook, or larger than the limits allow.
    """
    with opened(path, limits) as package:
        sheets, relations = _Elements("sheet"), _relations(package, "xl/_rels/workbook.xml.rels")
        _parse(package, "xl/workbook.xml", sheets)
        if not sheets.found:
            raise ProbatumError(f"{path}: the workbook has no sheet")
        name = _inside("xl", relations.get(sheets.found[0].get("id", ""), "worksheets/sheet1.xml"))
        strings = _Strings()
        if "xl/sharedStrings.xml" in package.namelist():
            _parse(package, "xl/sharedStrings.xml", strings)
        cells = _Cells(str(path), limits, strings.found)
        _parse(package, name, cells)
        folder, _, file = name.rpartition("/")
        targets = _relations(package, f"{folder}/_rels/{file}.rels")
    links = {place: targets.get(id, "") + location for place, id, location in cells.links}
    return Table(source=str(path), rows=cells.rows, links={place: url for place, url in links.items() if url})


class _Handler(Protocol):
    def start(self, tag: str, attributes: Mapping[str, str]) -> None: ...
    def end(self, tag: str) -> None: ...
    def text(self, text: str) -> None: ...


def _parse(package: ZipFile, name: str, handler: _Handler) -> None:
    """Feed one part to `handler`; prefixes are dropped, since every prefix is used by somebody's writer."""

    def refuse(*_: object) -> None:
        raise ProbatumError(f"{package.filename}: {name} declares a document type, which no spreadsheet does")

    def start(name: str, attributes: dict[str, str]) -> None:
        handler.start(name.rpartition(":")[2], attributes)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: handler.end(name.rpartition(":")[2])
    parser.CharacterDataHandler = handler.text
    try:
        with part(package, name) as stream:
            parser.ParseFile(stream)
    except expat.ExpatError as error:
        raise ProbatumError(f"{package.filename}: {name} is not well-formed XML ({error})") from error


def _relations(package: ZipFile, name: str) -> dict[str, str]:
    """What the relation ids of a part mean; a part without relations has no such file."""
    if name not in package.namelist():
        return {}
    relations = _Elements("Relationship")
    _parse(package, name, relations)
    return {found.get("Id", ""): found.get("Target", "") for found in relations.found}


def _inside(folder: str, target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")


@dataclass
class _Elements:
    """Collects the attributes of all elements of one name."""

    name: str
    found: list[dict[str, str]] = field(default_factory=list)

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == self.name:
            self.found.append({name.rpartition(":")[2]: value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        pass

    def text(self, text: str) -> None:
        pass


@dataclass
class _Strings:
    """Collects the shared strings, plain or in runs; reading aids (`rPh`) are no part of them."""

    found: list[str] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)
    inside: bool = False
    aside: bool = False

    def start(self, tag: str, _: Mapping[str, str]) -> None:
        self.inside = tag == "t" and not self.aside
        self.aside = self.aside or tag == "rPh"

    def end(self, tag: str) -> None:
        self.inside = False
        if tag == "rPh":
            self.aside = False
        elif tag == "si":
            self.found.append(_unescaped("".join(self.parts)))
            self.parts.clear()

    def text(self, text: str) -> None:
        if self.inside:
            self.parts.append(text)


@dataclass
class _Cells:
    """Collects the cells that hold something, by row number and column, and where hyperlinks are."""

    source: str
    limits: Limits
    strings: list[str]
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    links: list[tuple[tuple[int, int], str, str]] = field(default_factory=list)
    row: int = 0
    column: int = -1
    kind: str = ""
    parts: list[str] = field(default_factory=list)
    inside: bool = False
    aside: bool = False
    cells: int = 0
    characters: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.inside = tag in ("v", "t") and not self.aside
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "row":
            number = attributes.get("r", "")
            self.row = int(number) if number.isdecimal() and len(number) < 8 else self.row + 1
            self.column = -1
        elif tag == "rPh":
            self.aside = True
        elif tag == "hyperlink":
            self._link({name.rpartition(":")[2]: value for name, value in attributes.items()})

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = _REFERENCE.fullmatch(attributes.get("r", ""))
        self.column = _column(place[1]) if place else self.column + 1
        self.kind = attributes.get("t", "n")
        self.cells += 1
        self.limits.hold(self.source, "cells", self.cells)

    def _link(self, attributes: Mapping[str, str]) -> None:
        if place := _REFERENCE.match(attributes.get("ref", "")):
            location = attributes.get("location", "")
            self.links.append(
                ((int(place[2]), _column(place[1])), attributes.get("id", ""), location and f"#{location}")
            )

    def end(self, tag: str) -> None:
        self.inside = False
        if tag == "rPh":
            self.aside = False
        elif tag == "c" and self.parts:
            self._place("".join(self.parts))
            self.parts.clear()

    def text(self, text: str) -> None:
        if self.inside:
            self.parts.append(text)

    def _place(self, raw: str) -> None:
        text = self._value(raw)
        if not text:
            return
        self.characters += len(text)
        self.limits.hold(self.source, "cell", len(text), self.row)
        self.limits.hold(self.source, "characters", self.characters, self.row)
        self.rows.setdefault(self.row, {})[self.column] = text
        self.limits.hold(self.source, "rows", len(self.rows) - 1)

    def _value(self, raw: str) -> str:
        if self.kind == "s":
            if not raw.strip().isdecimal() or int(raw) >= len(self.strings):
                raise ProbatumError(f"{self.source}, row {self.row}: there is no shared string {raw[:20]!r}")
            return self.strings[int(raw)]
        if self.kind in ("inlineStr", "str"):
            return _unescaped(raw)
        if self.kind == "b":
            return "TRUE" if raw.strip() == "1" else "FALSE"
        return _number(raw.strip())


def _number(raw: str) -> str:
    """A whole number without the `.0` that some writers give it; any other as it is written."""
    try:
        value = float(raw)
    except ValueError:
        return raw
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else raw


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _unescaped(text: str) -> str:
    """Undo `_x000A_`, the form in which a workbook keeps characters that XML cannot hold."""
    if "_x" not in text:
        return text
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    if _SURROGATE.search(plain):
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain
