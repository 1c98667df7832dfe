import json

import numpy as np
import pytest
from planted_networks import chain

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402

from probatum.structure.cluster_function import cluster_function  # noqa: E402
from probatum.structure.coherence import activation_patterns, coherence  # noqa: E402

UNITS = 8


class Halves(nn.Module):
    """Two hidden layers; the first half of each carries the answer, the second half nothing but noise."""

    def __init__(self):
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        sizes = ((UNITS, 2), (UNITS, UNITS), (2, UNITS))
        self.first, self.second, self.third = (nn.Linear(columns, rows, bias=False) for rows, columns in sizes)
        with torch.no_grad():
            for layer in (self.first, self.second, self.third):
                layer.weight.copy_(0.01 * torch.rand(layer.weight.shape, generator=generator))
            half = UNITS // 2
            self.first.weight[: half // 2] += torch.tensor([1.0, 0.0])
            self.first.weight[half // 2 : half] += torch.tensor([0.0, 1.0])
            self.second.weight[:half, :half] += torch.eye(half)
            self.third.weight[0, : half // 2] += 1
            self.third.weight[1, half // 2 : half] += 1

    def forward(self, x):
        return self.third(torch.relu(self.second(torch.relu(self.first(x)))))


@pytest.fixture(scope="module")
def case():
    from probatum.networks.from_torch import graph_from_torch

    model = Halves().eval()
    inputs = torch.rand(60, 2, generator=torch.Generator().manual_seed(1))
    targets = inputs.argmax(dim=1).numpy()
    network = graph_from_torch(model, inputs[:1])
    labels = np.concatenate([np.arange(layer.units) * 2 // layer.units for layer in network.layers])
    return {"network": network, "model": model, "inputs": inputs, "targets": targets, "cluster_labels": labels}


def measured(case, **options):
    arguments = {**case, "groups": 30, **options}
    return cluster_function(arguments.pop("network"), **arguments)


def drawn(found):
    pyplot = pytest.importorskip("matplotlib.pyplot")
    for draw in found.pictures().values():
        figure, ax = pyplot.subplots()
        assert draw(ax) is ax
        assert len(ax.get_xticks()) == 2
        pyplot.close(figure)


def test_the_half_that_carries_the_answer_matters(case):
    found = measured(case)
    assert found.baseline > 0.95
    assert found.clusters == (0, 1)
    assert found.units == (8, 8)
    assert found.measure == "accuracy lost"
    assert found.importance[0] > 0.3
    assert found.importance[1] == 0
    assert found.importance_p[1] == 1
    assert "accuracy lost" in found.summary()
    assert json.dumps(found.to_dict(), allow_nan=False)
    drawn(found)


def test_without_targets_the_change_of_the_output_counts(case):
    found = measured(case, targets=None)
    assert found.baseline is None
    assert found.importance[0] > 10 * found.importance[1]
    assert found.importance_p[0] < 0.1
    assert found.coherence_p[1] < 0.1  # all of its units read the same mixture of both inputs
    assert found.coherence_p[0] == 1
    assert found.mean_importance == pytest.approx(sum(found.importance) / 2)
    assert found.measure == "output changed"


def test_same_seed_same_result_and_labels_from_the_partition(case):
    first, second = (measured(case, cluster_labels=None, clusters=2, groups=3) for _ in range(2))
    assert first == second


@pytest.mark.filterwarnings("ignore")  # of the exporter, about itself
def test_an_onnx_file_gives_the_same(case, tmp_path):
    pytest.importorskip("onnxscript")
    from probatum.networks.from_onnx import graph_from_onnx

    path = tmp_path / "halves.onnx"
    torch.onnx.export(case["model"], (case["inputs"][:1],), path, dynamo=True, verbose=False)
    network = graph_from_onnx(path)
    inputs = case["inputs"].numpy()
    found = measured(case, network=network, model=path, inputs=inputs, groups=2)
    assert found.importance == pytest.approx(measured(case, groups=2).importance)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"groups": 0}, "at least 1"),
        ({"inputs": np.zeros((2, 2), np.float32)}, "3 or more"),
        ({"targets": [0, 1], "groups": 1}, r"\(2,\) for outputs of shape \(60, 2\)"),
        ({"cluster_labels": [0, 1]}, "has 20 units"),
        ({"cluster_labels": np.full(20, -1)}, "no cluster holds a hidden unit"),
    ],
)
def test_mistakes_are_named(case, options, words):
    with pytest.raises(ValueError, match=words):
        measured(case, **options)


def test_coherence_is_the_mean_size_of_correlations():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 6)).astype(np.float32)
    values[:, 5] = 3.0  # never changes
    network = chain([np.ones((6, 2))])
    patterns = activation_patterns(network, {"layer0": values})
    correlations = np.abs(np.corrcoef(values[:, :5].T))[np.triu_indices(5, 1)]
    assert coherence(patterns[:, :5]) == pytest.approx(correlations.mean(), rel=1e-4)
    assert coherence(patterns[:, :6]) == pytest.approx(correlations.sum() / 15, rel=1e-4)
    assert np.isnan(coherence(patterns[:, :1]))
