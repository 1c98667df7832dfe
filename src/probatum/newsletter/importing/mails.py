"""Which issue a row appeared in, from what the sheet calls its mails: `AN #62`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probatum.newsletter.importing.cell_text import one_line
from probatum.newsletter.importing.table import Row
from probatum.newsletter.web_address import web_address

_MAIL = re.compile(r"(?P<letters>[^\s#]{1,40}) ?#(?P<number>[0-9]{1,6})")


@dataclass(frozen=True)
class Mails:
    """The newsletter's own letters, the commonest in the sheet: mails of other letters were internal ones."""

    letters: str

    @staticmethod
    def of(rows: Sequence[Row]) -> Mails:
        """Find the letters."""
        matches = (_MAIL.fullmatch(one_line(row["Email"])) for row in rows)
        found = Counter(match["letters"] for match in matches if match)
        return Mails(max(sorted(found), key=found.__getitem__, default=""))

    def issue(self, row: Row) -> int | None:
        """The number of the issue, or nothing for a row that was in none."""
        match = _MAIL.fullmatch(one_line(row["Email"]))
        return int(match["number"]) if match and match["letters"] == self.letters else None

    def addresses(self, rows: Iterable[Row]) -> dict[int, set[str]]:
        """Where each issue's mail is to be read, by the hyperlinks of its cells."""
        found: dict[int, set[str]] = {}
        for row in rows:
            number, url = self.issue(row), web_address(row.links.get("Email", ""))
            if number is not None and url:
                found.setdefault(number, set()).add(url)
        return found

    def remark(self, row: Row) -> str:
        """What the cell says beyond the issue's number."""
        text = one_line(row["Email"])
        return "" if text == f"{self.letters} #{self.issue(row)}" else text
