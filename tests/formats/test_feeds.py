"""RSS, Atom and JSON Feed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from html import unescape
from types import ModuleType
from xml.etree import ElementTree

import feedparser
import pytest
from sample_bodies import build

from probatum.newsletter import wording
from probatum.newsletter.formats import atom, json_feed, rss
from probatum.newsletter.output import Output
from probatum.newsletter.parts.feed_items import LATEST, items

FORMATS = (rss, atom, json_feed)
SITE = "https://tried.example/news/"


def _one(publish, format: ModuleType, newsletter) -> str:
    (text,) = publish(format, newsletter).values()
    return text


def _items(format: ModuleType, text: str) -> list[dict[str, str]]:
    """Id, title and content of every item, by somebody else's parser."""
    if format is json_feed:
        return [
            {"id": item["id"], "title": item["title"], "html": item["content_html"]}
            for item in json.loads(text)["items"]
        ]
    feed = feedparser.parse(text, sanitize_html=False)
    assert not feed.bozo, feed.bozo_exception
    return [{"id": entry.id, "title": entry.title, "html": entry.content[0].value} for entry in feed.entries]


@pytest.mark.parametrize("format", FORMATS)
def test_every_verdict_stands_in_the_content(sample_newsletter, publish, format):
    found = _items(format, _one(publish, format, sample_newsletter))
    for issue, item in zip(reversed(sample_newsletter.issues), found, strict=True):
        read = unescape(item["html"])
        for claim in sample_newsletter.claims(issue):
            verdict = sample_newsletter.verdicts[claim.name]
            assert claim.says in read
            assert wording.verdict_words(claim, verdict) in read
            assert wording.evidence(claim, verdict) in read
        assert wording.denominator(sample_newsletter.claims(issue), sample_newsletter.verdicts) in read


@pytest.mark.parametrize("format", FORMATS)
def test_items_are_complete_newest_first_and_keep_their_ids(sample_newsletter, publish, format):
    found = _items(format, _one(publish, format, sample_newsletter))
    assert [item["id"] for item in found] == [f"{SITE}issues/{number}.html" for number in (3, 2, 1)]
    assert found[1]["title"] in ("Tried & Tested #2", "Tried &amp; Tested #2")
    html = found[0]["html"]
    for words in ("Dear reader", "Highlights", "So do I, but less.", "Reply to this e-mail", "audio version"):
        assert words in html
    assert 'href="../' not in html and f'href="{SITE}entries/weight-banding.html"' in html


@pytest.mark.parametrize("format", FORMATS)
def test_only_the_latest_issues_are_in_a_feed(sample_newsletter, publish, format):
    first = sample_newsletter.issues[1]
    issues = tuple(replace(first, number=number) for number in range(1, 31))
    words = {issue.number: sample_newsletter.words[2] for issue in issues}
    found = _items(format, _one(publish, format, replace(sample_newsletter, issues=issues, words=words)))
    assert [item["id"].split("/")[-1] for item in found] == [f"{n}.html" for n in range(30, 30 - LATEST, -1)]


@pytest.mark.parametrize("format", FORMATS)
def test_a_newsletter_without_issues_has_an_empty_feed(sample_newsletter, publish, format):
    assert _items(format, _one(publish, format, replace(sample_newsletter, issues=(), words={}))) == []


@pytest.mark.parametrize("format", FORMATS)
def test_hostile_text_stays_text(sample_newsletter, publish, format):
    text = _one(publish, format, sample_newsletter)
    assert not {chr(code) for code in range(32)} - {"\n", "\t"} & set(text)
    hostile = _items(format, text)[1]["html"]
    assert "<script" not in hostile and "<img" not in hostile
    assert "&lt;script&gt;alert(5)&lt;/script&gt; ]]&gt;" in hostile


@pytest.mark.parametrize("format", FORMATS)
def test_it_is_the_same_bytes_again(sample_newsletter, publish, tmp_path, format):
    other = Output(tmp_path / "other")
    other.commit(paths := format.write(build(), other))
    assert paths[0].read_text(encoding="utf-8") == _one(publish, format, sample_newsletter)


@pytest.mark.parametrize("format", FORMATS)
def test_it_is_made_again_when_an_entry_or_a_verdict_changes(sample_newsletter, out, format):
    out.commit(format.write(sample_newsletter, out))
    assert out.commit(format.write(build(), out)) == []
    name = "weight-banding/pooling-makes-bands"
    verdict = replace(sample_newsletter.verdicts[name], state="not enough info")
    changed = build(dict(sample_newsletter.verdicts) | {name: verdict})
    assert len(out.commit(format.write(changed, out))) == 1


def test_json_feed_follows_a_value_that_changes_behind_what_is_shown(sample_newsletter, out):
    out.commit(json_feed.write(sample_newsletter, out))
    name = "weight-banding/pooling-makes-bands"
    verdict = replace(sample_newsletter.verdicts[name], measured=0.0210001)
    changed = replace(sample_newsletter, verdicts=dict(sample_newsletter.verdicts) | {name: verdict})
    assert len(out.commit(json_feed.write(changed, out))) == 1


