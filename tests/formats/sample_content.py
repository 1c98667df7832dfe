"""The contents of a small newsletter, built by hand, in which every quirk that a format must survive occurs.

Three issues and eight entries: a highlight with two opinions, hat tip, prerequisites and joint first authors;
a claim in every state of verdict; an issue without date or title; an entry that is only a link, one that
belongs to no issue, one in other scripts, one whose title is two links, and one by an attacker.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.judge import TermResult, Verdict
from probatum.claims.trial import Trial
from probatum.newsletter.content import Config, Entry, Issue, Opinion, Person
from probatum.newsletter.sections import Section, Sections

FOLDER = Path("newsletter")

HOSTILE_TITLE = "</title><script>alert('title')</script> ]]> =HYPERLINK(\"x\") & \u202egnp.exe"


def _section(name: str, *children: Section, was: tuple[str, ...] = (), retired: bool = False) -> Section:
    return Section(name=name, title=name, was=was, retired=retired, children=children)


SECTIONS = Sections(
    (
        _section(
            "Technical AI alignment",
            _section("Problems"),
            _section("Interpretability"),
            _section("Preventing bad behavior", was=("Safe exploration",)),
        ),
        _section("AI governance", was=("AI strategy and policy",)),
        _section("Malicious use of AI", retired=True),
        _section(
            "Other progress in AI",
            _section("Machine learning", _section("Deep learning")),
            _section("Critiques (AI)"),
        ),
        _section("News"),
    )
)

CONFIG = Config(
    title="Tried & Tested",
    description="Summaries of research, with claims that run.",
    url="https://tried.example/news/",
    language="en",
    editor="Ada Øster",
    email="editor@tried.example",
    feedback="Reply to this e-mail: we read everything.",
    podcast="There is an audio version at https://tried.example/podcast.",
    licence="CC BY 4.0",
    sections=SECTIONS,
    people={
        "Ada Øster": Person(name="Ada Øster", aliases=("Ada",), url="https://tried.example/ada"),
        "Ben": Person(name="Ben"),
    },
)


def _claim(entry: str, id: str, says: str, reported: str, **more: object) -> Claim:
    defaults = {
        "question": "reproduce",
        "scope": "reduced",
        "experiment": "banding",
        "seeds": 5,
        "expect": "score > 0.1",
    }
    return Claim(entry=entry, id=id, says=says, reported=reported, **(defaults | more))  # type: ignore[arg-type]


UNITS = _claim(
    "branch-specialization",
    "units-in-one-branch",
    "All 9 black-and-white units sit in one branch.",
    "9 of 9 units, p < 1e-8",
    question="recompute",
    scope="exact",
    experiment="branch_units",
    seeds=1,
    expect="share == 1 and p < 1e-8",
    source="Figure 2",
    parameters={"layer": "mixed3a_5x5"},
)
CURVES = _claim(
    "branch-specialization",
    "curves-in-one-branch",
    "All 30 curve units sit in one branch.",
    "30 of 30 units, p < 1e-20",
    scope="exact",
    experiment="branch_units",
    expect="p < 1e-20",
)
BANDING = _claim(
    "weight-banding",
    "pooling-makes-bands",
    "Networks with global average pooling show banding.",
    "visible bands (no number given)",
    source="Figure 1",
)
DENSE = _claim(
    "weight-banding",
    "dense-heads-do-not",
    "Networks with a dense head show no banding.",
    "no bands",
    expect="score < 0.05",
)
ROTATED = _claim(
    "weight-banding",
    "bands-rotate",
    "Turning the input by 90° turns the bands.",
    "bands turn",
    scope="analogue",
    expect="gap - rotated > 0",
)
ADVICE = _claim(
    "turing-advice",
    "t5-beats-nobody",
    "T5-11B's advice is preferred in 9 % of cases.",
    "9.0 % of 600 questions",
    question="recompute",
    scope="exact",
    experiment="advice_votes",
    seeds=1,
    expect="0.085 <= rate <= 0.095",
)
LATER = _claim(
    "turing-advice",
    "later-models",
    "Later models reach 14 %.",
    "14 %",
    question="replicate",
    experiment=None,
    expect=None,
    seeds=1,
    cannot_run="the votes of the later rounds were never published",
)
SCALE = _claim(
    "uber-tiefe-netze",
    "larger-is-faster",
    "Größere Netze lernen schneller (×2).",
    "2× schneller",
    question="robustness",
    scope="reduced",
    expect="speedup > 1.5",
)


def _verdict(claim: Claim, state: str, *terms: TermResult, **more: object) -> Verdict:
    first = terms[0] if terms else TermResult(expression="", measured=None, low=None, high=None, state="not run")
    given: dict[str, object] = {
        "n": 0,
        "failed": 0,
        "expectation_changed": False,
        "was": None,
        "seeds": claim.seeds,
    }
    return Verdict(
        claim=claim.name,
        state=state,
        measured=first.measured,
        expression=first.expression,  # type: ignore[arg-type]
        low=first.low,
        high=first.high,
        expect=claim.expect or "",
        terms=terms,
        **(given | more),  # type: ignore[arg-type]
    )


def _term(expression: str, measured: float, low: float | None, high: float | None, state: str) -> TermResult:
    return TermResult(expression=expression, measured=measured, low=low, high=high, state=state)  # type: ignore[arg-type]


_VERDICTS = (
    _verdict(
        UNITS,
        "supported",
        _term("share", 1.0, 1.0, 1.0, "supported"),
        _term("p", 1.68e-9, 1.68e-9, 1.68e-9, "supported"),
        n=1,
    ),
    _verdict(CURVES, "supported", _term("p", 3.1e-22, 3.0e-22, 3.2e-22, "supported"), n=5),
    _verdict(
        BANDING,
        "refuted",
        _term("score", 0.021, -0.013, 0.055, "refuted"),
        n=5,
        carried_from="0f1e2d3c4b5a6978",
    ),
    _verdict(
        DENSE,
        "not enough info",
        _term("score", 0.04, None, None, "not enough info"),
        n=1,
        failed=4,
        note="4 of 5 seeds failed",
    ),
    _verdict(ROTATED, "stale", _term("gap - rotated", 0.31, 0.28, 0.34, "supported"), n=5, was="supported"),
    _verdict(ADVICE, "not run", note="0 of 1 seeds run"),
    _verdict(LATER, "cannot run", note="the votes of the later rounds were never published"),
    _verdict(SCALE, "supported", _term("speedup", 2.13, 1.97, 2.29, "supported"), n=5, expectation_changed=True),
)
VERDICTS = {verdict.claim: verdict for verdict in _VERDICTS}


def _entry(id: str, category: str, title: str, **more: object) -> Entry:
    return Entry(id=id, title=title, category=category, path=FOLDER / "entries" / f"{id}.md", digest=id, **more)  # type: ignore[arg-type]


BRANCHES = _entry(
    "branch-specialization",
    "Deep learning",
    "Branch *Specialization*",
    url="https://distill.example/2020/branch?a=1&b=2",
    authors=("Chelsea Voss*", "Gabriel Goh*", "Nick Cammarata"),
    venue="Distill",
    year=2021,
    highlight=True,
    summarizer="Ada Øster",
    hat_tip="Dana",
    prerequisites="[Zoom In](https://distill.example/zoom)",
    read_more="The Circuits thread",
    summary="…",
    opinions=(Opinion(author="Ada Øster", body="…", line=9), Opinion(author="Ben", body="…", line=12)),
    claims=(UNITS, CURVES),
)
WEIGHTS = _entry(
    "weight-banding",
    "Interpretability",
    "Weight Banding",
    url="https://distill.example/banding",
    authors=("Michael Petrov", "Chelsea Voss", "Ludwig Schubert"),
    venue="Distill",
    year=2021,
    summarizer="Ben",
    summary="…",
    opinions=(Opinion(author="Ben", body="…", line=9),),
    claims=(BANDING, DENSE, ROTATED),
)
TURING = _entry(
    "turing-advice",
    "Problems",
    "TuringAdvice: a generative and dynamic evaluation",
    url="https://arxiv.example/abs/2004",
    authors=("Rowan Zellers",),
    venue="NAACL",
    year=2021,
    summarizer="Ada Øster",
    summary="…",
    claims=(ADVICE, LATER),
)
HOSTILE = _entry(
    "hostile",
    "AI governance",
    HOSTILE_TITLE,
    url='https://evil.example/?q="><script>alert(2)</script>',
    authors=("</author><script>alert(3)</script>", "B"),
    venue="=1+1",
    year=2020,
    summarizer='Eve "<b>"',
    hat_tip="@SUM(A1)",
    summary="…",
    opinions=(Opinion(author="<img src=x onerror=alert(4)>", body="…", line=9),),
)
LINK = _entry("only-a-link", "News", "A workshop on nothing", authors="the organizers and their friends")
DEEP = _entry(
    "uber-tiefe-netze",
    "Deep learning",
    "Über tiefe Netze: 深層学習, שלום und 🧠",
    url="https://beispiel.example/über",
    authors=("Zoë Ødegård", "李雷"),
    venue="Zeitschrift für Maß",
    year=2019,
    summarizer="Ada Øster",
    summary="…",
    claims=(SCALE,),
)
TWO = _entry(
    "two-posts",
    "Interpretability",
    "[First post](https://a.example/1) and [second post](https://a.example/2)",
    url="https://a.example/1",
    authors=("Solo*",),
    summarizer="Ben",
    summary="…",
)
ARCHIVED = _entry(
    "archived",
    "Critiques (AI)",
    "Never mailed",
    url="https://a.example/never",
    authors=("Nobody",),
    year=2002,
    email="N/A",
    summarizer="Ben",
    summary="…",
)
ENTRIES = {entry.id: entry for entry in (BRANCHES, WEIGHTS, TURING, HOSTILE, LINK, DEEP, TWO, ARCHIVED)}

ISSUES = (
    Issue(
        number=1,
        title="The first <one>",
        date=date(2021, 4, 9),
        entries=("uber-tiefe-netze", "two-posts"),
        path=FOLDER / "issues/1.md",
        digest="i1",
    ),
    Issue(number=2, entries=("hostile", "only-a-link"), path=FOLDER / "issues/2.md", digest="i2"),
    Issue(
        number=3,
        title="An overview of structure",
        date=date(2021, 4, 21),
        entries=("turing-advice", "weight-banding", "branch-specialization"),
        words="…",
        path=FOLDER / "issues/3.md",
        digest="i3",
    ),
)


def _trial(claim: Claim, seed: int, metrics: dict[str, float] | None, error: str | None = None) -> Trial:
    return Trial(
        key=f"{claim.id}-{seed}",
        experiment=claim.experiment or "",
        code="0f1e2d3c4b5a6978",
        parameters=claim.parameters,
        seed=seed,
        metrics=metrics,
        error=error,
        started=f"2021-04-20T10:0{seed}:00Z",
        wall_seconds=1.5,
        cpu_seconds=1.25,
        peak_memory_bytes=50_000_000,
        worker="local",
        environment={"python": "3.11"},
        artifacts={},
        carried_from=None,
    )


TRIALS = {
    UNITS.name: (_trial(UNITS, 0, {"share": 1.0, "p": 1.68e-9}),),
    BANDING.name: tuple(_trial(BANDING, seed, {"score": 0.021 + 0.01 * (seed - 2)}) for seed in range(5)),
    DENSE.name: (
        _trial(DENSE, 0, {"score": 0.04}),
        *(_trial(DENSE, seed, None, "Traceback (most recent call last):\nZeroDivisionError") for seed in range(1, 5)),
    ),
}
