import matplotlib
import numpy as np
import pytest
from scipy.stats import fisher_exact

from probatum.datasets import load_unit_taxonomy
from probatum.structure import enrichment

matplotlib.use("Agg")


def of_layer(layer):
    taxonomy = load_unit_taxonomy(layer)
    return enrichment(taxonomy.families, groups=taxonomy.branches)


def test_colour_units_of_mixed3a():
    cell = of_layer("mixed3a").cell("BW vs Color", "5x5")
    assert (cell.seen, cell.of, cell.group_size, cell.units) == (9, 9, 32, 256)
    assert cell.p == pytest.approx(2.48e-9, rel=2e-3)
    assert cell.holm_p == pytest.approx(1.8e-7, rel=1e-2)


@pytest.mark.parametrize(
    ("family", "branch", "seen", "of", "p"),
    [
        ("Boundary", "5x5", 20, 36, 8.5e-7),
        ("Generic, Oriented Fur", "5x5", 7, 10, 7.5e-4),
        ("Eyes", "5x5", 4, 6, 0.016),
        ("Other Fur", "pool", 8, 10, 2.4e-6),
        ("Color Center-Surround", "1x1", 40, 77, 1.9e-7),
    ],
)
def test_families_of_mixed3b(family, branch, seen, of, p):
    cell = of_layer("mixed3b").cell(family, branch)
    assert (cell.seen, cell.of) == (seen, of)
    assert cell.p == pytest.approx(p, rel=0.03)


@pytest.mark.parametrize(("layer", "cells", "by_bh", "by_holm"), [("mixed3a", 72, 7, 5), ("mixed3b", 136, 18, 6)])
def test_how_many_cells_are_kept(layer, cells, by_bh, by_holm):
    table = of_layer(layer)
    assert len(table.cells) == cells
    assert sum(cell.bh_p < 0.05 for cell in table.cells) == by_bh
    assert sum(cell.holm_p < 0.05 for cell in table.cells) == by_holm


def test_p_is_fishers_and_interval_holds_the_ratio():
    rng = np.random.default_rng(3)
    labels, groups = rng.choice(list("abc"), 80).tolist(), rng.choice(list("xy"), 80).tolist()
    for cell in enrichment(labels, groups=groups).cells:
        rest = cell.units - cell.of - cell.group_size + cell.seen
        counts = [[cell.seen, cell.of - cell.seen], [cell.group_size - cell.seen, rest]]
        assert cell.p == pytest.approx(fisher_exact(counts, alternative="greater").pvalue)
        assert cell.odds_low < cell.odds_ratio < cell.odds_high
        assert cell.expected == pytest.approx(cell.of * cell.group_size / cell.units)


def test_random_labels_are_rarely_enriched():
    rng = np.random.default_rng(0)
    groups = ["x"] * 100 + ["y"] * 300
    found = sum(
        any(
            cell.holm_p < 0.05 for cell in enrichment(rng.permutation(list("abcd") * 100).tolist(), groups=groups).cells
        )
        for _ in range(200)
    )
    assert found <= 20  # 5 % of 200, with room for chance


def test_result_speaks_and_draws():
    table = of_layer("mixed3a")
    assert "7 of 72 cells are enriched" in table.summary()
    assert "9 of 9 BW vs Color units are in 5x5" in table.cell("BW vs Color", "5x5").summary()
    assert table.plot().images
    assert table.cell("Curves", "3x3").plot().lines
    assert table.to_dict()["cells"][0]["units"] == 256


def test_wrong_input_is_refused_in_words():
    with pytest.raises(ValueError, match="2 labels for 3 units"):
        enrichment(["a", "b"], groups=["x", "y", "x"])
    with pytest.raises(ValueError, match="nothing to compare"):
        enrichment(["a", "b"], groups=["x", "x"])
    with pytest.raises(ValueError, match="no cell 'c' in 'x'; the labels are 'a', 'b'"):
        enrichment(["a", "b"], groups=["x", "y"]).cell("c", "x")
