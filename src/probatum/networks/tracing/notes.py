"""What a graph of units leaves out, gathered place by place and said in a few sentences."""

from __future__ import annotations

PLACES_NAMED = 3


class Notes:
    """Sentences, each with the places in the model of which it is true."""

    def __init__(self) -> None:
        self._places: dict[str, dict[str, None]] = {}

    def add(self, sentence: str, place: str) -> None:
        """Note the sentence for a place; the same place counts once."""
        self._places.setdefault(sentence, {})[place] = None

    def sentences(self) -> tuple[str, ...]:
        """Return each sentence with the first places and the number of the others."""
        return tuple(f"{sentence}: {_listed(list(places))}" for sentence, places in self._places.items())


def _listed(places: list[str]) -> str:
    more = len(places) - PLACES_NAMED
    return ", ".join(places[:PLACES_NAMED]) + (f" and {more} more" if more > 0 else "")
