from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from probatum.structure.ncut_regularizer import ncut_penalty  # noqa: E402

SPECTRUM = import_module("probatum.structure.laplacian_spectrum")


def chain(*widths, dtype=torch.float64):
    torch.manual_seed(1)
    layers = [nn.Linear(a, b) for a, b in pairwise(widths)]
    return nn.Sequential(*(part for layer in layers for part in (layer, nn.ReLU()))).to(dtype)


def by_the_book(blocks, pairs, units, count):
    """Eigenvalues 2 to count + 1 of the dense Laplacian, averaged, in torch's own derivatives."""
    offsets = np.cumsum([0, *units])
    whole = torch.zeros(offsets[-1], offsets[-1], dtype=torch.float64)
    for (source, target), block in zip(pairs, blocks, strict=True):
        part = torch.zeros_like(whole)
        part[offsets[target] : offsets[target + 1], offsets[source] : offsets[source + 1]] = block
        whole = whole + part + part.T
    root = whole.sum(0).rsqrt()
    laplacian = torch.eye(len(whole), dtype=torch.float64) - root[:, None] * whole * root
    return torch.linalg.eigvalsh(laplacian)[1 : count + 1].mean()


def chain_by_the_book(model, count):
    blocks = [module.weight.abs() for module in model if isinstance(module, nn.Linear)]
    units = [blocks[0].shape[1], *(len(block) for block in blocks)]
    return by_the_book(blocks, [(place, place + 1) for place in range(len(blocks))], units, count)


def gradients(value, model):
    weights = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    return torch.autograd.grad(value, weights)


@pytest.mark.parametrize("count", [1, 3, 5])
def test_value_and_gradient_agree_with_a_dense_eigensolver(count):
    model = chain(7, 6, 9, 8)
    ours, book = ncut_penalty(model, eigenvalues=count), chain_by_the_book(model, count)
    assert ours.item() == pytest.approx(book.item(), abs=1e-12)
    for mine, theirs in zip(gradients(ours, model), gradients(book, model), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-10, rtol=1e-8)


def test_gradient_agrees_with_finite_differences():
    model = chain(5, 6, 5, 6)
    (weight, *_) = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    slope = gradients(ncut_penalty(model), model)[0]
    step, values = 1e-6, []
    for sign in (1, -1):
        with torch.no_grad():
            weight[2, 3] += sign * step
            values.append(ncut_penalty(model).item())
            weight[2, 3] -= sign * step
    assert (values[0] - values[1]) / (2 * step) == pytest.approx(slope[2, 3].item(), rel=1e-5)


def test_graph_with_an_odd_ring_of_layers():
    torch.manual_seed(0)
    model = nn.ParameterDict({name: torch.randn(6, 6, dtype=torch.float64) for name in ("ab", "bc", "ac")})
    edges = [("a", "b", "ab"), ("b", "c", "bc"), ("a", "c", "ac")]
    ours = ncut_penalty(model, layers=edges)
    book = by_the_book([model[key].abs() for _, _, key in edges], [(0, 1), (1, 2), (0, 2)], [6, 6, 6], 3)
    assert ours.item() == pytest.approx(book.item(), abs=1e-12)
    for mine, theirs in zip(gradients(ours, model), gradients(book, model), strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-10, rtol=1e-8)


def test_tied_weight_gets_both_gradients():
    torch.manual_seed(0)
    model = nn.ParameterDict({"w": torch.randn(6, 6, dtype=torch.float64)})
    ours = ncut_penalty(model, layers=[("a", "b", "w"), ("b", "c", "w")])
    book = by_the_book([model["w"].abs()] * 2, [(0, 1), (1, 2)], [6, 6, 6], 3)
    torch.testing.assert_close(gradients(ours, model)[0], gradients(book, model)[0], atol=1e-10, rtol=1e-8)


