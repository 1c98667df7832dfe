"""The HTML part of a mail."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_bodies import build

from probatum.errors import ProbatumError
from probatum.newsletter import wording
from probatum.newsletter.formats import email
from probatum.newsletter.formats.email import MOST_BYTES, WARN_BYTES, SizeWarning
from probatum.newsletter.output import Output
from probatum.newsletter.rendering.passages import Passage

ROOT = Path(__file__).parents[2]


class _Page(HTMLParser):
    """Tags with their attributes, and the text outside of tags."""

    def __init__(self, html):
        super().__init__()
        self.tags = []
        self.words = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())


@pytest.fixture
def mails(sample_newsletter, publish):
    return publish(email, sample_newsletter)


def test_every_verdict_stands_beside_its_sentence(sample_newsletter, mails):
    for issue in sample_newsletter.issues:
        read = _Page(mails[f"email/{issue.number}.html"]).text
        for claim in sample_newsletter.claims(issue):
            verdict = sample_newsletter.verdicts[claim.name]
            words, evidence = wording.verdict_words(claim, verdict), wording.evidence(claim, verdict)
            assert f"{claim.says} {words} {evidence}" in read
        assert wording.denominator(sample_newsletter.claims(issue), sample_newsletter.verdicts) in read


def test_headings_never_skip_a_level_and_there_is_one_title(mails):
    for mail in mails.values():
        levels = [int(tag[1]) for tag, _ in _Page(mail).tags if re.fullmatch(r"h[1-6]", tag)]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_section_deep_in_the_tree_still_has_headings_that_exist(sample_newsletter, publish):
    config = sample_newsletter.config
    (deep,) = [section for _, section in config.sections.order if section.name == "Deep learning"]
    for name in "abcdef":
        deep = replace(deep, name=name, title=name, children=(deep,))
    sections = replace(config.sections, top=(deep,))
    issues = (replace(sample_newsletter.issues[0], entries=("uber-tiefe-netze",)),)
    changed = replace(sample_newsletter, config=replace(config, sections=sections), issues=issues)
    assert "<h7" not in publish(email, changed)["email/1.html"]


def test_highlights_come_first_and_the_sections_are_listed_on_top(mails):
    page = _Page(mails["email/3.html"])
    assert page.text.index("Highlights · Technical AI alignment") < page.text.index("Dear reader")
    ids = {attributes.get("id") for _, attributes in page.tags}
    anchors = [a["href"][1:] for tag, a in page.tags if tag == "a" and a["href"].startswith("#")]
    assert len(anchors) == 2 and set(anchors) <= ids
    assert page.text.count("Branch Specialization") == 2  # once in the preheader


def test_links_are_absolute_and_lead_to_web_or_mail(mails):
    for mail in mails.values():
        links = [a["href"] for tag, a in _Page(mail).tags if tag == "a"]
        assert links
        assert all(re.match(r"https?://|mailto:|#section-\d+$", link) for link in links), links
    assert "https://tried.example/news/entries/weight-banding.html" in mails["email/3.html"]
    assert 'href="https://tried.example/news/issues/3.html"' in mails["email/3.html"]


def test_language_layout_and_colour_scheme_are_declared(mails):
    for mail in mails.values():
        tags = _Page(mail).tags
        assert ("html", {"lang": "en"}) in tags
        assert all(a.get("role") == "presentation" for tag, a in tags if tag == "table")
        assert [a["lang"] for tag, a in tags if tag == "table"] == ["en"]
        assert ("meta", {"name": "color-scheme", "content": "light dark"}) in tags
        assert "prefers-color-scheme: dark" in mail and 'style="' in mail


def test_nothing_is_fetched_from_elsewhere_and_nobody_is_tracked(mails):
    for mail in mails.values():
        assert not {tag for tag, _ in _Page(mail).tags} & {
            "img",
            "script",
            "iframe",
            "link",
            "form",
            "object",
            "base",
        }
        assert "url(" not in mail and "@import" not in mail


def test_hostile_text_stays_text(mails):
    mail = mails["email/2.html"]
    page = _Page(mail)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert "</title><script>alert('title')</script>" in unescape(mail)
    assert "alert(4)>'s opinion: ok" in page.text
    assert "{{ 7 * 7 }} {% raw %}" in page.text
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", mail)


_TAGS = {
    "html", "head", "meta", "title", "style", "body", "div", "table", "tbody", "tr", "td", "p", "a",
    "h1", "h2", "h3", "h4", "h5", "h6", "strong", "em", "small", "span", "ul", "li", "blockquote",
}  # fmt: skip
_NASTY = st.text(st.characters(codec="utf-8") | st.sampled_from("<>\"'&/ ={}%\x00\x1b"), max_size=60)


@settings(max_examples=60, deadline=None)
@given(title=_NASTY, name=_NASTY, url=_NASTY)
def test_no_text_becomes_a_tag(tmp_path_factory, title, name, url):
    newsletter = build()
    entry = replace(newsletter.entries["hostile"], url="https://a.example/" + url)
    rendered = replace(
        newsletter.rendered["hostile"], byline=name, opinions=((name, Passage(html="<p>x</p>", text="x")),)
    )
    config = replace(newsletter.config, title=title, feedback=name, podcast="")
    newsletter = replace(
        newsletter,
        config=config,
        issues=(replace(newsletter.issues[1], title=title),),
        entries=newsletter.entries | {"hostile": entry},
        rendered=newsletter.rendered | {"hostile": rendered},
    )
    out = Output(tmp_path_factory.mktemp("mail") / "site")
    (path,) = email.write(newsletter, out)
    out.commit([path])
    tags = _Page(path.read_text(encoding="utf-8")).tags
    # Markdown in the feedback sentence may make more of the harmless ones.
    assert {tag for tag, _ in tags} <= _TAGS | {"ol", "code", "pre", "br", "hr", "del"}
    assert not any(key.startswith("on") for _, attributes in tags for key in attributes)


def _with_summary(newsletter, size):
    body = Passage(html=f"<p>{'x' * size}</p>", text="x")
    rendered = replace(newsletter.rendered["only-a-link"], summary=body, key=str(size))
    return replace(newsletter, rendered=newsletter.rendered | {"only-a-link": rendered})


def test_a_large_mail_is_warned_of_and_a_larger_one_refused(sample_newsletter, tmp_path):
    with pytest.warns(SizeWarning, match=r"issues/2\.md: the mail of issue 2 has 8\d,\d{3} bytes; .* move entries"):
        email.write(_with_summary(sample_newsletter, WARN_BYTES), Output(tmp_path / "a"))
    with pytest.raises(ProbatumError, match=r"issues/2\.md: the mail of issue 2 has 10\d,\d{3} bytes; 100,000 are"):
        email.write(_with_summary(sample_newsletter, MOST_BYTES), Output(tmp_path / "b"))


def test_it_is_the_same_bytes_again_and_made_again_only_where_something_changed(sample_newsletter, out, tmp_path):
    out.commit(email.write(sample_newsletter, out))
    assert out.commit(email.write(build(), out)) == []
    other = Output(tmp_path / "other")
    for path in other.commit(email.write(build(), other)):
        assert path.read_bytes() == (out.folder / path.relative_to(other.folder)).read_bytes()
    changed = _with_summary(sample_newsletter, 10)
    assert out.commit(email.write(changed, out)) == [out.folder / "email/2.html"]


_KNOWN_GAPS = {
    "@media": "a mail program without it shows the light colours",
    "<style> element": "holds nothing but the dark colours",
    "display:none": "shows the preheader as a first line (Gmail in a phone's browser)",
    "overflow": "the preheader is hidden by other means there",
    "role attribute": "is for screen readers that know it",
    "word-break": "a very long word runs over",
    "<body> element": "its colour stands on the table too",
    "Local anchors": "the list of sections is read there, not followed",
}


@pytest.mark.slow
def test_gmail_outlook_and_apple_mail_know_what_the_mail_uses(mails, tmp_path):
    if not (ROOT / "node_modules/caniemail").is_dir() or shutil.which("node") is None:
        pytest.skip("needs Node and, in the repository, npm install --no-save caniemail@1.0.5")
    (tmp_path / "mail.html").write_text(mails["email/3.html"], encoding="utf-8")
    script = """
        import { readFileSync } from "node:fs";
        import { caniemail } from "caniemail";
        const html = readFileSync(process.argv[1], "utf8");
        const found = caniemail({ clients: ["gmail.*", "outlook.*", "apple-mail.*"], html });
        const titles = [...found.issues.errors.values()].flat().map((issue) => issue.title);
        console.log(JSON.stringify([...new Set(titles)]));
    """
    command = ["node", "--input-type=module", "-e", script, str(tmp_path / "mail.html")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) <= set(_KNOWN_GAPS)
