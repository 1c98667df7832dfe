"""How the Alignment Newsletter's sheet writes things: references, opinions by several people, the mail's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.references import References
from probatum.newsletter.wording import evidence, verdict_words

_ROLE = re.compile(r"\{(claim|entry)\}`(?:([^`<>]*\S)\s*<([^`<>]+)>|([^`]+))`")


@dataclass(frozen=True)
class SheetNotation:
    """Writes Markdown for the sheet: a reference is `<@Title@>` or `<@text@>(@Title@)`, a claim is its sentence."""

    newsletter: Newsletter

    def text(self, entry: Entry, markdown: str) -> str:
        """Write the references that stand in a text of `entry`."""
        if "{" not in markdown:
            return markdown
        return _ROLE.sub(lambda match: self._reference(entry, match), markdown)

    def email(self, entry: Entry) -> str:
        """The mail in which an entry appeared, `AN #12` for the Alignment Newsletter, unless a sheet said otherwise."""
        issue = self.newsletter.issue_of.get(entry.id)
        if entry.email or issue is None:
            return entry.email
        title = self.newsletter.config.title
        initials = "".join(word[0] for word in title.split() if word[0].isalpha())
        return f"{initials if len(initials) > 1 else title} #{issue}"

    def opinions(self, entry: Entry) -> tuple[str, str]:
        """Summarizer and opinion: `A/B` when the first opinion on A's summary is B's, all others named in the text."""
        if not entry.opinions:
            return entry.summarizer, ""
        first, *others = entry.opinions
        summarizer, body = entry.summarizer, first.body.strip()
        if not summarizer:
            body = _headed(first.author, body)
        elif first.author != summarizer:
            summarizer = f"{summarizer}/{first.author}"
        return summarizer, "\n\n".join([body, *(_headed(other.author, other.body.strip()) for other in others)])

    @cached_property
    def _references(self) -> References:
        return References.to(self.newsletter.entries.values())

    def _reference(self, entry: Entry, match: re.Match[str]) -> str:
        kind, text, target, bare = match.groups()
        target = (target or bare).strip()
        if kind == "claim":
            return self._claim(entry, target) or match[0]
        found = self._references.find(target)
        title = self.newsletter.rendered[found[0]].title.text if found else target
        return f"<@{text}@>(@{title}@)" if text else f"<@{title}@>"

    def _claim(self, entry: Entry, id: str) -> str:
        for claim in entry.claims:
            if claim.id == id:
                verdict = self.newsletter.verdicts[claim.name]
                return f"{claim.says} [{verdict_words(claim, verdict)}; {evidence(claim, verdict)}]"
        return ""


def _headed(author: str, body: str) -> str:
    return f"**{author}'s opinion:** {body}"
