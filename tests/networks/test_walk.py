from dataclasses import replace

import numpy as np
import pytest
from scipy import sparse
from small_traces import (
    convolution,
    dense,
    graph,
    layout,
    matrix,
    pairs,
    scale,
    side_by_side,
    step,
    weights,
)

from probatum.errors import ProbatumError


def test_dense_layers_give_the_sizes_of_their_weights():
    first, second = weights(3, 4), weights(2, 3)
    found = graph(dense("x", "a", first), step("pointwise", "a", "r", (1, 3)), dense("r", "b", second), x=(1, 4))
    assert [(layer.name, layer.units, layer.kind) for layer in found.layers] == [
        ("x", 4, "input"),
        ("a", 3, "dense"),
        ("b", 2, "dense"),
    ]
    np.testing.assert_array_equal(matrix(found, "x", "a"), np.abs(first.T))
    np.testing.assert_array_equal(matrix(found, "a", "b"), np.abs(second.T))
    assert found.layer("a").output == "r"
    assert (found.blocks[1].fan_in, found.blocks[1].fan_out, found.blocks[1].tied) == (3, 2, "b.weight")


def test_batch_norm_is_folded_and_the_size_taken_after_it():
    kernel, gain = weights(2, 3, 3, 3), np.float32([-2, 0.5])
    found = graph(
        convolution("x", "a", kernel),
        scale("a", "n", (1, 2, 4, 4), gain, norm="batch"),
        convolution("n", "b", weights(2, 2, 1, 1)),
        x=(1, 3, 4, 4),
    )
    np.testing.assert_allclose(matrix(found, "x", "a"), np.abs(kernel).sum((2, 3)).T * [2, 0.5], rtol=1e-6)
    assert (matrix(found, "x", "a") >= 0).all()
    assert found.layer("a").output == "n"
    assert found.blocks[0].area == 9


@pytest.mark.parametrize("norm", ["layer", "factor"])
def test_any_other_gain_goes_to_the_reader(norm):
    first, second, gain = weights(2, 3), weights(4, 2), np.float32([-2, 0.5])
    found = graph(dense("x", "a", first), scale("a", "n", (1, 2), gain, norm=norm), dense("n", "b", second), x=(1, 3))
    np.testing.assert_array_equal(matrix(found, "x", "a"), np.abs(first.T))
    np.testing.assert_allclose(matrix(found, "a", "b"), np.abs(second.T) * [[2], [0.5]], rtol=1e-6)


def test_batch_norm_of_a_value_that_others_read_goes_to_its_readers():
    first, second = weights(2, 3), weights(4, 2)
    found = graph(
        dense("x", "a", first),
        scale("a", "n", (1, 2), np.float32([3, 4]), norm="batch"),
        dense("n", "b", second),
        dense("a", "c", weights(1, 2)),
        x=(1, 3),
    )
    np.testing.assert_array_equal(matrix(found, "x", "a"), np.abs(first.T))
    np.testing.assert_allclose(matrix(found, "a", "b"), np.abs(second.T) * [[3], [4]], rtol=1e-6)
    assert found.layer("a").output == "a"


def test_a_gain_that_differs_between_positions_counts_with_its_mean():
    second = weights(4, 2)
    found = graph(
        dense("x", "a", weights(2, 3), places=(2,)),
        scale("a", "n", (1, 2, 2), np.float32([[1, 2], [3, -4]])),
        dense("n", "b", second, places=(2,)),
        x=(1, 2, 3),
    )
    np.testing.assert_allclose(matrix(found, "a", "b"), np.abs(second.T) * [[2], [3]], rtol=1e-6)


def test_what_is_summed_shares_one_weight():
    found = graph(
        dense("x", "a", weights(3, 4)),
        dense("a", "b", weights(3, 3)),
        step("pointwise", "a b", "sum", (1, 3)),
        dense("sum", "c", weights(2, 3)),
        x=(1, 4),
    )
    *_, from_a, from_b = found.blocks
    assert pairs(found)[2:] == [("a", "c"), ("b", "c")]
    assert (from_a.tied, from_a.slot) == (from_b.tied, from_b.slot)
    assert from_a.weights is from_b.weights
    assert found.layer("b").output == "b"