def test_dates_in_rss_are_left_out_where_there_are_none(sample_newsletter, publish):
    channel = ElementTree.fromstring(_one(publish, rss, sample_newsletter))[0]
    assert [item.findtext("pubDate") for item in channel.iter("item")] == [
        "Wed, 21 Apr 2021 00:00:00 +0000", None, "Fri, 09 Apr 2021 00:00:00 +0000",
    ]  # fmt: skip
    assert channel.findtext("lastBuildDate") == "Wed, 21 Apr 2021 00:00:00 +0000"
    undated = replace(sample_newsletter, issues=sample_newsletter.issues[1:2])
    assert "Date>" not in _one(publish, rss, undated)


def test_atom_takes_the_last_known_date(sample_newsletter, publish):
    feed = feedparser.parse(_one(publish, atom, sample_newsletter))
    assert [entry.updated for entry in feed.entries] == [
        "2021-04-21T00:00:00+00:00", "2021-04-09T00:00:00+00:00", "2021-04-09T00:00:00+00:00",
    ]  # fmt: skip
    assert [entry.get("published") for entry in feed.entries] == [
        "2021-04-21T00:00:00+00:00", None, "2021-04-09T00:00:00+00:00",
    ]  # fmt: skip
    assert feed.feed.updated == "2021-04-21T00:00:00+00:00"
    undated = replace(sample_newsletter, issues=sample_newsletter.issues[1:2])
    assert feedparser.parse(_one(publish, atom, undated)).feed.updated == "1970-01-01T00:00:00+00:00"


def test_a_date_far_back_serves_the_issues_after_it(sample_newsletter):
    first, second, _ = sample_newsletter.issues
    issues = (replace(first, date=date(2020, 2, 29)), *(replace(second, number=n) for n in range(2, 40)))
    words = {issue.number: sample_newsletter.words[2] for issue in issues}
    feed = items(replace(sample_newsletter, issues=issues, words=words))
    assert {item.updated.date() for item in feed} == {date(2020, 2, 29)}


@pytest.mark.parametrize(("format", "version"), [(rss, "rss20"), (atom, "atom10")])
def test_feed_readers_know_the_feed(sample_newsletter, publish, format, version):
    feed = feedparser.parse(_one(publish, format, sample_newsletter))
    assert feed.version == version and not feed.bozo
    assert feed.feed.title in ("Tried & Tested", "Tried &amp; Tested")
    assert feed.feed.link == SITE
    assert feed.feed.subtitle == "Summaries of research, with claims that run."
    assert feed.feed.rights == "CC BY 4.0"
    assert {"href": SITE + format.PATH, "rel": "self"}.items() <= feed.feed.links[-1].items()
    assert feed.entries[0].link == f"{SITE}issues/3.html"
    assert feed.entries[0].author == "Ada Øster" if format is rss else feed.feed.author == "Ada Øster"
    assert "7 claims, 5 run" in feed.entries[0].summary


def test_json_feed_has_what_version_1_1_requires(sample_newsletter, publish):
    feed = json.loads(_one(publish, json_feed, sample_newsletter))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["title"] == "Tried & Tested" and feed["feed_url"] == f"{SITE}feed.json"
    assert feed["authors"] == [{"name": "Ada Øster"}] and feed["language"] == "en"
    for item in feed["items"]:
        assert isinstance(item["id"], str) and item["content_html"]
    assert feed["items"][0]["date_published"] == "2021-04-21T00:00:00+00:00"
    assert "date_published" not in feed["items"][1]


def test_json_feed_carries_every_claim_as_data(sample_newsletter, publish):
    feed = json.loads(_one(publish, json_feed, sample_newsletter))
    ours = feed["items"][0]["_probatum"]
    assert ours["issue"] == 3 and ours["denominator"].startswith("7 claims, 5 run")
    claims = {claim["name"]: claim for claim in ours["claims"]}
    assert len(claims) == 7
    refuted = claims["weight-banding/pooling-makes-bands"]
    assert refuted["verdict"] == "refuted" and refuted["scope"] == "reduced" and refuted["question"] == "reproduce"
    assert (refuted["measured"], refuted["interval"], refuted["n"]) == (0.021, [-0.013, 0.055], 5)
    assert refuted["url"] == f"{SITE}claims/weight-banding.pooling-makes-bands.html"
    unknown = claims["turing-advice/later-models"]
    assert unknown["verdict"] == "cannot run" and unknown["measured"] is None


def test_json_feed_can_say_infinity(sample_newsletter, publish):
    name = "weight-banding/pooling-makes-bands"
    verdict = replace(sample_newsletter.verdicts[name], measured=float("inf"), low=float("nan"))
    feed = json.loads(_one(publish, json_feed, build(dict(sample_newsletter.verdicts) | {name: verdict})))
    (claim,) = [c for c in feed["items"][0]["_probatum"]["claims"] if c["name"] == name]
    assert claim["measured"] is None and claim["interval"] == [None, 0.055]