def test_convolutions_are_summed_over_kernel_groups_and_pixels():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(4, 8, 3), nn.Conv2d(8, 6, 3, groups=2), nn.Flatten(), nn.Linear(24, 5)).double()
    ours = ncut_penalty(model)
    first, second, last = (parameter for parameter in model.parameters() if parameter.ndim > 1)
    sums = second.abs().sum((2, 3))
    grouped = torch.block_diag(sums[:3], sums[3:])
    blocks = [first.abs().sum((2, 3)), grouped, last.abs().reshape(5, 6, 4).sum(2)]
    book = by_the_book(blocks, [(0, 1), (1, 2), (2, 3)], [4, 8, 6, 5], 3)
    assert ours.item() == pytest.approx(book.item(), abs=1e-12)
    assert [slope.shape for slope in gradients(ours, model)] == [first.shape, second.shape, last.shape]


def test_unit_without_edges_is_left_alone():
    model = chain(6, 6, 6, 6)
    with torch.no_grad():
        model[0].weight[2] = 0
        model[2].weight[:, 2] = 0
    value = ncut_penalty(model)
    slopes = gradients(value, model)
    assert torch.isfinite(value)
    assert all(torch.isfinite(slope).all() for slope in slopes)
    assert not slopes[0][2].any()


def test_descent_lowers_the_ncut():
    from probatum.networks.layered_graph import Block, Layer, LayeredGraph
    from probatum.structure.partitioning import partition

    def measured(model):
        weights = [module.weight.detach().abs().T.float().numpy() for module in model if isinstance(module, nn.Linear)]
        layers = [Layer(name=str(place), units=16, kind="dense") for place in range(4)]
        blocks = [
            Block(source=str(place), target=str(place + 1), weights=weight, tied=str(place))
            for place, weight in enumerate(weights)
        ]
        return partition(LayeredGraph(name="net", layers=tuple(layers), blocks=tuple(blocks)), clusters=4).ncut

    model, memory = chain(16, 16, 16, 16), {}
    before = measured(model)
    steps = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(60):
        steps.zero_grad()
        ncut_penalty(model, memory=memory).backward()
        steps.step()
    assert measured(model) < before - 0.3


def test_memory_gives_the_same_to_its_tolerance(monkeypatch):
    model, memory = chain(60, 40, 60, 40, dtype=torch.float32), {}
    ncut_penalty(model, memory=memory)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(1 + 0.02 * torch.randn_like(parameter))
    exact = ncut_penalty(model)
    monkeypatch.setattr(SPECTRUM, "_dense", None)  # the warm start must not need it
    warm = ncut_penalty(model, memory=memory)
    assert warm.item() == pytest.approx(exact.item(), abs=1e-4)
    mine, theirs = (torch.cat([slope.flatten() for slope in gradients(value, model)]) for value in (warm, exact))
    assert torch.cosine_similarity(mine, theirs, dim=0) > 0.999


def test_large_graphs_are_solved_without_a_dense_matrix(monkeypatch):
    model = chain(80, 60, 80, dtype=torch.float32)
    exact = ncut_penalty(model).item()
    monkeypatch.setattr(SPECTRUM, "LARGE", 50)
    monkeypatch.setattr(SPECTRUM, "_dense", None)
    assert ncut_penalty(model).item() == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"eigenvalues": 0}, "at least 1"),
        ({"eigenvalues": 12}, "at most 10"),
        ({"layers": ["0.weight", "9.weight"]}, r"no parameter '9\.weight'"),
        ({"layers": ["0.weight", "0.weight"]}, "order of computing"),
        ({"layers": ["0.bias"]}, "not biases"),
        ({"layers": [("a", "a", "2.weight")]}, "to itself"),
    ],
)
def test_mistakes_are_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        ncut_penalty(chain(5, 6, 6, 7), **arguments)


def test_weights_that_are_not_finite_and_models_without_any_are_named():
    model = chain(5, 6, 6)
    with torch.no_grad():
        model[2].weight[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"'2\.weight' holds NaN"):
        ncut_penalty(model)
    with pytest.raises(ValueError, match="no linear or convolution module"):
        ncut_penalty(nn.ReLU())
