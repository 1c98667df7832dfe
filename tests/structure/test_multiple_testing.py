import pytest

from probatum.structure import benjamini_hochberg, holm

P = [0.01, 0.04, 0.03, 0.005]


def test_adjusted_by_hand():
    assert holm(P).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert benjamini_hochberg(P).tolist() == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_never_above_one():
    assert holm([0.9, 0.8]).tolist() == [1.0, 1.0]


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("p", [[], [0.1, float("nan")], [1.1], [[0.1]]])
def test_other_than_a_row_of_probabilities(adjust, p):
    with pytest.raises(ValueError, match="one row of numbers from 0 to 1"):
        adjust(p)
