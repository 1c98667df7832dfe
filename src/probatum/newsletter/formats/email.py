"""Each issue as an HTML mail, with its styles in every element, since that is what mail programs read."""

from __future__ import annotations

import warnings
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from probatum.errors import ProbatumError
from probatum.newsletter.content import Issue, Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts import templates
from probatum.newsletter.parts.issue_fragment import fragment, inputs, name, standalone

if TYPE_CHECKING:
    from css_inline import CSSInliner

WARN_BYTES = 80_000
MOST_BYTES = 100_000
"""Gmail hides what comes after about 102 kB behind a link; whoever sends the mail adds a little to it."""

_PREHEADER_LENGTH = 140


class SizeWarning(UserWarning):
    """A mail is so large that soon its end will not be shown."""


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `email/<number>.html` for every issue.

    Warns with `SizeWarning` from 80,000 bytes on.

    Raises:
        ProbatumError: if a mail has 100,000 bytes or more.
    """
    return [
        out.derive(f"email/{issue.number}.html", inputs(newsletter, issue), partial(_mail, newsletter, issue))
        for issue in newsletter.issues
    ]


def _mail(newsletter: Newsletter, issue: Issue) -> bytes:
    config = newsletter.config
    html = templates.get("email.html").render(
        config=config,
        issue=issue,
        name=name(newsletter, issue),
        preheader=_preheader(newsletter, issue),
        branches=newsletter.outline(issue),
        fragment=fragment(newsletter, issue),
    )
    mail = _inliner().inline(standalone(html, newsletter)).encode()
    _weigh(mail, issue)
    return mail


def _preheader(newsletter: Newsletter, issue: Issue) -> str:
    """What a list of mails shows behind the subject: the first titles, highlights before the others."""
    entries = sorted(newsletter.issue_entries(issue), key=lambda entry: not entry.highlight)
    titles = "; ".join(newsletter.rendered[entry.id].title.text for entry in entries[:3])
    return titles if len(titles) <= _PREHEADER_LENGTH else titles[: _PREHEADER_LENGTH - 1] + "…"


def _weigh(mail: bytes, issue: Issue) -> None:
    size = len(mail)
    if size < WARN_BYTES:
        return
    found = f"{issue.path}: the mail of issue {issue.number} has {size:,} bytes"
    remedy = f"{MOST_BYTES:,} are too many for Gmail to show: move entries to the next issue or shorten them"
    if size >= MOST_BYTES:
        raise ProbatumError(f"{found}; {remedy}")
    warnings.warn(f"{found}; {remedy}", SizeWarning, stacklevel=2)


@cache
def _inliner() -> CSSInliner:
    from css_inline import CSSInliner

    return CSSInliner(
        extra_css=(templates.FOLDER / "email.css").read_text(encoding="utf-8"),
        keep_at_rules=True,  # what is for dark screens cannot stand in an element
        minify_css=True,
        load_remote_stylesheets=False,
    )
