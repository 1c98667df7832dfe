import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import sample_content as content
from sample_web import PICTURE, build_in

from probatum.claims.history import record_expectation, record_verdicts
from probatum.claims.ledger import Ledger
from probatum.newsletter.formats import claim_pages
from probatum.newsletter.parts.trial_plot import Dots, axis, plot


@pytest.fixture
def newsletter(tmp_path):
    return build_in(tmp_path / "newsletter")


@pytest.fixture
def site(newsletter, out):
    out.commit(claim_pages.write(newsletter, out))
    return out.folder


def page(site, claim):
    return (site / f"claims/{claim.entry}.{claim.id}.html").read_text()


def test_a_page_tells_all_that_is_known_of_a_claim(site):
    html = page(site, content.BANDING)
    for text in (
        content.BANDING.says, "✗ refuted", "visible bands (no number given)", "Figure 1",
        "score = 0.021 (95 % interval −0.013 to 0.055), n = 5", "score &gt; 0.1", "5 of 5 measured",
        "the same data and procedure, run anew", "same procedure, smaller",
        "probatum check weight-banding/pooling-makes-bands",
        "probatum run weight-banding/pooling-makes-bands", "pooling-makes-bands.crate.zip",
        "0f1e2d3c4b5a6978", "carried over", "def banding(*, seed):", "&lt;/script&gt;", "3.11.7",
    ):  # fmt: skip
        assert text in html, text


def test_every_state_says_what_it_is_and_why(site):
    assert "expectation changed after measuring" in page(site, content.SCALE)
    assert "The expectation was changed after measuring." in page(site, content.SCALE)
    assert "the votes of the later rounds were never published" in page(site, content.LATER)
    assert "Run it again" not in page(site, content.LATER)
    assert "with the earlier code the claim was <em>supported</em>" in page(site, content.ROTATED)
    assert "it cannot reproduce the claim" in page(site, content.ROTATED)
    assert "<h2>Trials</h2>" not in page(site, content.ADVICE)
    assert ".crate.zip" not in page(site, content.ADVICE), "there is nothing to put into it"


def test_failed_trials_are_shown_with_their_error(site):
    html = page(site, content.DENSE)
    assert html.count("✗ failed: ZeroDivisionError") == 4
    assert html.count("Traceback of seed") == 4
    assert "1 of 5 measured, 4 failed" in html


def test_every_term_of_an_expectation_has_its_plot_and_column(site):
    html = page(site, content.UNITS)
    assert html.count("<svg") == 2
    assert "<code>share</code></th>" in html and "<code>p</code></th>" in html


def test_every_measured_trial_is_a_dot(site):
    svg = re.search(r"<svg.*?</svg>", page(site, content.BANDING))[0]
    assert svg.count("<circle") == 5
    assert "seed 0: 0.001" in svg, "the description says what is drawn"
    ElementTree.fromstring(svg)


def test_pictures_are_copied_and_other_artifacts_only_named(site):
    (picture,) = (site / "claims/artifacts").iterdir()
    assert picture.read_bytes() == PICTURE
    html = page(site, content.BANDING)
    assert html.count("<img") == 1
    assert "bands.csv, from seed 0" in html


def test_an_artifact_that_is_not_kept_here_is_left_out(newsletter, out):
    for path in (newsletter.folder / "ledger/artifacts").iterdir():
        path.unlink()
    out.commit(claim_pages.write(newsletter, out))
    assert "<img" not in page(out.folder, content.BANDING)


def test_trials_in_two_environments_show_both(newsletter, out):
    first, *rest = newsletter.trials[content.BANDING.name]
    trials = (replace(first, environment={"python": "3.12.0"}), *rest)
    out.commit(claim_pages.write(replace(newsletter, trials={**newsletter.trials, content.BANDING.name: trials}), out))
    html = page(out.folder, content.BANDING)
    assert "<h3>Seed 0</h3>" in html and "<h3>Seeds 1, 2, 3, 4</h3>" in html


def test_the_first_expectation_and_every_verdict_since_are_kept(newsletter, out):
    ledger = Ledger(newsletter.folder / "ledger")
    record_expectation(replace(content.SCALE, expect="speedup > 1.9"), ledger, late=False)
    for state in ("not enough info", "supported"):
        verdict = replace(newsletter.verdicts[content.SCALE.name], state=state)
        record_verdicts([content.SCALE], {content.SCALE.name: verdict}, ledger)
    out.commit(claim_pages.write(newsletter, out))
    html = page(out.folder, content.SCALE)
    assert "When the first trial was kept it was <code>speedup &gt; 1.9</code>." in html
    history = html[html.index("History of the verdict") :]
    assert history.index("? not enough info") < history.index("✓ supported")
    assert "2.13, n = 5" in history


def test_an_experiment_that_is_gone_leaves_the_rest(newsletter, out):
    for path in (newsletter.folder / "experiments").iterdir():
        path.unlink()
    out.commit(claim_pages.write(newsletter, out))
    assert 'class="source"' not in page(out.folder, content.BANDING)


def test_a_new_verdict_reaches_the_page_and_the_list(newsletter, out):
    out.commit(claim_pages.write(newsletter, out))
    verdict = replace(newsletter.verdicts[content.BANDING.name], state="not run")
    changed = replace(newsletter, verdicts={**newsletter.verdicts, content.BANDING.name: verdict})
    written = {path.name for path in out.commit(claim_pages.write(changed, out))}
    assert written == {"weight-banding.pooling-makes-bands.html", "claims.html"}


def test_the_list_counts_every_claim(site):
    html = (site / "claims.html").read_text()
    assert "8 claims, 6 run: 3 supported, 1 refuted, 1 not enough info, 1 stale, 1 cannot run, 1 not run." in html
    assert html.count("<tr>") == 9


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        ([0.0], -math.inf, math.inf),
        ([1.0, 1.0], 1.0, math.inf),
        ([1e-22, 3e-9], -math.inf, 1e-8),
        ([-5.0, -6.0, math.nan, math.inf], -math.inf, -2.0),
        ([], 0.0, 0.0),
        ([0.0, 1e300], 1.0, 2.0),
    ],
)
def test_a_plot_stays_inside_its_picture(values, low, high):
    svg = plot(Dots(expression="a < b", expected="x", values=list(enumerate(values)), low=low, high=high))
    tree = ElementTree.fromstring(svg)
    for element in tree.iter():
        for name in ("x", "x1", "x2", "cx"):
            if name in element.attrib:
                assert 0 <= float(element.attrib[name]) <= 420
    assert len(list(tree.iter("circle"))) == sum(math.isfinite(value) for value in values)


def test_values_over_many_powers_of_ten_have_a_logarithmic_axis():
    scale = axis([1e-22, 1e-8])
    assert scale.log
    assert 3 <= len(scale.ticks()) <= 6
    assert not axis([-1.0, 1e9]).log


@pytest.mark.parametrize("numbers", [[0.0, 1.0], [-0.013, 0.1], [9.89, 10.08], [1e-9, 2e-9], [5.0]])
def test_an_axis_has_a_few_round_ticks(numbers):
    scale = axis(numbers)
    assert 2 <= len(scale.ticks()) <= 7
    assert all(14 <= scale.x(tick) <= 406 for tick in scale.ticks())
