"""The sample newsletter's bodies as a renderer hands them to the formats, and the whole newsletter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape

import sample_content as content

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.newsletter import urls, wording
from probatum.newsletter.byline import byline
from probatum.newsletter.content import Newsletter
from probatum.newsletter.rendering.passages import Passage, Rendered


def _link(text: str, href: str) -> str:
    return f'<a href="{href}" rel="noopener noreferrer">{escape(text, quote=False)}</a>'


def _tried(claim: Claim, verdicts: Mapping[str, Verdict]) -> Passage:
    """A claim as a renderer puts it into a sentence: what it says, the verdict and what it rests on."""
    verdict = verdicts[claim.name]
    state = verdict.state.replace(" ", "-")
    words, evidence = wording.verdict_words(claim, verdict), wording.evidence(claim, verdict)
    html = (
        f'<span class="claim">{_link(claim.says, f"../{urls.claim(claim)}")} '
        f'<strong class="verdict {state}">{words}</strong> '
        f"<small>{escape(evidence, quote=False)}</small></span>"
    )
    return Passage(html=html, text=f"{claim.says} [{words}; {evidence}]")


def _prose(*parts: str | Passage) -> Passage:
    """One paragraph out of plain words and passages."""
    html = "".join(escape(part, quote=False) if isinstance(part, str) else part.html for part in parts)
    return Passage(
        html=f"<p>{html}</p>\n", text="".join(part if isinstance(part, str) else part.text for part in parts)
    )


def _linked(text: str, href: str) -> Passage:
    return Passage(html=_link(text, href), text=f"{text} <{href}>")


def _rendered(verdicts: Mapping[str, Verdict]) -> dict[str, Rendered]:
    def tried(claim: Claim) -> Passage:
        return _tried(claim, verdicts)

    long = "A sentence that is longer than any line of a mail, so that somebody has to wrap it somewhere. "
    point = "the first point, which is itself rather long and goes over the end of one line"
    list_of_two = Passage(
        html=f"<ul>\n<li>{point}</li>\n<li>the second</li>\n</ul>\n<blockquote>\n<p>quoted</p>\n</blockquote>\n",
        text=f"- {point}\n- the second\n\n> quoted",
    )
    intro = _prose(
        "Networks have parts. ",
        tried(content.UNITS),
        " ",
        tried(content.CURVES),
        " See ",
        _linked("Weight Banding", "../entries/weight-banding.html"),
        " (issue 3).",
    )
    parts = {
        "branch-specialization": Rendered(
            key="",
            title=Passage(html="Branch <em>Specialization</em>", text="Branch Specialization"),
            summary=Passage(html=intro.html + list_of_two.html, text=f"{intro.text}\n\n{list_of_two.text}"),
            prerequisites=_prose(_linked("Zoom In", "https://distill.example/zoom")),
            read_more=_prose("The Circuits thread"),
            opinions=(
                ("Ada Øster", _prose("I like it. J<L weights.")),
                ("Ben", _prose("So do I, but less.")),
            ),
        ),
        "weight-banding": Rendered(
            key="",
            title=Passage(html="Weight Banding", text="Weight Banding"),
            summary=_prose(tried(content.BANDING), " ", tried(content.DENSE), " ", tried(content.ROTATED)),
            opinions=(("Ben", _prose(long * 3)),),
        ),
        "turing-advice": Rendered(
            key="",
            title=Passage(html=content.TURING.title, text=content.TURING.title),
            summary=_prose(tried(content.ADVICE), " ", tried(content.LATER)),
        ),
        "hostile": Rendered(
            key="",
            title=Passage(html=escape(content.HOSTILE_TITLE, quote=False), text=content.HOSTILE_TITLE),
            summary=_prose("<script>alert(5)</script> ]]> \x00\x08\x1b[31mred\x7f \ufffe{{ 7 * 7 }} {% raw %}"),
            opinions=(("<img src=x onerror=alert(4)>", _prose("\x0bok")),),
        ),
        "only-a-link": Rendered(key="", title=Passage(html=content.LINK.title, text=content.LINK.title)),
        "uber-tiefe-netze": Rendered(
            key="",
            title=Passage(html=content.DEEP.title, text=content.DEEP.title),
            summary=_prose(
                "Größe zählt: ",
                tried(content.SCALE),
                " 深層学習。",
                _linked("lang", "https://beispiel.example/" + "x" * 90),
            ),
        ),
        "two-posts": Rendered(
            key="",
            title=Passage(
                html=_link("First post", "https://a.example/1") + " and " + _link("second post", "https://a.example/2"),
                text="First post and second post",
            ),
            summary=_prose("Two posts."),
        ),
        "archived": Rendered(
            key="", title=Passage(html="Never mailed", text="Never mailed"), summary=_prose("Found later.")
        ),
    }
    return {
        id: replace(parts[id], key=f"{id} {[verdicts[c.name] for c in entry.claims]}", byline=byline(entry))
        for id, entry in content.ENTRIES.items()
    }


def build(verdicts: Mapping[str, Verdict] = content.VERDICTS) -> Newsletter:
    """The sample newsletter, with its bodies rendered for the `verdicts`."""
    return Newsletter(
        folder=content.FOLDER,
        config=content.CONFIG,
        issues=content.ISSUES,
        entries=content.ENTRIES,
        verdicts=verdicts,
        trials=content.TRIALS,
        rendered=_rendered(verdicts),
        issue_of={id: issue.number for issue in content.ISSUES for id in issue.entries},
        words={
            1: Rendered(key="w1"),
            2: Rendered(key="w2"),
            3: Rendered(
                key="w3",
                summary=_prose(
                    "Dear reader, this issue is about ", _linked("structure", "https://tried.example/s"), "."
                ),
            ),
        },
    )
