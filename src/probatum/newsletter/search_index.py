"""An inverted index of all summaries in small pieces, so that a query needs just the few that it asks for.

A word's postings lie in the piece named by its first two letters; what is shown of an entry lies in a chunk
of a few entries. Words of a title weigh more than those of a name or section, and these more than the text's.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from probatum.newsletter.content import Entry, Newsletter

CHUNK = 16
"""Entries whose titles and first lines lie in one file."""

_STOP = """
a an and are as at be but by can for from has have he her his i if in into is it its not of on or s she so such t
than that the their them then there these they this to was we were which will with you
"""
STOP_WORDS = frozenset(_STOP.split())
"""Words that nearly every summary holds; they are not indexed."""

_WEIGHT_TITLE, _WEIGHT_NAMES = 6, 3
_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile(r"[\u0300-\u036f]+")

Inputs = tuple[object, ...]


def words(text: str) -> list[str]:
    """Split a text into lower-case words without accents.

    >>> words("Über J<L weights")
    ['uber', 'j', 'l', 'weights']
    """
    if not text.isascii():
        text = _MARK.sub("", unicodedata.normalize("NFKD", text))
    return _WORD.findall(text.lower())


def piece(word: str) -> str:
    """The name of the piece that holds a word's postings; it is a plain file name.

    >>> piece("weights"), piece("j"), piece("深層学習")
    ('we', 'j', 'u6df1')
    """
    two = word[:2]
    return two if two.isascii() else f"u{ord(word[0]):x}"


@dataclass
class SearchIndex:
    """Postings by piece and word; `update` brings them up to date and says what changed by new versions."""

    ids: tuple[str, ...] = ()
    versions: dict[str, int] = field(default_factory=dict)
    lengths: list[int] = field(default_factory=list)
    _inputs: list[Inputs] = field(default_factory=list)
    _counts: list[Mapping[str, int]] = field(default_factory=list)
    _postings: dict[str, dict[str, dict[int, int]]] = field(default_factory=dict)

    def update(self, newsletter: Newsletter, entries: Sequence[Entry]) -> None:
        """Take in entries that changed since the last time; new and removed ones renumber all."""
        ids = tuple(entry.id for entry in entries)
        if ids != self.ids:
            self.ids = ids
            self._inputs, self._counts = [()] * len(ids), [{}] * len(ids)
            self.lengths = [0] * len(ids)
            self._postings.clear()
            self.versions.clear()
        changed: set[str] = set()
        for number, entry in enumerate(entries):
            rendered = newsletter.rendered[entry.id]
            inputs = (rendered.key, entry.digest, newsletter.section(entry).title)
            if inputs != self._inputs[number]:
                self._inputs[number] = inputs
                self._replace(number, _count(newsletter, entry), changed)
        for name in changed:
            self.versions[name] = next(_VERSIONS)

    def _replace(self, number: int, new: Mapping[str, int], changed: set[str]) -> None:
        old, postings = self._counts[number], self._postings
        for word in old.keys() - new.keys():
            name = piece(word)
            del postings[name][word][number]
            changed.add(name)
        for word, weight in new.items():
            if old.get(word) != weight:
                name = word[:2]
                if not name.isascii():
                    name = piece(word)
                postings.setdefault(name, {}).setdefault(word, {})[number] = weight
                changed.add(name)
        self._counts[number] = new
        self.lengths[number] = sum(new.values())

    def pieces(self) -> Iterator[str]:
        """The names of all pieces that hold a word."""
        return (name for name, found in sorted(self._postings.items()) if any(found.values()))

    def postings(self, name: str) -> dict[str, list[int]]:
        """The words of a piece, each with entry, weight, entry, weight and so on."""
        return {
            word: [item for pair in sorted(found.items()) for item in pair]
            for word, found in sorted(self._postings[name].items())
            if found
        }


_VERSIONS = count()


def _count(newsletter: Newsletter, entry: Entry) -> Mapping[str, int]:
    text = newsletter.rendered[entry.id]
    passages = (text.summary, text.prerequisites, text.read_more, *(passage for _, passage in text.opinions))
    counts = Counter(words("\n".join(passage.text for passage in passages)))
    authors = (entry.authors,) if isinstance(entry.authors, str) else entry.authors
    about = (*authors, entry.venue, newsletter.section(entry).title, *entry.people, str(entry.year or ""))
    for word in words(" ".join(about)):
        counts[word] += _WEIGHT_NAMES
    for word in words(text.title.text):
        counts[word] += _WEIGHT_TITLE
    for word in STOP_WORDS & counts.keys():
        del counts[word]
    return counts
