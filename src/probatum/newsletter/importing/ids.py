"""Ids of entries: the title in a file name's letters, the same at every import whatever the rows' order."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import chain, count

from probatum.newsletter.importing.table import ENTRY, Row
from probatum.newsletter.urls import slug

_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,119}")
_LENGTH = 72


def ids_of(rows: Sequence[Row], issues: Mapping[int, int]) -> dict[int, str]:
    """Give every row (by its number) an id; `issues` says in which issue a row appeared.

    Of rows with the same title the one in the earliest issue is called after the title alone, each other
    gets a digest of its address and mail behind it: a row added later does not rename those that are there.
    """
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(_wish(row), []).append(row)
    ids: dict[int, str] = {}
    taken = set(groups)
    for wish, group in groups.items():
        first, *others = group if len(group) == 1 else sorted(group, key=lambda row: _age(row, issues))
        ids[first.number] = wish
        for row in others:
            ids[row.number] = _free(wish, row, taken)
            taken.add(ids[row.number])
    return ids


def _wish(row: Row) -> str:
    if _ID.fullmatch(row[ENTRY]):
        return row[ENTRY]
    name = slug(_LINK.sub(r"\1", row["Title"]))
    return name if len(name) <= _LENGTH else name[: _LENGTH + 1].rpartition("-")[0] or name[:_LENGTH]


def _age(row: Row, issues: Mapping[int, int]) -> tuple[int, str, str]:
    return issues.get(row.number, 1 << 30), row["URL"], _digest(row)


def _free(wish: str, row: Row, taken: set[str]) -> str:
    """The title with a digest: of address and mail; else of all cells; counted, for rows quite alike."""
    near = sha256(f"{row['URL']}\n{row['Email']}".encode()).hexdigest()[:6]
    whole = _digest(row)[:10]
    tails = chain((near, whole), (f"{whole}-{number}" for number in count(2)))
    return next(name for tail in tails if (name := f"{wish}-{tail}") not in taken)


def _digest(row: Row) -> str:
    return sha256(repr(sorted(row.cells.items())).encode()).hexdigest()
