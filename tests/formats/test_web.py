import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import pytest
from sample_web import build_in

from probatum.newsletter.formats import (
    claim_pages,
    search,
    table,
    web,
    web_categories,
    web_entries,
    web_issues,
    web_people,
)
from probatum.newsletter.output import Output
from probatum.newsletter.parts.json_ld import script
from probatum.newsletter.rendering.passages import Passage
from probatum.newsletter.web_address import web_address

FORMATS = (web, web_issues, web_entries, web_categories, web_people, table, search, claim_pages)
OTHERS = re.compile(r"(feed\.xml|atom\.xml|\.json|\.xlsx|\.csv|\.db|\.bib|\.txt|\.zip|email/\d+\.html)$")


class Page(HTMLParser):
    """What a test asks of a page: links, ids, headings, elements."""

    def __init__(self, html):
        super().__init__()
        self.links, self.ids, self.headings, self.tags = [], [], [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self.links += [attributes[name] for name in ("href", "src", "action") if name in attributes]
        if "id" in attributes:
            self.ids.append(attributes["id"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))


def write_all(newsletter, out):
    return out.commit([path for module in FORMATS for path in module.write(newsletter, out)])


@pytest.fixture(scope="module")
def newsletter(tmp_path_factory):
    return build_in(tmp_path_factory.mktemp("newsletter") / "it")


@pytest.fixture(scope="module")
def site(newsletter, tmp_path_factory):
    out = Output(tmp_path_factory.mktemp("out") / "site")
    write_all(newsletter, out)
    return out.folder


def html_of(site):
    return {path.relative_to(site).as_posix(): path.read_text() for path in sorted(site.rglob("*.html"))}


def test_there_is_a_page_for_everything(site, newsletter):
    pages = html_of(site).keys()
    assert {"index.html", "table.html", "claims.html", "search.html", "404.html"} < pages
    assert {f"issues/{issue.number}.html" for issue in newsletter.issues} < pages
    assert {f"entries/{id}.html" for id in newsletter.entries} < pages
    assert {f"claims/{claim.entry}.{claim.id}.html" for claim in newsletter.claims()} < pages
    assert "categories/machine-learning.html" in pages, "it has entries below it"
    assert "categories/malicious-use-of-ai.html" not in pages, "it has none"
    assert "people/ada-ster.html" in pages


def test_every_link_inside_the_site_leads_somewhere(site):
    pages = {name: Page(html) for name, html in html_of(site).items()}
    for name, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or name == "404.html" or OTHERS.search(parts.path):
                continue
            assert not parts.path.startswith("/"), f"{name}: {link} holds only at one address"
            target = _joined(name, unquote(parts.path))
            assert (site / target).is_file(), f"{name}: {link}"
            if parts.fragment:
                assert parts.fragment in pages[target].ids, f"{name}: {link}"


def _joined(page, link):
    if not link:
        return page
    parts = list(PurePosixPath(page).parent.parts)
    for part in PurePosixPath(link).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def test_no_page_asks_a_third_party_or_runs_script_in_itself(site):
    for name, html in html_of(site).items():
        page = Page(html)
        for tag, attributes in page.tags:
            assert not any(key.startswith("on") or key == "style" for key in attributes), (name, attributes)
            assert tag not in {"style", "iframe", "object", "base"}, name
            if tag == "script":
                assert attributes.get("type") == "application/ld+json" or "src" in attributes, name
            if tag in {"script", "img", "link"}:
                assert not urlsplit(attributes.get("src", attributes.get("href", ""))).netloc, name
        assert "Content-Security-Policy" in html


def test_headings_go_down_one_at_a_time_and_ids_are_unique(site):
    for name, html in html_of(site).items():
        page = Page(html)
        assert page.headings[0] == 1, name
        assert page.headings.count(1) == 1, name
        steps = zip(page.headings, page.headings[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), (name, page.headings)
        assert len(page.ids) == len(set(page.ids)), name


def test_what_an_attacker_wrote_stays_text(site):
    for name, html in html_of(site).items():
        assert not re.search(r"<script>|<img src=x|<b>", html), name
    data = re.search(r'ld\+json">(.*?)</script>', (site / "entries/hostile.html").read_text())[1]
    assert json.loads(data)["itemReviewed"]["name"].startswith("</title><script>")


def test_json_ld_cannot_end_its_script_element():
    text = script({"name": "</script><!-- &"})
    assert "<" not in text
    assert json.loads(text)["name"] == "</script><!-- &"


def test_only_web_addresses_are_linked(newsletter, out):
    entry = replace(newsletter.entries["two-posts"], url="javascript:alert(1)", digest="evil")
    rendered = replace(newsletter.rendered["two-posts"], title=Passage(html="T", text="T"), key="evil")
    changed = replace(
        newsletter,
        entries={**newsletter.entries, "two-posts": entry},
        rendered={**newsletter.rendered, "two-posts": rendered},
    )
    write_all(changed, out)
    assert all("javascript:" not in html for html in html_of(out.folder).values())
    assert web_address("MAILTO:a@b.example") and not web_address("data:text/html,x")


def test_an_issue_shows_highlights_first_and_every_part_of_an_entry(site):
    html = (site / "issues/3.html").read_text()
    assert html.index(">Highlights<") < html.index(">Technical AI alignment<")
    assert html.count('id="branch-specialization"') == 1, "not again below"
    for text in (
        "Dear reader", "An overview of structure", "21 April 2021", "Ada Øster’s opinion", "Ben’s opinion",
        "(summarized by Ben)", "Prerequisites", "Read more", "7 claims, 5 run", "Reply to this e-mail",
        '"../email/3.txt"', '<a rel="prev" href="../issues/2.html">',
    ):  # fmt: skip
        assert text in html, text
    assert 'rel="next"' not in html
    assert '<a href="https://distill.example/2020/branch?a=1&amp;b=2"' in html


def test_an_issue_without_a_title_is_known_by_its_number_or_highlights(site):
    assert "<h1>Issue 2</h1>" in (site / "issues/2.html").read_text()
    assert re.search(r'<span class="number">2</span> Issue 2</a>', (site / "index.html").read_text())


def test_an_entry_page_offers_citations_claims_and_its_neighbours(site):
    html = (site / "entries/weight-banding.html").read_text()
    for text in ("weight-banding.bib", "weight-banding.csl.json", "✗ refuted", "4 of 5 seeds failed", "3 claims"):
        assert text in html, text
    assert 'rel="prev" href="../entries/turing-advice.html"' in html
    assert "No claim of this entry" in (site / "entries/two-posts.html").read_text()
    assert 'rel="noopener noreferrer"><a' not in (site / "entries/two-posts.html").read_text()


def test_people_and_categories_list_what_is_theirs(site):
    ben = (site / "people/ben.html").read_text()
    assert "3 summaries · 1 opinion" in ben
    assert ben.index("Weight Banding") < ben.index("First post and second post") < ben.index("Never mailed")
    deep = (site / "categories/deep-learning.html").read_text()
    assert 'href="../categories/machine-learning.html"' in deep
    assert "✓ 2 supported" in deep


def test_the_table_is_complete_without_script(site, newsletter):
    html = (site / "table.html").read_text()
    assert html.count("<tr") == 1 + len(newsletter.entries)
    assert 'class="filter" hidden' in html, "the filter needs the script that shows it"


def test_the_lost_page_begins_its_links_at_the_root_of_the_site(site):
    html = (site / "404.html").read_text()
    assert 'href="/news/style.css"' in html
    assert 'href="/news/index.html"' in html


def test_after_an_edit_only_what_depends_on_it_is_written_and_all_is_as_in_a_clean_build(newsletter, tmp_path):
    out = Output(tmp_path / "kept")
    write_all(newsletter, out)
    text = newsletter.rendered["weight-banding"]
    summary = Passage(html=text.summary.html + "<p>Zebra.</p>", text=text.summary.text + "\n\nZebra.")
    edited = replace(text, key="edited", summary=summary)
    changed = replace(newsletter, rendered={**newsletter.rendered, "weight-banding": edited})
    written = {path.relative_to(out.folder).as_posix() for path in write_all(changed, out)}
    assert {"issues/3.html", "entries/weight-banding.html"} <= written
    assert {name for name in written if name.endswith(".html")} == {"issues/3.html", "entries/weight-banding.html"}
    clean = Output(tmp_path / "clean")
    write_all(changed, clean)
    files = {path.relative_to(clean.folder) for path in clean.folder.rglob("*") if path.is_file()}
    assert files == {path.relative_to(out.folder) for path in out.folder.rglob("*") if path.is_file()}
    for name in files:
        assert (out.folder / name).read_bytes() == (clean.folder / name).read_bytes(), name


def test_a_changed_title_of_the_newsletter_reaches_every_page(newsletter, out):
    write_all(newsletter, out)
    write_all(replace(newsletter, config=replace(newsletter.config, title="Another name")), out)
    assert all("Another name" in html for html in html_of(out.folder).values())


def test_an_empty_newsletter_has_a_site_too(newsletter, out):
    empty = replace(newsletter, issues=(), entries={}, rendered={}, words={}, issue_of={}, verdicts={}, trials={})
    write_all(empty, out)
    assert "0 entries" in (out.folder / "table.html").read_text()
