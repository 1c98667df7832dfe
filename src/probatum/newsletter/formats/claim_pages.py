"""A page for each claim: what was reported, what came out, every trial, the code, and how to run it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probatum.claims.claim import Claim
from probatum.claims.expectation import Expectation, parse
from probatum.claims.experiment import source
from probatum.claims.trial import Trial
from probatum.newsletter import json_ld, urls, wording
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.page import Pages
from probatum.newsletter.trial_plot import Dots, plot

QUESTIONS: Mapping[str, str] = {
    "recompute": "computed again from the published numbers",
    "reproduce": "the same data and procedure, run anew",
    "robustness": "the same data, other analyses",
    "replicate": "the same question on new data",
}
SCOPES: Mapping[str, str] = {
    "exact": "same data, model and procedure",
    "reduced": "same procedure, smaller",
    "analogue": "same idea, other material: it cannot reproduce the claim",
}
_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}


@dataclass(frozen=True, order=True)
class Artifact:
    """A file that a trial left; `file` is its name in the ledger and on the site."""

    seed: int
    name: str
    file: str

    @property
    def is_picture(self) -> bool:
        """Whether a browser shows it without running anything in it."""
        return Path(self.file).suffix in _PICTURES


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write claims/<entry>.<claim>.html, the pictures that trials left, and claims.html."""
    pages = Pages(newsletter, out)
    paths = [_all_claims(pages)]
    ledger = newsletter.folder / "ledger" / "artifacts"
    for claim in newsletter.claims():
        artifacts = [
            item
            for item in _artifacts(newsletter.trials.get(claim.name, ()))
            if (ledger / item.file).is_file()
        ]
        paths.append(_write(pages, claim, artifacts))
        for item in artifacts:
            if item.is_picture:
                paths.append(out.derive(f"claims/artifacts/{item.file}", (), (ledger / item.file).read_bytes))
    return paths


def _all_claims(pages: Pages) -> Path:
    newsletter = pages.newsletter
    claims = [(claim, newsletter.verdicts[claim.name]) for entry in pages.newest for claim in entry.claims]
    context = {
        "title": "All claims",
        "denominator": wording.denominator(newsletter.claims(), newsletter.verdicts),
        "claims": claims,
        "titles": {claim.entry: newsletter.rendered[claim.entry].title.text for claim, _ in claims},
    }
    return pages.write("claims.html", "claims.html", context, lambda: context)


def _write(pages: Pages, claim: Claim, artifacts: Sequence[Artifact]) -> Path:
    newsletter = pages.newsletter
    code = _code(claim, newsletter.folder)
    inputs = (
        claim,
        newsletter.verdicts[claim.name],
        newsletter.trials.get(claim.name, ()),
        newsletter.rendered[claim.entry].title.text,
        newsletter.issue_of.get(claim.entry),
        tuple(artifacts),
        code,
    )
    return pages.write(
        urls.claim(claim), "claim.html", inputs, lambda: _context(newsletter, claim, artifacts, code)
    )


def _code(claim: Claim, folder: Path) -> str:
    return (
        source(claim.experiment, folder / "experiments").read_text(encoding="utf-8")
        if claim.experiment
        else ""
    )


def _context(
    newsletter: Newsletter, claim: Claim, artifacts: Sequence[Artifact], code: str
) -> Mapping[str, Any]:
    verdict = newsletter.verdicts[claim.name]
    trials = newsletter.trials.get(claim.name, ())
    expectation = parse(claim.expect) if claim.expect else None
    return {
        "title": claim.says,
        "description": f"{wording.verdict_words(claim, verdict)}. {wording.evidence(claim, verdict)}",
        "json_ld": json_ld.claim_review(newsletter, claim),
        "claim": claim,
        "verdict": verdict,
        "words": wording.verdict_words(claim, verdict),
        "measured": wording.measured(verdict),
        "question": QUESTIONS[claim.question],
        "scope": SCOPES[claim.scope],
        "entry": newsletter.entries[claim.entry],
        "entry_title": newsletter.rendered[claim.entry].title.text,
        "number": newsletter.issue_of.get(claim.entry),
        "plots": list(_plots(newsletter, claim, expectation)),
        "columns": [term.expression for term in expectation.terms] if expectation else [],
        "trials": [(trial, _values(trial, expectation)) for trial in trials],
        "errors": [(trial.seed, trial.error) for trial in trials if trial.error],
        "pictures": [item for item in artifacts if item.is_picture],
        "kept": [item for item in artifacts if not item.is_picture],
        "parameters": [
            (key, json.dumps(value, ensure_ascii=False)) for key, value in claim.parameters.items()
        ],
        "crate": "../" + urls.crate(claim),
        "code": trials[0].code if trials else "",
        "source": code,
        "environments": _environments(trials),
    }


def _values(trial: Trial, expectation: Expectation | None) -> list[str]:
    if expectation is None or trial.metrics is None:
        return []
    return [wording.number(term.value(trial.metrics)) for term in expectation.terms]


def _plots(
    newsletter: Newsletter, claim: Claim, expectation: Expectation | None
) -> Iterator[Mapping[str, Any]]:
    """One plot for each term of the expectation that was measured."""
    measured = [trial for trial in newsletter.trials.get(claim.name, ()) if trial.metrics is not None]
    results = newsletter.verdicts[claim.name].terms
    for place, term in enumerate(expectation.terms if expectation and measured else ()):
        result = results[place] if place < len(results) else None
        interval = None
        if result and result.low is not None and result.high is not None and result.low < result.high:
            interval = (result.low, result.high)
        dots = Dots(
            expression=term.expression,
            expected=claim.expect or "",
            values=[(trial.seed, term.value(trial.metrics or {})) for trial in measured],
            low=term.low,
            high=term.high,
            mean=result.measured if result else None,
            interval=interval,
        )
        yield {"expression": term.expression, "interval": interval, "svg": plot(dots, id=f"plot-{place}")}


def _artifacts(trials: Sequence[Trial]) -> list[Artifact]:
    """What trials left, each file once, lowest seed first."""
    found: dict[str, Artifact] = {}
    for trial in sorted(trials, key=lambda trial: trial.seed):
        for name, digest in sorted(trial.artifacts.items()):
            file = digest + Path(name).suffix.lower()
            found.setdefault(file, Artifact(trial.seed, name, file))
    return sorted(found.values())


def _environments(trials: Sequence[Trial]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The environments of the trials, each once with the seeds that ran in it."""
    seeds: dict[str, list[int]] = {}
    items: dict[str, list[tuple[str, str]]] = {}
    for trial in trials:
        plain = [
            (key, value if isinstance(value, str) else json.dumps(value))
            for key, value in trial.environment.items()
        ]
        seeds.setdefault(repr(plain), []).append(trial.seed)
        items[repr(plain)] = plain
    return [("Seeds " + ", ".join(map(str, seeds[key])), items[key]) for key in items]
