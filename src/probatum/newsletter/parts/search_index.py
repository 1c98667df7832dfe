"""An inverted index of all summaries in small pieces, so that a query needs just the few that it asks for.

A word's postings lie in a piece chosen by its first two letters; what is shown of an entry lies in a chunk of
a few entries. Words of a title weigh more than those of a name or section, and these more than the text's.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from probatum.newsletter.content import Entry, Newsletter

CHUNK = 16
"""Entries whose titles and first lines lie in one file."""

PIECES = 256
"""At most as many files hold the postings."""

WEIGHTS = 64
"""A word's weight in an entry is below this."""

_STOP = """
a an and are as at be but by can for from has have he her his i if in into is it its not of on or s she so
such t than that the their them then there these they this to was we were which will with you
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


def piece(word: str) -> int:
    """The number of the piece that holds a word's postings: words with the same first two letters share one.

    >>> piece("weights") == piece("wean"), piece("j") < PIECES
    (True, True)
    """
    return (ord(word[0]) * 31 + ord(word[1:2] or "\0")) % PIECES


@dataclass
class SearchIndex:
    """Postings of all words; `update` brings them up to date and gives what changed a new version."""

    lengths: list[int] = field(default_factory=list)
    versions: dict[int, int] = field(default_factory=dict)
    _ids: tuple[str, ...] = ()
    _highest: int = -1
    _inputs: list[Inputs] = field(default_factory=list)
    _counts: list[Mapping[str, int]] = field(default_factory=list)
    _postings: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _words: dict[int, set[str]] = field(default_factory=dict)

    def update(self, newsletter: Newsletter, entries: Sequence[Entry]) -> None:
        """Take in what changed since the last time; a new or removed entry renumbers all."""
        self._number(tuple(entry.id for entry in entries))
        changed: set[str] = set()
        for number, entry in enumerate(entries):
            inputs = (newsletter.rendered[entry.id].key, entry.digest, newsletter.section(entry).title)
            if inputs != self._inputs[number]:
                self._inputs[number] = inputs
                self._replace(number, _count(newsletter, entry), changed)
        for name in {self._place(word) for word in changed}:
            self.versions[name] = next(_VERSIONS)

    def _number(self, ids: tuple[str, ...]) -> None:
        if ids != self._ids:
            self._ids = ids
            self._inputs, self._counts, self.lengths = [()] * len(ids), [{}] * len(ids), [0] * len(ids)
            self._highest = -1
            self._postings.clear()
            self._words.clear()

    def _replace(self, number: int, new: Mapping[str, int], changed: set[str]) -> None:
        """Put an entry's words in the place of its former ones, and add those that changed to `changed`."""
        old, postings, base = self._counts[number], self._postings, number * WEIGHTS
        for word, weight in old.items() - new.items():
            postings[word].remove(base + weight)
            changed.add(word)
        if old:
            for word, weight in new.items() - old.items():
                insort(postings[word], base + weight)
                changed.add(word)
        else:
            self._append(base, new)
            changed.update(new)
        self._counts[number] = new
        self.lengths[number] = sum(new.values())

    def _append(self, base: int, new: Mapping[str, int]) -> None:
        """Put in the words of an entry that had none; after a renumbering entries come in order."""
        postings = self._postings
        if base <= self._highest:
            for word, weight in new.items():
                insort(postings[word], base + weight)
            return
        self._highest = base
        for word, weight in new.items():
            postings[word].append(base + weight)

    def _place(self, word: str) -> int:
        """Put a word into its piece, or take it out where no entry holds it any more."""
        name = piece(word)
        if self._postings[word]:
            self._words.setdefault(name, set()).add(word)
        else:
            self._words[name].discard(word)
        return name

    def pieces(self) -> list[int]:
        """The numbers of the pieces that hold a word."""
        return [name for name, found in sorted(self._words.items()) if found]

    def postings(self, name: int) -> dict[str, list[int]]:
        """The words of a piece, each with `entry * WEIGHTS + weight` for each entry that holds it."""
        return {word: self._postings[word] for word in sorted(self._words[name])}


_VERSIONS = count()


def _count(newsletter: Newsletter, entry: Entry) -> Mapping[str, int]:
    text = newsletter.rendered[entry.id]
    passages = (text.summary, text.prerequisites, text.read_more, *(passage for _, passage in text.opinions))
    counts = Counter(words("\n".join(passage.text for passage in passages)))
    authors = (entry.authors,) if isinstance(entry.authors, str) else entry.authors
    about = (*authors, entry.venue, newsletter.section(entry).title, *entry.people, str(entry.year or ""))
    counts.update(words(" ".join(about)) * _WEIGHT_NAMES)
    counts.update(words(text.title.text) * _WEIGHT_TITLE)
    for word in STOP_WORDS & counts.keys():
        del counts[word]
    if counts and max(counts.values()) >= WEIGHTS:
        return {word: min(weight, WEIGHTS - 1) for word, weight in counts.items()}
    return counts
