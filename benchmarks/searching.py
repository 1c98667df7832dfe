"""How long a search in `archive.db` takes, over words that stand in the newsletter itself."""

from __future__ import annotations

import random
import re
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from measured import cpu_seconds

from probatum.newsletter.parts.archive_search import search

_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, kw_only=True)
class Searches:
    """Milliseconds per query (median, 95th percentile), by CPU and on the wall; the slowest; how many found nothing."""

    queries: int
    cpu: tuple[float, float]
    wall: tuple[float, float]
    slowest: str
    empty: int


def search_archive(database: Path, count: int) -> Searches:
    """Ask `count` queries, each in a connection of its own as the library does it."""
    queries = list(_queries(database, count))
    cpu, wall, empty = [], [], 0
    for query in queries:
        used, start = cpu_seconds(), time.perf_counter()
        hits = search(database, query)
        wall.append(time.perf_counter() - start)
        cpu.append(cpu_seconds() - used)
        empty += not hits
    slowest = queries[cpu.index(max(cpu))]
    return Searches(queries=count, cpu=_quantiles(cpu), wall=_quantiles(wall), slowest=slowest, empty=empty)


def _queries(database: Path, count: int) -> Iterator[str]:
    """One word and two, of a title and of a body, in turn; common words as often as they are written."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT title, summary || ' ' || opinions FROM entries ORDER BY id").fetchall()
    chance = random.Random(200)
    kinds: list[tuple[int, Callable[[tuple[str, str]], str]]] = [
        (size, part) for part in (lambda row: row[0], lambda row: row[1]) for size in (1, 2)
    ]
    while count:
        size, part = kinds[count % len(kinds)]
        words = _WORD.findall(part(chance.choice(rows)) or "")
        if len(words) >= size:
            yield " ".join(chance.sample(words, size))
            count -= 1


def _quantiles(seconds: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=20)
    return 1000 * cuts[9], 1000 * cuts[18]
