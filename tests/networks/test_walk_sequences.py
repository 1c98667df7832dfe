from dataclasses import replace

import numpy as np
import pytest
from small_traces import (
    dense,
    graph,
    layout,
    matrix,
    pairs,
    side_by_side,
    step,
    weights,
)

from probatum.errors import ProbatumError


def heads(array):
    return array.reshape(1, 5, 3, 2, 4).transpose(2, 0, 3, 1, 4)


def attention_steps(weight, *, whole):
    """Query, key and value in one dense layer, two heads of four features, five places."""
    parts = [layout("qkv", name, (1, 2, 5, 4), lambda array, n=n: heads(array)[n]) for n, name in enumerate("qkv")]
    if whole:
        mixed = [step("attention", "q k v", "seen", (1, 2, 5, 4))]
    else:
        mixed = [
            layout("k", "kt", (1, 2, 4, 5), lambda array: array.swapaxes(2, 3)),
            step("product", "q kt", "scores", (1, 2, 5, 5)),
            step("pointwise", "scores", "soft", (1, 2, 5, 5)),
            step("product", "soft v", "seen", (1, 2, 5, 4)),
        ]
    back = layout("seen", "out", (1, 5, 8), lambda array: array.swapaxes(1, 2).reshape(1, 5, 8))
    return [*parts, *mixed, back, dense("out", "project", weight, places=(5,))]


@pytest.mark.parametrize("whole", [True, False])
def test_values_pass_attention_and_queries_and_keys_end_in_it(whole):
    weight = weights(6, 8)
    first = dense("x", "qkv", weights(24, 3), places=(5,))
    found = graph(first, *attention_steps(weight, whole=whole), x=(1, 5, 3))
    edges = matrix(found, "qkv", "project")
    np.testing.assert_array_equal(edges[16:], np.abs(weight.T))
    assert not edges[:16].any()
    assert found.notes[0].startswith("a product that sums over units")


def test_few_heads_of_values_are_read_by_many_of_queries():
    weight = weights(3, 8)
    found = graph(
        dense("x", "v", weights(4, 3), places=(5,)),
        dense("x", "q", weights(8, 3), places=(5,)),
        layout("v", "vh", (1, 1, 5, 4), lambda array: array.reshape(1, 5, 1, 4).swapaxes(1, 2)),
        layout("q", "qh", (1, 2, 5, 4), lambda array: array.reshape(1, 5, 2, 4).swapaxes(1, 2)),
        step("attention", "qh vh vh", "seen", (1, 2, 5, 4)),
        layout("seen", "out", (1, 5, 8), lambda array: array.swapaxes(1, 2).reshape(1, 5, 8)),
        dense("out", "b", weight, places=(5,)),
        x=(1, 5, 3),
    )
    edges = np.abs(weight.T)
    np.testing.assert_allclose(matrix(found, "v", "b"), edges[:4] + edges[4:], rtol=1e-6)


def words(inputs, output, table, *, tensor=None):
    return step(
        "embedding",
        inputs,
        output,
        (1, 5, table.shape[1]),
        constants={"weight": table},
        tensors={"weight": tensor or f"{output}.weight"},
    )


def test_words_are_units_that_embeddings_share():
    table, other = weights(7, 4), weights(7, 4)
    found = graph(
        words("tokens", "a", table),
        words("tokens", "b", other),
        step("pointwise", "a b", "sum", (1, 5, 4)),
        replace(dense("sum", "head", table, places=(5,)), tensors={"weight": "a.weight"}),
        tokens=(1, 5),
    )
    assert [(layer.name, layer.units, layer.kind) for layer in found.layers][:2] == [
        ("tokens", 7, "input"),
        ("a", 4, "embedding"),
    ]
    np.testing.assert_array_equal(matrix(found, "tokens", "a"), np.abs(table))
    assert found.blocks[0].tied != found.blocks[2].tied  # turned round, and no shuffle of one fits the other
    assert "as words" in found.notes[0] or "look words up" in found.notes[0]


def test_sequences_put_behind_one_another_are_read_by_the_same_weights():
    weight = weights(2, 4)
    found = graph(
        dense("x", "a", weights(4, 3), places=(5,)),
        dense("y", "b", weights(4, 6), places=(2,)),
        layout("a b", "both", (1, 7, 4), side_by_side),
        dense("both", "c", weight, places=(7,)),
        x=(1, 5, 3),
        y=(1, 2, 6),
    )
    assert pairs(found)[2:] == [("a", "c"), ("b", "c")]
    assert found.blocks[2].weights is found.blocks[3].weights
    assert [one.parts for one in found.concatenations] == []


def test_weights_over_positions_are_refused_by_name():
    turned = layout("a", "turned", (1, 8, 5), lambda array: array.swapaxes(1, 2))
    mixer = replace(dense("turned", "mixer", weights(5, 5), places=(8,)), place="mixer.tokens")
    with pytest.raises(
        ProbatumError, match=r"test.dense at 'mixer.tokens': its input feature 0 .* \(of 'a'\) .* measure"
    ):
        graph(dense("x", "a", weights(8, 3), places=(5,)), turned, mixer, x=(1, 5, 3))