def test_the_same_value_added_to_itself_counts_once():
    found = graph(
        dense("x", "a", weights(3, 4)), step("pointwise", "a a", "s", (1, 3)), dense("s", "b", weights(2, 3)), x=(1, 4)
    )
    assert pairs(found) == [("x", "a"), ("a", "b")]


def test_what_is_put_side_by_side_has_slots():
    weight = weights(2, 5)
    found = graph(
        dense("x", "a", weights(3, 4)),
        dense("x", "b", weights(2, 4)),
        layout("a b", "both", (1, 5), side_by_side),
        dense("both", "c", weight),
        x=(1, 4),
    )
    *_, from_a, from_b = found.blocks
    assert (from_a.slot, from_b.slot) == (0, 3)
    assert (from_a.tied, from_b.tied) == ("c.weight[0:2, 0:3]", "c.weight[0:2, 3:5]")
    np.testing.assert_array_equal(from_b.weights, np.abs(weight[:, 3:].T))
    assert [(one.name, one.parts) for one in found.concatenations] == [("both", (("a", 0, 3), ("b", 0, 2)))]


def test_ties_hold_where_a_sum_and_a_concatenation_meet():
    weight = weights(2, 5)
    found = graph(
        dense("x", "a", weights(3, 4)),
        dense("x", "b", weights(2, 4)),
        dense("x", "d", weights(5, 4)),
        layout("a b", "both", (1, 5), side_by_side),
        step("pointwise", "both d", "sum", (1, 5)),
        dense("sum", "c", weight),
        x=(1, 4),
    )
    by_name = {}
    for block in found.blocks[3:]:
        by_name.setdefault(block.tied, []).append((block.source, block.source_start, block.weights.shape))
    assert by_name == {
        "c.weight[0:2, 0:3]": [("a", 0, (3, 2)), ("d", 0, (3, 2))],
        "c.weight[0:2, 3:5]": [("b", 0, (2, 2)), ("d", 3, (2, 2))],
    }
    np.testing.assert_array_equal(matrix(found, "d", "c"), np.abs(weight.T))


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_flattened_pixels_and_kernels_are_merged_by_the_norm(norm):
    kernel, weight = weights(2, 3, 2, 2), weights(5, 18)
    found = graph(
        convolution("x", "a", kernel, positions=(3, 3)),
        layout("a", "flat", (1, 18), lambda array: array.reshape(1, -1)),
        dense("flat", "b", weight),
        kernel_norm=norm,
        x=(1, 3, 4, 4),
    )
    power = 1 if norm == "l1" else 2
    slices = [np.abs(kernel.reshape(2, 3, 4)) ** power, np.abs(weight.reshape(5, 2, 9)) ** power]
    expected = [part.sum(2).T ** (1 / power) for part in slices]
    np.testing.assert_allclose(matrix(found, "x", "a"), expected[0], rtol=1e-6)
    np.testing.assert_allclose(matrix(found, "a", "b"), expected[1], rtol=1e-6)
    assert [block.area for block in found.blocks] == [4, 9]


