"""The latest issues as the items of a feed: what RSS, Atom and JSON Feed have in common."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from probatum.newsletter import urls
from probatum.newsletter.content import Issue, Newsletter
from probatum.newsletter.parts.issue_fragment import denominator, fragment, inputs, name, printable
from probatum.newsletter.rendering.markdown import sentence

LATEST = 20
"""How many issues a feed holds."""

NO_DATE = datetime.fromtimestamp(0, UTC)
"""When an issue was last changed, where neither it nor any before it has a date."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """One issue in a feed.

    `url` is also its id, which never changes. `published` is the first moment of the issue's date in UTC;
    `updated`, which Atom cannot do without, is for an issue without a date that of the last one with it.
    """

    issue: Issue
    url: str
    title: str
    summary: str
    html: str
    published: datetime | None
    updated: datetime


def items(newsletter: Newsletter) -> list[Item]:
    """The latest issues, newest first, with everything that is in them."""
    return [_item(newsletter, issue, known) for issue, known in reversed([*_dated(newsletter)][-LATEST:])]


def feed_inputs(newsletter: Newsletter) -> Hashable:
    """All that a feed depends on: equal inputs make equal feeds."""
    latest = [*_dated(newsletter)][-LATEST:]
    return (newsletter.config, tuple((inputs(newsletter, issue), known) for issue, known in latest))


def _dated(newsletter: Newsletter) -> Iterator[tuple[Issue, datetime]]:
    known = NO_DATE
    for issue in newsletter.issues:
        known = _moment(issue.date) if issue.date else known
        yield issue, known


def _moment(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _item(newsletter: Newsletter, issue: Issue, known: datetime) -> Item:
    config = newsletter.config
    ends = (("Feedback", config.feedback), ("Podcast", config.podcast))
    end = "".join(f"<h2>{label}</h2>\n{sentence(words).html}" for label, words in ends if words)
    titles = "; ".join(newsletter.rendered[id].title.text for id in issue.entries)
    return Item(
        issue=issue,
        url=f"{config.url}{urls.issue(issue)}",
        title=name(newsletter, issue),
        summary=printable(f"{titles}. {denominator(newsletter, issue)}" if titles else ""),
        html=fragment(newsletter, issue) + end,
        published=_moment(issue.date) if issue.date else None,
        updated=known,
    )
