"""The pages in a real browser: accessibility, narrow screens, and the two scripts.

They need Chromium and Playwright; the check of accessibility also needs axe-core, `npm install axe-core` in the
repository's root, or PROBATUM_AXE=path/to/axe.min.js.
"""

import os
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sample_web import build_in
from test_web import write_all

from probatum.newsletter.output import Output

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("PROBATUM_AXE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"))
PAGES = (
    "index.html", "issues/3.html", "issues/2.html", "entries/weight-banding.html", "entries/hostile.html",
    "claims/weight-banding.dense-heads-do-not.html", "claims/branch-specialization.units-in-one-branch.html",
    "claims.html", "table.html", "search.html", "search.html?q=network", "categories/machine-learning.html",
    "categories/deep-learning.html", "people/ben.html", "404.html",
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    out = Output(root / "news")
    write_all(build_in(tmp_path_factory.mktemp("newsletter") / "it"), out)
    return out.folder


@pytest.fixture(scope="module")
def address(site):
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site.parent))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/news"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as engine:
        opened = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def page(browser):
    opened = browser.new_page(viewport={"width": 1200, "height": 900})
    complaints = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    yield opened
    opened.close()
    assert not complaints


@pytest.mark.skipif(not AXE.is_file(), reason=f"no axe-core at {AXE}: npm install axe-core, or set PROBATUM_AXE")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1200])
def test_axe_finds_nothing_to_complain_of(page, address, scheme, width):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    for name in PAGES:
        page.goto(f"{address}/{name}")
        if "?q=" in name:
            page.wait_for_selector("#results li")
        page.evaluate(AXE.read_text())
        violations = page.evaluate("axe.run()")["violations"]
        assert not violations, (name, [(v["id"], [node["html"] for node in v["nodes"]]) for v in violations])


def test_nothing_is_wider_than_a_narrow_screen(page, address):
    page.set_viewport_size({"width": 320, "height": 700})
    for name in PAGES:
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


@pytest.mark.parametrize("from_disk", [False, True])
def test_search_finds_ranks_and_marks(page, address, site, from_disk):
    page.goto(f"{site.as_uri() if from_disk else address}/search.html")
    page.get_by_role("searchbox").fill("weight ban")
    page.wait_for_selector("#results li")
    assert page.locator("#results li").first.inner_text().startswith("Weight Banding")
    assert page.locator("#found").inner_text() == "2 entries", "the other one names it"
    page.get_by_role("searchbox").fill("TIEFE üBer")
    page.locator("#results li", has_text="Netze").wait_for()
    assert page.locator("mark").count() >= 2
    page.get_by_role("searchbox").fill("qqqq")
    page.locator("#found", has_text="Nothing found.").wait_for()
    assert page.locator("#results li").count() == 0


def test_search_takes_its_words_from_the_address_and_shows_markup_as_text(page, address):
    page.goto(f"{address}/search.html?q=title")
    page.wait_for_selector("#results li")
    assert "<script>alert('title')</script>" in page.locator("#results").inner_text()


def test_the_table_sorts_and_filters(page, address):
    page.goto(f"{address}/table.html")
    titles = page.locator("#summaries tbody tr:visible th a")
    assert titles.count() == 8
    page.get_by_role("button", name="Title").click()
    assert [title[:4] for title in titles.all_inner_texts()[-3:]] == ["Turi", "Über", "Weig"], "as one sorts words"
    page.get_by_role("button", name="Year").click()
    years = page.locator("#summaries tbody td:nth-child(3)").all_inner_texts()
    assert years == sorted(years, reverse=True), "the newest first, empty cells last"
    page.get_by_label("Words").fill("ben band")
    assert titles.all_inner_texts() == ["Weight Banding"]
    assert page.locator("#shown").inner_text() == "1 of 8 shown"
    page.get_by_label("Words").fill("")
    page.get_by_label("Claims").select_option("refuted")
    assert titles.count() == 1
    page.get_by_label("Claims").select_option("")
    page.get_by_label("Section").select_option("Deep learning")
    page.get_by_label("Highlights only").check()
    assert titles.all_inner_texts() == ["Branch Specialization"]


def test_the_keyboard_reaches_the_text_first(page, address):
    page.goto(f"{address}/issues/3.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_without_script_search_says_where_else_to_look(browser, address):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(f"{address}/search.html")
    assert "the table of all summaries" in opened.locator("main").inner_text()
    assert not opened.locator("#search").is_visible()
    context.close()
