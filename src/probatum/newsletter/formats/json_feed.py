"""The latest issues as JSON Feed 1.1, complete, with every claim and its verdict as data."""

from __future__ import annotations

import json
import math
from pathlib import Path

from probatum.claims.claim import Claim
from probatum.claims.judge import Verdict
from probatum.newsletter import urls, wording
from probatum.newsletter.content import Newsletter
from probatum.newsletter.output import Output
from probatum.newsletter.parts.feed_items import Item, feed_inputs, items
from probatum.newsletter.parts.issue_fragment import denominator

PATH = "feed.json"


def write(newsletter: Newsletter, out: Output) -> list[Path]:
    """Write `feed.json`; each item's `_probatum` holds the issue's claims with their verdicts."""
    return [out.derive(PATH, feed_inputs(newsletter), lambda: _feed(newsletter))]


def _feed(newsletter: Newsletter) -> str:
    config = newsletter.config
    feed: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": config.title,
        "home_page_url": config.url,
        "feed_url": config.url + PATH,
        "description": config.description,
        "language": config.language,
        "authors": [{"name": config.editor}] if config.editor else [],
        "items": [_item(newsletter, item) for item in items(newsletter)],
    }
    return json.dumps(_filled(feed), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _item(newsletter: Newsletter, item: Item) -> dict[str, object]:
    claims = newsletter.claims(item.issue)
    return _filled(
        {
            "id": item.url,
            "url": item.url,
            "title": item.title,
            "summary": item.summary,
            "date_published": item.published.isoformat() if item.published else "",
            "content_html": item.html,
        }
    ) | {
        "_probatum": {
            "about": f"{newsletter.config.url}claims.html",
            "issue": item.issue.number,
            "denominator": denominator(newsletter, item.issue),
            "claims": [_claim(claim, newsletter.verdicts[claim.name], newsletter.config.url) for claim in claims],
        }
    }


def _claim(claim: Claim, verdict: Verdict, site: str) -> dict[str, object]:
    return {
        "name": claim.name,
        "url": site + urls.claim(claim),
        "says": claim.says,
        "reported": claim.reported,
        "source": claim.source,
        "question": claim.question,
        "scope": claim.scope,
        "verdict": verdict.state,
        "words": wording.verdict_words(claim, verdict),
        "evidence": wording.evidence(claim, verdict),
        "expected": verdict.expect,
        "expectation_changed": verdict.expectation_changed,
        "measured": _finite(verdict.measured),
        "expression": verdict.expression,
        "interval": [_finite(verdict.low), _finite(verdict.high)],
        "n": verdict.n,
        "failed": verdict.failed,
        "seeds": verdict.seeds,
        "was": verdict.was,
        "note": verdict.note,
        "carried_from": verdict.carried_from,
    }


def _finite(value: float | None) -> float | None:
    """JSON knows no infinity; the evidence says it in words."""
    return value if value is not None and math.isfinite(value) else None


def _filled(fields: dict[str, object]) -> dict[str, object]:
    """JSON Feed wants an optional field left out rather than empty."""
    return {key: value for key, value in fields.items() if value != "" and value is not None}
