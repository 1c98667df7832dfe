"""Entries and editor's words rendered for all formats, each again only when something in it changed."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.newsletter import urls
from probatum.newsletter.byline import byline
from probatum.newsletter.memory import Memory
from probatum.newsletter.reading.files import EntryFile, IssueFile
from probatum.newsletter.references import References
from probatum.newsletter.rendering.markdown import Role, inline, render
from probatum.newsletter.rendering.passages import Passage, Rendered
from probatum.newsletter.wording import evidence, verdict_words


@dataclass(frozen=True)
class Renderer:
    """Knows what the references in a text stand for: entries with their issues, claims with their verdicts."""

    references: References
    issue_of: Mapping[str, int]
    verdicts: Mapping[str, Verdict]
    memory: Memory

    def entry(self, file: EntryFile) -> Rendered:
        """Render an entry, unless it and all that it refers to are as they were."""
        claims = {claim.id: claim for claim in file.entry.claims}
        resolved = self._resolve((role for role, _ in file.roles), claims)
        inputs = (file.entry.digest, tuple(resolved.items()))
        return self.memory.recall(("rendered", file.entry.id), inputs, lambda: _entry(file, resolved, str(inputs)))

    def words(self, file: IssueFile) -> Rendered:
        """Render the editor's words of an issue."""
        resolved = self._resolve((role for role, _ in file.roles), {})
        inputs = (file.issue.digest, tuple(resolved.items()))
        return self.memory.recall(
            ("words", file.issue.number),
            inputs,
            lambda: Rendered(key=_key(str(inputs)), summary=render(file.words, resolved.__getitem__)),
        )

    def _resolve(self, roles: Iterable[Role], claims: Mapping[str, Claim]) -> dict[Role, Passage]:
        return {role: self._claim(claims[role.target]) if role.kind == "claim" else self._entry(role) for role in roles}

    def _claim(self, claim: Claim) -> Passage:
        """The claim's sentence with verdict and evidence beside it."""
        verdict = self.verdicts[claim.name]
        words, numbers = verdict_words(claim, verdict), evidence(claim, verdict)
        state = verdict.state.replace(" ", "-")
        link = f'<a href="{urls.UP}{urls.claim(claim)}">{html.escape(claim.says)}</a>'
        sign = f'<strong class="verdict {state}">{html.escape(words)}</strong>'
        return Passage(
            html=f'<span class="claim">{link} {sign} <small>{html.escape(numbers)}</small></span>',
            text=f"{claim.says} [{words}; {numbers}]",
        )

    def _entry(self, role: Role) -> Passage:
        """A link to the entry, and the issue in which it appeared."""
        (id,) = self.references.find(role.target)
        title = self.references.titles[id]
        shown = inline(role.text) if role.text else Passage(html=html.escape(title), text=title)
        link = f'<a href="{urls.UP}{urls.entry(id)}" title="{html.escape(title)}">{shown.html}</a>'
        if id not in self.issue_of:
            return Passage(html=link, text=shown.text)
        number = self.issue_of[id]
        issue = f'<a href="{urls.UP}{urls.issue(number)}">issue {number}</a>'
        return Passage(html=f"{link} ({issue})", text=f"{shown.text} (issue {number})")


def _entry(file: EntryFile, resolved: Mapping[Role, Passage], inputs: str) -> Rendered:
    entry, resolve = file.entry, resolved.__getitem__
    return Rendered(
        key=_key(inputs),
        title=file.title,
        byline=byline(entry),
        summary=render(file.summary, resolve),
        prerequisites=render(file.prerequisites, resolve),
        read_more=render(file.read_more, resolve),
        opinions=tuple(
            (opinion.author, render(document, resolve))
            for opinion, document in zip(entry.opinions, file.opinions, strict=True)
        ),
    )


def _key(inputs: str) -> str:
    return sha256(inputs.encode()).hexdigest()[:16]
