"""A page for each claim: what was reported, what came out, every trial, the code, and how to run it again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from probatum.claims.expectation import Expectation, parse
from probatum.claims.trial import Trial
from probatum.newsletter import urls, wording
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts import json_ld
from probatum.newsletter.parts.claim_evidence import Evidence, all_evidence
from probatum.newsletter.parts.page import Pages
from probatum.newsletter.parts.trial_plot import Dots, plot

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


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write claims/<entry>.<claim>.html, the pictures that trials left, and claims.html."""
    pages = Pages(newsletter, out)
    paths = [_all_claims(pages)]
    for evidence in all_evidence(newsletter):
        paths.append(_write(pages, evidence))
        pictures = (artifact.path for artifact in evidence.artifacts if artifact.is_picture)
        paths += [out.derive(f"claims/artifacts/{path.name}", (), path.read_bytes) for path in pictures]
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


def _write(pages: Pages, evidence: Evidence) -> Path:
    entry = evidence.claim.entry
    about = {
        "title": evidence.claim.says,
        "entry": entry,
        "entry_title": pages.newsletter.rendered[entry].title.text,
        "number": pages.newsletter.issue_of.get(entry),
    }
    return pages.write(
        urls.claim(evidence.claim),
        "claim.html",
        (evidence, about),
        lambda: about | _context(evidence) | {"json_ld": json_ld.claim_review(pages.newsletter, evidence.claim)},
    )


def _context(evidence: Evidence) -> dict[str, Any]:
    claim, verdict, trials = evidence.claim, evidence.verdict, evidence.trials
    expectation = parse(claim.expect) if claim.expect else None
    return {
        "description": f"{wording.verdict_words(claim, verdict)}. {wording.evidence(claim, verdict)}",
        "evidence": evidence,
        "claim": claim,
        "verdict": verdict,
        "question": QUESTIONS[claim.question],
        "scope": SCOPES[claim.scope],
        "plots": list(_plots(evidence, expectation)),
        "columns": [term.expression for term in expectation.terms] if expectation else [],
        "trials": [(trial, _values(trial, expectation)) for trial in trials],
        "parameters": [(name, json.dumps(value, ensure_ascii=False)) for name, value in claim.parameters.items()],
    }


def _values(trial: Trial, expectation: Expectation | None) -> list[str]:
    if expectation is None or trial.metrics is None:
        return []
    return [wording.number(term.value(trial.metrics)) for term in expectation.terms]


def _plots(evidence: Evidence, expectation: Expectation | None) -> Iterator[Mapping[str, Any]]:
    """One plot for each term of the expectation that was measured."""
    measured = [(trial.seed, trial.metrics) for trial in evidence.trials if trial.metrics is not None]
    terms = zip(expectation.terms, evidence.verdict.terms, strict=False) if expectation and measured else ()
    for place, (term, result) in enumerate(terms):
        interval = None
        if result.low is not None and result.high is not None and result.low < result.high:
            interval = (result.low, result.high)
        dots = Dots(
            expression=term.expression,
            expected=evidence.claim.expect or "",
            values=[(seed, term.value(metrics)) for seed, metrics in measured],
            low=term.low,
            high=term.high,
            mean=result.measured,
            interval=interval,
        )
        yield {"expression": term.expression, "interval": interval, "svg": plot(dots, id=f"plot-{place}")}
