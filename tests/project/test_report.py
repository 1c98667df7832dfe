"""The report of a measurement: one file that asks for nothing, equal for equal results, safe and readable."""

import json
import os
import re
import shutil
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probatum.report import report_html
from probatum.report.colours import on_dark
from probatum.report.numbers import to_json
from probatum.report.tables import tables
from probatum.result import Result, axis

pytest.importorskip("matplotlib")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
AXE = Path(os.environ.get("PROBATUM_AXE", Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"))
EVIL = "</text><script>alert(1)</script> $a\\frac$ \x00\x1b]0;x\x07 <img src=x onerror=alert(1)> 層 {{ 7 * 7 }}"


@dataclass(frozen=True, kw_only=True)
class Sample(Result):
    """A sample.

    `b` is the first <number>.
    """

    b: float = 0.123456
    units: int = 27_064
    seed: int = 0
    undefined: float = float("nan")
    null: tuple[float, ...] = tuple(np.linspace(0, 1, 200).tolist())
    sizes: tuple[int, ...] = (5, 6, 7)
    layers: tuple[str, ...] = (EVIL, "conv", "fc")
    composition: Any = None
    warnings: tuple[str, ...] = ("one <cluster> is small",)

    def summary(self) -> str:
        return f"what {EVIL} is, b = 0.12"

    def plot(self, ax: Any = None) -> Any:
        ax = axis(ax)
        ax.barh(range(3), self.sizes, color="C1")
        ax.set_yticks(range(3), self.layers)
        ax.set_title(EVIL)
        return ax

    def cloud(self, ax: Any) -> None:
        points = np.random.default_rng(0).normal(size=(20_000, 2))
        ax.plot(*points.T, "o")
        ax.imshow(np.eye(4))
        ax.text(0, 0, "name", color="white")

    def pictures(self):
        return {EVIL: self.plot, "A cloud": self.cloud}


class Page(HTMLParser):
    """What stands in a page: elements, ids, references, text."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.ids, self.addresses, self.handlers, self.text = [], [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            elif name in ("href", "src", "xlink:href", "srcset", "action"):
                self.addresses.append(value)
            elif name.startswith("on"):
                self.handlers.append(name)

    def handle_data(self, data):
        self.text += data


def page(**others):
    given = {"title": f"Of {EVIL}", "facts": {"Model": EVIL, "Seed": "0"}, "code": f"x = {EVIL!r}", "notes": [EVIL]}
    return report_html(Sample(), **(given | others))


@pytest.fixture(scope="module")
def html():
    return page()


def test_equal_results_give_equal_bytes(html):
    assert page() == html


def test_the_file_asks_for_nothing_and_runs_nothing(html):
    found = Page(html)
    assert not {"script", "link", "iframe", "object", "embed", "img", "a:href"} & set(found.tags)
    assert not found.handlers
    assert all(address.startswith(("#", "data:image/png;", "data:application/json;")) for address in found.addresses)
    assert not re.search(r"@import|url\((?!#)", html)
    assert "default-src 'none'" in html


def test_words_of_a_model_are_text(html):
    assert "alert(1)" in html  # it is there
    assert "<script" not in html
    assert "<img" not in html
    assert "{{" in html  # no template inside a name
    assert "\x00" not in html
    assert "\x1b" not in html


def test_names_are_said_once_and_references_lead_to_them(html):
    found = Page(html)
    assert len(found.ids) == len(set(found.ids))
    inside = {address[1:] for address in found.addresses if address.startswith("#")}
    inside |= set(re.findall(r"url\(#([^)]+)\)", html))
    inside |= set(" ".join(re.findall(r'aria-labelledby="([^"]+)"', html)).split())
    assert inside
    assert inside <= set(found.ids)


def test_what_a_reader_needs_is_there(html):
    text = Page(html).text
    for wanted in ("0.1235", "27,064", "not a number", "one <cluster> is small", "200 values from 0 to 1, mean 0.5",
                   "A cloud", "The same again", "is the first <number>"):  # fmt: skip
        assert wanted in text, wanted
    assert html.count('role="img"') == 2
    assert html.count('lang="en"') == 1


def test_every_colour_of_a_picture_has_its_pair(html):
    used = set(re.findall(r"var\((--c[0-9a-f]{6})\)", html))
    assert "--c2f6496" in used  # the second colour of a series
    for name in used:
        assert len(re.findall(rf"{name}:#[0-9a-f]{{6}};", html)) == 3  # light, dark, print
    assert not re.search(r'style="[^"]*#[0-9a-f]{6}', html)


def test_dark_colours_can_be_seen():
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    paper = luminance(on_dark("#ffffff"))
    for colour in ("#000000", "#808080", "#1f77b4", "#8b0000", "#004400", "#7d2b1a", "#2f6496", "#000080"):
        assert (luminance(on_dark(colour)) + 0.05) / (paper + 0.05) >= 3, colour


def test_a_cloud_of_thousands_is_one_image(html):
    assert html.count("data:image/png") >= 1
    assert len(html) < 1_000_000


def test_numbers_that_json_does_not_know_are_null():
    assert json.loads(to_json(Sample().to_dict()))["undefined"] is None


def test_tables_of_records_lists_and_grids():
    made = tables(
        {
            "p": 0.01,
            "pair": [1, 2],
            "size": [3, 4, 5],
            "share": [0.5, 0.25, 0.25],
            "layers": ["in", "out"],
            "composition": [[1, 2], [1, 3], [0, 5]],
            "cells": [{"label": "x", "seen": 1, "inner": {"b": 2}}, {"label": "y", "seen": 20_000, "inner": {"b": 3}}],
            "grid": [[1.0, 2.0], [3.0, float("inf")]],
            "matrix": [[0.0] * 160] * 160,
            "more": {"depth": 3},
            "kinds": ["a", "b"],
            "values": [0.5, 1],
        }
    )
    first, sizes, composition, cells, grid, more, kinds = made
    assert first.rows == (("p", "0.01"), ("pair", "1, 2"), ("matrix", "160 × 160 values"))
    assert (sizes.header, sizes.rows[0]) == (("number", "size", "share"), ("0", "3", "0.5"))
    assert (composition.header, composition.rows[1]) == (("number", "in", "out"), ("1", "1", "3"))
    assert (cells.header, cells.rows[1]) == (("label", "seen", "b"), ("y", "20,000", "3"))
    assert grid.rows[1] == ("1", "3", "infinite")
    assert (more.caption, more.rows) == ("more", (("depth", "3"),))
    assert kinds.rows == (("a", "0.5"), ("b", "1"))
    assert len({table.caption for table in made}) == len(made)
    for table in made:
        assert all(len(row) == len(table.header) for row in table.rows)


def test_lists_that_only_happen_to_be_as_long_do_not_share_a_table():
    made = tables({"sizes": [1, 2, 3], "layers": ["in", "mid", "out"], "null_values": [7.0, 8.0, 9.0], "p": 0.1})
    assert [table.caption for table in made] == ["Numbers"]
    assert ("sizes", "1, 2, 3") in made[0].rows
    assert ("layers", "in, mid, out") in made[0].rows
    assert ("null_values", "3 values from 7 to 9, mean 8") in made[0].rows


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_the_page_in_a_browser(html, tmp_path):
    playwright = pytest.importorskip("playwright.sync_api")
    path = tmp_path / "report.html"
    path.write_text(html)
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for width in (320, 400, 1200):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
                )
                said = []
                view = context.new_page()
                view.on("console", lambda message, said=said: said.append(message.text))
                view.goto(path.as_uri())
                assert view.evaluate("document.documentElement.scrollWidth") <= width
                assert said == []
                if AXE.is_file():
                    view.evaluate(AXE.read_text())
                    assert [found["id"] for found in view.evaluate("axe.run()")["violations"]] == []
                context.close()
        browser.close()
