"""A sheet of the Alignment Newsletter's size in nonsense words, always the same: for where the real one is not."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

ENTRIES = 1956
ISSUES = [number for number in range(1, 172) if number != 84]
WITHOUT_ISSUE = 74
COLUMNS = (
    "Category", "Highlight?", "Title", "Authors", "Venue", "Year", "H/T", "Email", "Summarizer", "Summary",
    "My opinion", "Prerequisites", "Read more", "URL",
)  # fmt: skip
CATEGORIES = (
    "Learning human intent", "Reinforcement learning", "News", "Miscellaneous (Alignment)", "AI governance",
    "Deep learning", "Agent foundations", "Forecasting", "Interpretability", "Problems", "Iterated amplification",
    "Adversarial examples", "Preventing bad behavior", "Handling groups of agents", "Robustness", "Mesa optimization",
    "Verification", "Exploration", "Meta learning", "Unsupervised learning",
)  # fmt: skip
PEOPLE = ("Rohin",) * 12 + ("Richard", "Flo", "Zach", "Cody", "Nicholas", "Asya")


def write_sheet(path: Path) -> None:
    """Write the sheet as an .xlsx file."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, COLUMNS)
        for number, row in enumerate(_rows(), 1):
            for column, name in enumerate(COLUMNS):
                if text := row.get(name):
                    sheet.write_string(number, column, text)


def _rows() -> Iterator[dict[str, str]]:
    words = _Words(random.Random(147))
    titles = [words.text(words.length(6, 0.4)).capitalize() for _ in range(ENTRIES)]
    for number, title in enumerate(titles):
        yield _row(number, title, words, titles[:number])


def _row(number: int, title: str, words: _Words, earlier: list[str]) -> dict[str, str]:
    """One row; the shares of filled cells and the distributions of lengths are those of the real sheet."""
    chance = words.chance
    issue = ISSUES[number * len(ISSUES) // (ENTRIES - WITHOUT_ISSUE)] if number < ENTRIES - WITHOUT_ISSUE else 0
    row = {
        "Category": chance.choice(CATEGORIES),
        "Highlight?": "Highlight" if chance.random() < 0.138 else "",
        "Title": title,
        "Authors": ", ".join(words.text(2).title() for _ in range(chance.randint(1, 6))),
        "Venue": chance.choice(("arXiv", "arXiv", "Alignment Forum", "LessWrong", words.text(2).title())),
        "Year": str(chance.randint(2015, 2022)),
        "Email": f"AN #{issue}" if issue else "",
        "URL": f"https://example.org/{number}",
    }
    if chance.random() < 0.772:
        row["Summarizer"] = chance.choice(PEOPLE)
        row["Summary"] = words.prose(words.length(140, 0.81), earlier)
        if chance.random() < 0.66:
            row["My opinion"] = words.prose(words.length(95, 0.70), earlier)
        if chance.random() < 0.125:
            row["Read more"] = f"[{words.text(3)}](https://example.org/{number}/more)"
    return row


class _Words:
    """Draws nonsense words as often as real ones are used: the n-th commonest in proportion to 1/n."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        syllables = [first + then for first in "bcdfghjklmnprstvwz" for then in ("a", "e", "i", "o", "u", "an", "er")]
        lengths = (1 if rank < 100 else 2 if rank < 3000 else 3 for rank in range(28_000))
        words = dict.fromkeys("".join(chance.choices(syllables, k=length)) for length in lengths)
        self._words = list(words)
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(len(words))))

    def length(self, median: float, spread: float) -> int:
        """A number of words, log-normal."""
        return max(1, round(self.chance.lognormvariate(math.log(median), spread)))

    def text(self, count: int) -> str:
        """That many words."""
        return " ".join(self.chance.choices(self._words, cum_weights=self._weights, k=count))

    def prose(self, count: int, titles: list[str]) -> str:
        """Paragraphs of about 90 words in sentences, some with emphasis, a link, a list or a reference to an entry."""
        sizes = [90] * (count // 90) + [count % 90 or 1]
        return "\n\n".join(self._paragraph(size, titles) for size in sizes)

    def _paragraph(self, count: int, titles: list[str]) -> str:
        sentences = [self.text(min(18, count - start)).capitalize() + "." for start in range(0, count, 18)]
        kind = self.chance.random()
        if kind < 0.18:
            sentences.append(f"See [{self.text(2)}](https://example.org/{self.text(1)}).")
        elif kind < 0.30:
            sentences.append(f"This is _{self.text(1)}_ and **{self.text(1)}**.")
        elif kind < 0.43 and titles:
            sentences.append(f"It follows <@{self.text(2)}@>(@{self.chance.choice(titles)}@).")
        elif kind < 0.46:
            return "\n".join(f"- {sentence}" for sentence in sentences)
        return " ".join(sentences)
