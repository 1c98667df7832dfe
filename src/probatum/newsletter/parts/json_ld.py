"""What pages say to machines: schema.org's Periodical, PublicationIssue, Review, Claim and ClaimReview."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from probatum.claims.claim import Claim
from probatum.newsletter import urls, wording
from probatum.newsletter.content import Entry, Issue, Newsletter
from probatum.newsletter.web_address import web_address

Data = dict[str, Any]

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"}


def script(data: Mapping[str, Any]) -> Markup:
    """Write `data` so that nothing in it can end the script element in which it stands."""
    text = _ENCODER.encode({"@context": "https://schema.org", **data})
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return Markup(text)


def periodical(newsletter: Newsletter) -> Data:
    """The newsletter as a whole."""
    config = newsletter.config
    return _filled(
        {
            "@type": "Periodical",
            "@id": config.url,
            "name": config.title,
            "description": config.description,
            "url": config.url,
            "inLanguage": config.language,
            "editor": _person(config.editor),
            "license": config.licence,
        }
    )


def publication_issue(newsletter: Newsletter, issue: Issue) -> Data:
    """One issue with the addresses of its reviews."""
    site = newsletter.config.url
    return _filled(
        {
            "@type": "PublicationIssue",
            "@id": site + urls.issue(issue),
            "issueNumber": str(issue.number),
            "name": issue.title,
            "datePublished": issue.date.isoformat() if issue.date else "",
            "isPartOf": {"@id": site, "@type": "Periodical", "name": newsletter.config.title},
            "hasPart": [{"@id": site + urls.entry(id)} for id in issue.entries],
        }
    )


def review(newsletter: Newsletter, entry: Entry) -> Data:
    """What the newsletter says of one work; `itemReviewed` is the work."""
    site = newsletter.config.url
    number = newsletter.issue_of.get(entry.id)
    return _filled(
        {
            "@type": "Review",
            "@id": site + urls.entry(entry),
            "itemReviewed": _work(newsletter, entry),
            "author": [_person(name) for name in entry.people],
            "isPartOf": {"@id": site + urls.issue(number)} if number is not None else None,
            "about": [
                {"@type": "Claim", "@id": f"{site}{urls.claim(claim)}#claim", "text": claim.says}
                for claim in entry.claims
            ],
        }
    )


def claim_review(newsletter: Newsletter, claim: Claim) -> Data:
    """The verdict on one claim; `reviewRating.alternateName` is the verdict in words."""
    site, page = newsletter.config.url, newsletter.config.url + urls.claim(claim)
    entry = newsletter.entries[claim.entry]
    verdict = newsletter.verdicts[claim.name]
    publisher = {"@type": "Organization", "name": newsletter.config.title}
    return _filled(
        {
            "@type": "ClaimReview",
            "@id": page,
            "url": page,
            "claimReviewed": claim.says,
            "author": _person(newsletter.config.editor) or publisher,
            "itemReviewed": _filled(
                {
                    "@type": "Claim",
                    "@id": f"{page}#claim",
                    "text": claim.says,
                    "firstAppearance": _work(newsletter, entry),
                    "appearance": {"@id": site + urls.entry(entry)},
                }
            ),
            "reviewRating": {"@type": "Rating", "alternateName": wording.verdict_words(claim, verdict)},
            "reviewBody": wording.evidence(claim, verdict),
        }
    )


def _work(newsletter: Newsletter, entry: Entry) -> Data:
    listed = () if isinstance(entry.authors, str) else entry.authors
    return _filled(
        {
            "@type": "ScholarlyArticle",
            "name": newsletter.rendered[entry.id].title.text,
            "url": web_address(entry.url),
            "author": [_person(name.rstrip("* ")) for name in listed] or entry.authors,
            "datePublished": str(entry.year or ""),
        }
    )


def _person(name: str) -> Data | None:
    return {"@type": "Person", "name": name} if name else None


def _filled(data: Data) -> Data:
    return {key: value for key, value in data.items() if value}