@pytest.mark.parametrize(("groups", "blocks"), [(2, 2), (6, 6)])
def test_few_groups_are_dense_blocks(groups, blocks):
    kernel = weights(12, 12 // groups, 3, 3)
    found = graph(convolution("x", "a", kernel, groups=groups), x=(1, 12, 4, 4))
    assert len(found.blocks) == blocks
    assert all(isinstance(block.weights, np.ndarray) for block in found.blocks)
    np.testing.assert_allclose(matrix(found, "x", "a"), in_groups(kernel, groups), rtol=1e-6)


def in_groups(kernel, groups):
    """The edges of a grouped convolution, written out group by group."""
    targets, inputs = kernel.shape[:2]
    whole = np.zeros((inputs * groups, targets))
    for target in range(targets):
        start = target // (targets // groups) * inputs
        whole[start : start + inputs, target] = np.abs(kernel[target]).sum((1, 2))
    return whole


@pytest.mark.parametrize("multiplier", [1, 2])
def test_depthwise_weights_are_sparse_and_keep_their_zeros(multiplier):
    kernel = weights(12 * multiplier, 1, 3, 3)
    kernel[0] = 0
    found = graph(convolution("x", "a", kernel, groups=12), x=(1, 12, 4, 4))
    (block,) = found.blocks
    assert sparse.issparse(block.weights)
    assert block.weights.nnz == 12 * multiplier
    np.testing.assert_allclose(matrix(found, "x", "a"), in_groups(kernel, 12), rtol=1e-6)


def test_shuffled_channels_find_their_units():
    weight = weights(2, 6, 1, 1)
    found = graph(
        convolution("x", "a", weights(3, 2, 1, 1)),
        convolution("x", "b", weights(3, 2, 1, 1)),
        layout("a b", "both", (1, 6, 4, 4), side_by_side),
        layout("both", "mixed", (1, 6, 4, 4), lambda array: array[:, [0, 3, 1, 4, 2, 5]]),
        convolution("mixed", "c", weight),
        x=(1, 2, 4, 4),
    )
    edges = np.abs(weight[:, :, 0, 0]).T
    np.testing.assert_array_equal(matrix(found, "a", "c"), edges[::2])
    np.testing.assert_array_equal(matrix(found, "b", "c"), edges[1::2])
    assert [block.slot for block in found.blocks[2:]] == [0, 1]


def test_units_with_gaps_between_them_are_sparse():
    weight = weights(2, 3, 1, 1)
    found = graph(
        convolution("x", "a", weights(6, 2, 1, 1)),
        layout("a", "some", (1, 3, 4, 4), lambda array: array[:, 1::2]),
        convolution("some", "b", weight),
        x=(1, 2, 4, 4),
    )
    assert (found.blocks[1].source_start, found.blocks[1].weights.shape, found.blocks[1].weights.nnz) == (1, (5, 2), 6)
    np.testing.assert_array_equal(matrix(found, "a", "b")[1::2], np.abs(weight[:, :, 0, 0]).T)


def test_a_weight_used_twice_is_tied_to_itself():
    weight = weights(3, 3)
    again = replace(dense("a", "b", weight), tensors={"weight": "a.weight"})
    found = graph(dense("x", "a", weight), again, x=(1, 3))
    assert [layer.name for layer in found.layers] == ["x", "a", "a (2)"]
    assert found.blocks[0].tied == found.blocks[1].tied
    assert found.blocks[0].weights is found.blocks[1].weights


def test_copies_that_are_read_in_another_order_are_not_tied():
    found = graph(
        dense("x", "a", weights(3, 4)),
        dense("x", "b", weights(3, 4)),
        layout("b", "turned", (1, 3), lambda array: array[:, ::-1]),
        step("pointwise", "a turned", "sum", (1, 3)),
        dense("sum", "c", weights(2, 3)),
        x=(1, 4),
    )
    assert [block.tied for block in found.blocks[2:]] == ["c.weight", "c.weight (2)"]


def test_padding_and_fixed_tokens_have_no_unit():
    weight = weights(2, 3, 3, 3)
    found = graph(
        convolution("x", "a", weights(3, 2, 1, 1)),
        layout("a", "wide", (1, 3, 6, 6), lambda array: np.pad(array, ((0, 0), (0, 0), (1, 1), (1, 1)))),
        convolution("wide", "b", weight),
        x=(1, 2, 4, 4),
    )
    np.testing.assert_allclose(matrix(found, "a", "b"), np.abs(weight).sum((2, 3)).T, rtol=1e-6)
    assert found.notes == ()


def test_pools_keep_channels_and_short_sums_keep_units():
    found = graph(
        convolution("x", "a", weights(6, 2, 1, 1)),
        step("pool", "a", "p", (1, 6, 2, 2)),
        layout("p", "pairs", (1, 3, 2, 2, 2), lambda array: array.reshape(1, 3, 2, 2, 2)),
        step("reduce", "pairs", "most", (1, 3, 2, 2), attributes={"axes": (2,)}),
        step("reduce", "most", "mean", (1, 3), attributes={"axes": (2, 3)}),
        dense("mean", "b", np.ones((1, 3), np.float32)),
        x=(1, 2, 4, 4),
    )
    np.testing.assert_array_equal(matrix(found, "a", "b"), np.ones((6, 1)))  # the larger of each pair of units
    assert len({block.tied for block in found.blocks[1:]}) == 1


@pytest.mark.parametrize("features", [4, 20])
def test_a_mean_over_a_layer_is_a_statistic(features):
    found = graph(
        dense("x", "a", weights(features, 3)),
        step("reduce", "a", "mean", (1, 1), attributes={"axes": (1,)}, place="norm"),
        step("pointwise", "a mean", "centred", (1, features)),
        dense("centred", "b", weights(2, features)),
        x=(1, 3),
    )
    assert pairs(found) == [("x", "a"), ("a", "b")]
    assert found.layer("a").output == "centred"
    assert found.notes == (
        "a mean, sum or maximum over the units of a layer is a statistic, and no edge goes through it: norm",
    )


def test_units_of_an_input_are_what_is_read_as_one():
    flat = layout("x", "flat", (1, 48), lambda array: array.reshape(1, -1))
    assert graph(flat, dense("flat", "a", weights(2, 48)), x=(1, 3, 4, 4)).layer("x").units == 48
    assert graph(convolution("x", "a", weights(2, 3, 1, 1)), x=(1, 3, 4, 4)).layer("x").units == 3
    assert graph(dense("x", "a", weights(2, 4), places=(3, 4)), x=(1, 3, 4, 4)).layer("x").units == 4
    pooled = step("pool", "x", "p", (1, 3, 1, 1))
    row = layout("p", "row", (1, 3), lambda array: array.reshape(1, 3))
    assert graph(pooled, row, dense("row", "a", weights(2, 3)), x=(1, 3, 4, 4)).layer("x").units == 3


def test_inputs_that_nothing_reads_are_noted():
    found = graph(dense("x", "a", weights(2, 3)), x=(1, 3), mask=(1, 3))
    assert found.notes == ("no weights read this input: mask",)
    assert [layer.name for layer in found.layers] == ["x", "a"]


def test_a_layer_that_reads_only_scores_is_noted():
    found = graph(
        dense("x", "a", weights(4, 3), places=(5,)),
        layout("a", "t", (1, 4, 5), lambda array: array.swapaxes(1, 2)),
        step("product", "a t", "scores", (1, 5, 5)),
        dense("scores", "b", weights(2, 5), places=(5,)),
        x=(1, 5, 3),
    )
    assert pairs(found) == [("x", "a")]
    assert found.notes[1].endswith("no edge leads to their units: b")


def test_finished_values_go_on_through_functions_written_by_hand():
    found = graph(
        dense("x", "a", weights(3, 4)),
        step("pointwise", "a", "gate", (1, 3)),
        step("pointwise", "a gate", "swish", (1, 3)),
        dense("swish", "b", weights(3, 3)),
        step("pointwise", "swish b", "sum", (1, 3)),
        x=(1, 4),
    )
    assert [layer.output for layer in found.layers] == ["x", "swish", "b"]


@pytest.mark.parametrize(("value", "count"), [(np.nan, 1), (np.inf, 1)])
def test_weights_that_are_not_finite_are_named(value, count):
    weight = weights(2, 3)
    weight[0, 1] = value
    with pytest.raises(ValueError, match=rf"'a.weight' from 'x' to 'a': {count} of 6 are NaN or infinite"):
        graph(dense("x", "a", weight), x=(1, 3))


def test_a_model_without_weights_and_an_unknown_norm():
    with pytest.raises(ValueError, match="no weights between layers"):
        graph(step("pointwise", "x", "y", (1, 3)), x=(1, 3))
    with pytest.raises(ValueError, match="kernel_norm 'l3': give 'l1' or 'l2'"):
        graph(dense("x", "a", weights(2, 3)), x=(1, 3), kernel_norm="l3")


def test_an_input_without_a_batch_axis_is_refused():
    with pytest.raises(ProbatumError, match=r"3 axes .* give inputs with a batch axis"):
        graph(convolution("x", "a", weights(2, 3, 1, 1)), x=(3, 4, 4))
