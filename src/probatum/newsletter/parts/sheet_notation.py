"""How the Alignment Newsletter's sheet writes things: references, several opinions, the mail's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from probatum.newsletter.content import Entry, Newsletter
from probatum.newsletter.wording import evidence, verdict_words

_ROLE = re.compile(r"\{(claim|entry)\}`(?:([^`<>]*\S)\s*<([^`<>]+)>|([^`]+))`")


@dataclass(frozen=True)
class SheetNotation:
    """Writes an entry as the sheet does: references are `<@Title@>` or `<@text@>(@Title@)`."""

    newsletter: Newsletter

    def text(self, entry: Entry, markdown: str) -> str:
        """Write a text of `entry` without the empty lines around it, and the references that stand in it."""
        markdown = markdown.strip("\n")
        if "{" not in markdown:
            return markdown
        return _ROLE.sub(lambda match: self._reference(entry, match), markdown)

    def email(self, entry: Entry) -> str:
        """The mail in which an entry appeared: the newsletter's initials and the issue, as in `AN #12`."""
        issue = self.newsletter.issue_of.get(entry.id)
        if entry.email or issue is None:
            return entry.email
        title = self.newsletter.config.title
        initials = "".join(word[0] for word in title.split() if word[0].isalpha())
        letters = initials if len(initials) > 1 else re.sub(r"[\s#]", "", title)
        return f"{letters} #{issue}"

    def opinions(self, entry: Entry) -> tuple[str, str]:
        """Summarizer and opinion: `A/B` when B opines first on A's summary; others are named in the text."""
        if not entry.opinions:
            return entry.summarizer, ""
        first, *others = entry.opinions
        summarizer, body = entry.summarizer, first.body.strip("\n")
        if not summarizer:
            body = _headed(first.author, body)
        elif first.author != summarizer:
            summarizer = f"{summarizer}/{first.author}"
        return summarizer, "\n\n".join([body, *(_headed(other.author, other.body.strip("\n")) for other in others)])

    def _reference(self, entry: Entry, match: re.Match[str]) -> str:
        kind, text, target, bare = match.groups()
        target = (target or bare).strip()
        if kind == "claim":
            return self._claim(entry, target) or match[0]
        references = self.newsletter.references
        found = references.find(target)
        title = references.titles[found[0]] if found else target
        return f"<@{text}@>(@{title}@)" if text else f"<@{title}@>"

    def _claim(self, entry: Entry, id: str) -> str:
        for claim in entry.claims:
            if claim.id == id:
                verdict = self.newsletter.verdicts[claim.name]
                return f"{claim.says} [{verdict_words(claim, verdict)}; {evidence(claim, verdict)}]"
        return ""


def _headed(author: str, body: str) -> str:
    return f"**{author}'s opinion:** {body}"
