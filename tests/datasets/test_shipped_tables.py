import pytest

from probatum.datasets import load_turingadvice_votes, load_unit_taxonomy
from probatum.datasets.turingadvice_votes import _by_item

# Items by number of votes for the source (0, 1, 2, 3), counted from the released ratings of the first round.
COUNTS = {
    "retrieval": [184, 12, 3, 1],
    "grover-large": [178, 15, 5, 2],
    "grover-mega": [164, 28, 6, 2],
    "T5-3B": [154, 34, 6, 6],
    "T5-11B": [150, 32, 13, 5],
    "second_best_reddit_advice": [66, 54, 49, 31],
}


def test_votes_are_those_of_the_first_round():
    votes = load_turingadvice_votes()
    found = {source: [int((table.sum(1) == n).sum()) for n in range(4)] for source, table in votes.items()}
    assert found == COUNTS


def test_missing_vote_is_refused():
    with pytest.raises(ValueError, match="'T5-11B' has 599 votes"):
        _by_item("T5-11B", {(n // 3, n % 3): True for n in range(599)})


@pytest.mark.parametrize(("layer", "units", "families"), [("mixed3a", 256, 18), ("mixed3b", 480, 34)])
def test_taxonomy_labels_every_unit(layer, units, families):
    taxonomy = load_unit_taxonomy(layer)
    assert (len(taxonomy.families), len(taxonomy.branches), len(set(taxonomy.families))) == (
        units,
        units,
        families,
    )


def test_units_of_the_article_are_where_it_says():
    families = load_unit_taxonomy("mixed3a").families
    found = [unit for unit, family in enumerate(families) if family == "BW vs Color"]
    assert found == [197, 201, 204, 208, 210, 214, 220, 222, 223]
    branches = load_unit_taxonomy("mixed3b").branches
    assert [branches.index(name) for name in ("1x1", "3x3", "5x5", "pool")] == [0, 128, 320, 416]


def test_layer_with_partial_labels_is_refused():
    with pytest.raises(ValueError, match="'mixed4a' has no complete taxonomy; give one of mixed3a, mixed3b"):
        load_unit_taxonomy("mixed4a")
