import json

import matplotlib
import numpy as np
import pytest

from probatum.datasets import load_unit_taxonomy
from probatum.networks.branches import Branch, Branching
from probatum.networks.from_onnx import graph_from_onnx
from probatum.networks.from_torch import graph_from_torch
from probatum.structure.branch_specialization import branch_specialization
from probatum.structure.branch_test import branch_labels, branch_test, top_labels

matplotlib.use("Agg")
torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

SIDE = 16


class Parallel(nn.Module):
    """A stem and three branches, two of which look equally far; `colour` in one of these reads only colour."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.one, self.other = nn.Conv2d(3, 12, 3, padding=1), nn.Conv2d(3, 12, 3, padding=1)
        self.narrow = nn.Conv2d(3, 12, 1)
        with torch.no_grad():
            self.one.weight -= self.one.weight.mean(dim=1, keepdim=True)
            self.other.weight.copy_(self.other.weight.mean(dim=1, keepdim=True).expand(-1, 3, -1, -1))
        self.last = nn.Conv2d(36, 4, 1)

    def forward(self, x):
        return self.last(torch.cat([torch.relu(layer(x)) for layer in (self.narrow, self.one, self.other)], dim=1))


@pytest.fixture(scope="module")
def parallel():
    network = Parallel().eval()
    return graph_from_torch(network, torch.zeros(1, 3, SIDE, SIDE)), network


def test_colour_is_found_in_its_branch_from_activations(parallel):
    graph, network = parallel
    found = branch_specialization(graph, model=network, size=SIDE, shuffles=199)
    (place,) = {test.place for test in found.tests}
    test = found.test(place, "colour_sensitivity")
    assert test.holm_p < 1e-4
    assert test.graded.group("one").auc > 0.8
    assert test.graded.group("other").auc < 0.2
    assert test.equally_far.epsilon_squared > 0.6
    assert {group.group for group in test.equally_far.groups} == {"one", "other"}
    assert len(test.without_strongest.groups) == 2
    assert test.top.cell("high", "other").seen == 0
    json.dumps(found.to_dict(), allow_nan=False)
    assert "most at" in found.summary()
    assert [draw(None) for draw in found.pictures().values()]
    with pytest.raises(ValueError, match=f"places are \\['{place}'\\]"):
        found.test("elsewhere", "curvature")


def test_onnx_gives_the_same(parallel, tmp_path):
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    graph, network = parallel
    state = {name: value.numpy() for name, value in network.state_dict().items()}
    layers = ("narrow", "one", "other")
    lines = [
        f"{name} = Conv<pads=[{n},{n},{n},{n}]>(x, {name}_w, {name}_b)"
        for name, n in zip(layers, (0, 1, 1), strict=True)
    ]
    lines += [f"{name}_on = Relu({name})" for name in layers]
    lines += [f"cat = Concat<axis=1>({', '.join(f'{name}_on' for name in layers)})", "y = Conv(cat, last_w, last_b)"]
    text = f"net (float[1,3,{SIDE},{SIDE}] x) => (float[1,4,{SIDE},{SIDE}] y) {{ {chr(10).join(lines)} }}"
    model = onnx.helper.make_model(onnx.parser.parse_graph(text), opset_imports=[onnx.helper.make_opsetid("", 17)])
    model.ir_version = 8
    for name in (*layers, "last"):
        for short, long in (("w", "weight"), ("b", "bias")):
            model.graph.initializer.append(onnx.numpy_helper.from_array(state[f"{name}.{long}"], f"{name}_{short}"))
    onnx.save(model, tmp_path / "net.onnx")
    other = graph_from_onnx(tmp_path / "net.onnx")
    one = branch_specialization(graph, model=network, size=SIDE, shuffles=99)
    two = branch_specialization(other, model=tmp_path / "net.onnx", size=SIDE, shuffles=99)
    assert [test.score for test in one.tests] == [test.score for test in two.tests]
    for a, b in zip(one.tests, two.tests, strict=True):
        assert a.graded.epsilon_squared == pytest.approx(b.graded.epsilon_squared, abs=0.02)
        assert [group.units for group in a.graded.groups] == [group.units for group in b.graded.groups]


def test_filters_of_a_grouped_first_layer_need_no_model():
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 20, 5), nn.ReLU(), nn.Conv2d(20, 8, 3, groups=2), nn.ReLU())
    with torch.no_grad():
        network[0].weight[10:] = network[0].weight[10:].mean(dim=1, keepdim=True)
    graph = graph_from_torch(network, torch.zeros(1, 3, SIDE, SIDE))
    found = branch_specialization(graph)
    test = found.test(graph.layers[1].name, "colour_share")
    assert test.kind == "readers"
    assert test.graded.separation == 0.5
    assert test.without_strongest is None
    assert test.equally_far is None


def test_labels_by_hand():
    units = load_unit_taxonomy("mixed3a")
    extents = {"1x1": 1, "3x3": 3, "5x5": 5, "pool": 1}
    places = {name: [n for n, branch in enumerate(units.branches) if branch == name] for name in extents}
    made = (Branch(name=name, layer="mixed3a", units=tuple(places[name]), extent=extents[name]) for name in extents)
    found = branch_labels(
        Branching(name="mixed3a", kind="concatenation", branches=tuple(made)), units.families, shuffles=500, seed=0
    )
    assert found.information.information == pytest.approx(0.435, abs=1e-3)
    assert found.without_strongest.without == ("5x5",)
    assert found.equally_far.groups == ("1x1", "pool")
    assert found.table.cell("BW vs Color", "5x5").seen == 9
    assert found.plot().images
    assert "at mixed3a" in found.summary()


def test_labels_through_the_method(parallel):
    graph = parallel[0]
    place = graph.concatenations[0].name
    labels = ["plain"] * 12 + ["colour"] * 12 + ["grey"] * 12
    found = branch_specialization(graph, labels={place: labels}, shuffles=99)
    assert found.labelled[0].information.share == pytest.approx(1)
    with pytest.raises(ValueError, match="3 labels for the 36 units"):
        branch_specialization(graph, labels={place: ["a", "b", "c"]})
    with pytest.raises(ValueError, match="branches are at"):
        branch_specialization(graph, labels={"nowhere": labels})


def test_networks_that_cannot_be_tested(parallel):
    chain = graph_from_torch(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 4, 3)), torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match=r"has no branches: .* unbranched_split"):
        branch_specialization(chain)
    late = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Conv2d(8, 8, 3, groups=2), nn.Conv2d(8, 4, 1))
    graph = graph_from_torch(late, torch.zeros(1, 3, 8, 8))
    with pytest.raises(ValueError, match=r"give the model and images"):
        branch_specialization(graph, place=graph.layers[2].name)


def test_noise_is_rarely_called_a_split():
    rng = np.random.default_rng(0)
    made = (Branch(name=name, layer=name, units=tuple(range(20)), extent=1) for name in "abc")
    place = Branching(name="cat", kind="concatenation", branches=tuple(made))
    p = [branch_test(place, "noise", rng.normal(size=60), shuffles=9, seed=0).p for _ in range(200)]
    assert 2 <= sum(value <= 0.05 for value in p) <= 20
    assert branch_test(place, "noise", rng.normal(size=60), shuffles=9, seed=0).equally_far is None


def test_top_labels():
    assert top_labels([3.0, 1, 2, 5], share=0.25) == ["other", "other", "other", "high"]
    assert top_labels([3.0, 1, 2, 5], threshold=2.5) == ["high", "other", "other", "high"]
    with pytest.raises(ValueError, match="0 of 2 units are above"):
        top_labels([1.0, 2], threshold=2)
