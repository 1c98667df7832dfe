"""An issue as one piece of HTML that stands by itself: mail and feeds are read away from the site."""

from __future__ import annotations

import re
from collections.abc import Hashable

from probatum.newsletter import urls, wording
from probatum.newsletter.content import Branch, Entry, Issue, Newsletter
from probatum.newsletter.parts import templates
from probatum.newsletter.rendering.passages import Passage

_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""What neither XML nor a terminal wants: control characters, halves of characters, and what is none."""

_NO_REFERRER = ' rel="noopener noreferrer"'
"""Says nothing outside a browser, and a mail has only so many bytes."""


def inputs(newsletter: Newsletter, issue: Issue) -> Hashable:
    """All that an issue's words depend on: equal inputs make equal mails."""
    entries = tuple((newsletter.entries[id], newsletter.rendered[id].key) for id in issue.entries)
    verdicts = tuple(newsletter.verdicts[claim.name] for claim in newsletter.claims(issue))
    return (newsletter.config, issue, newsletter.words[issue.number].key, entries, verdicts)


def name(newsletter: Newsletter, issue: Issue) -> str:
    """What an issue is called where nothing else says which newsletter it belongs to."""
    number = f"{newsletter.config.title} #{issue.number}"
    return printable(f"{number}: {issue.title}" if issue.title else number)


def denominator(newsletter: Newsletter, issue: Issue) -> str:
    """How many claims the issue has and how they came out."""
    return wording.denominator(newsletter.claims(issue), newsletter.verdicts)


def fragment(newsletter: Newsletter, issue: Issue) -> str:
    """The issue's words and entries; headings begin at level 2, links are absolute."""
    html = templates.get("email_issue.html").render(
        branches=newsletter.outline(issue),
        rendered=newsletter.rendered,
        words=newsletter.words[issue.number].summary.html,
        denominator=denominator(newsletter, issue),
        depth=_depth,
        link=_link,
        labelled=labelled,
    )
    return standalone(html, newsletter)


def standalone(html: str, newsletter: Newsletter) -> str:
    """Make a piece of the site fit to be read elsewhere."""
    return printable(urls.absolute(html, newsletter.config.url).replace(_NO_REFERRER, ""))


def labelled(label: str, html: str) -> str:
    """Put a label, which is HTML, in bold at the head of a text's first paragraph."""
    strong = f"<strong>{label}:</strong>"
    return html.replace("<p>", f"<p>{strong} ", 1) if html.startswith("<p>") else f"<p>{strong}</p>\n{html}"


def printable(text: str) -> str:
    """Leave out what no mail, feed or terminal should be given."""
    return _FORBIDDEN.sub("", text)


def _depth(branch: Branch) -> int:
    """The level of a section's heading; its entries stand one below, and HTML has six."""
    return min(branch.level + 1, 5)


def _link(entry: Entry, title: Passage) -> str:
    """Where a title leads: nowhere if it holds links of its own."""
    return "" if "<a " in title.html else entry.url
