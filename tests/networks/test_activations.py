"""Activations, lesions, edges from behaviour, and rescaling: against what the networks compute."""

import warnings
from functools import lru_cache

import numpy as np
import pytest
from sample_networks import SAMPLES, build

from probatum.errors import ProbatumError
from probatum.networks.activation_edges import correlation_graph, jacobian_graph
from probatum.networks.activations import lesioned_outputs, unit_activations
from probatum.networks.from_arrays import graph_from_arrays
from probatum.networks.from_onnx import graph_from_onnx
from probatum.networks.from_torch import graph_from_torch
from probatum.networks.rescaling import rescaled

torch = pytest.importorskip("torch")
nn = torch.nn


@lru_cache
def network(name):
    """The model, its inputs and its graph; the model must stay as it is."""
    model, inputs = build(name)
    return model, inputs, graph_from_torch(model, inputs)


def samples(name, count=5):
    shape = SAMPLES[name][1][1:]
    rng = np.random.default_rng(1)
    if name == "language_model":
        return rng.integers(0, 11, (count, *shape))
    return rng.normal(size=(count, *shape)).astype(np.float32)


def exported(model, inputs, path, **options):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, (inputs,), str(path), dynamo=False, opset_version=17, **options)
    return path


def outputs(model, inputs):
    with torch.no_grad():
        return model(torch.tensor(inputs)).numpy()


def test_activations_are_read_behind_norm_and_activation_function():
    model, _, graph = network("vgg_like")
    x = samples("vgg_like", 7)
    seen = {}
    relus = {"0.0": 1, "3.0": 4, "6.0": 7, "10": 11}
    hooks = [
        model[place].register_forward_hook(lambda _, __, made, name=name: seen.update({name: made.clone()}))
        for name, place in relus.items()
    ]
    scores = outputs(model, x)
    for hook in hooks:
        hook.remove()
    found = unit_activations(model, graph, x, batch=3)
    most = unit_activations(model, graph, x, positions="max")
    assert list(found) == [layer.name for layer in graph.layers]
    for name, made in seen.items():
        table = made.flatten(2) if made.ndim > 2 else made[:, :, None]
        assert np.allclose(found[name], table.mean(2), atol=1e-6), name
        assert np.allclose(most[name], table.amax(2), atol=1e-6), name
    assert np.allclose(found[graph.layers[0].name], x.mean((2, 3)), atol=1e-6)
    assert np.allclose(found["13"], scores, atol=1e-6)


@pytest.mark.parametrize("name", ["efficientnet_like", "transformer", "language_model"])
def test_onnx_and_torch_see_the_same(name, tmp_path):
    model, inputs, theirs = network(name)
    file = exported(model, inputs, tmp_path / "a.onnx")
    x = samples(name)
    ours = graph_from_onnx(file)
    one, two = unit_activations(file, ours, x), unit_activations(model, theirs, x)
    assert [values.shape for values in one.values()] == [values.shape for values in two.values()]
    for layer, values in enumerate(zip(one.values(), two.values(), strict=True)):
        assert np.allclose(*values, rtol=1e-3, atol=1e-5), ours.layers[layer].name
    assert np.allclose(lesioned_outputs(file, ours, x, {}), outputs(model, x), rtol=1e-3, atol=1e-5)
    assert np.allclose(lesioned_outputs(model, theirs, x, {}), outputs(model, x), rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("kind", ["torch", "onnx"])
def test_a_lesion_is_the_same_as_weights_that_read_nothing(kind, tmp_path):
    model, inputs = build("resnet_like")
    x = samples("resnet_like")
    subject = model if kind == "torch" else exported(model, inputs, tmp_path / "a.onnx")
    graph = graph_from_torch(model, inputs) if kind == "torch" else graph_from_onnx(subject)
    silenced = np.zeros(8, bool)
    silenced[[1, 6]] = True
    found = lesioned_outputs(subject, graph, x, {"3.first.0": silenced}, batch=2)
    with torch.no_grad():
        model[3].second[0].weight[:, silenced] = 0
    assert np.allclose(found, outputs(model, x), rtol=1e-4, atol=1e-5)
    whole = {graph.layers[0].name: np.ones(3, bool)}
    blind = lesioned_outputs(subject, graph, x, whole)
    assert np.allclose(blind, blind[:1], atol=1e-6)


def test_an_onnx_file_with_an_open_batch_and_one_that_is_written_into_a_reshape(tmp_path):
    class Tangled(nn.Module):
        def forward(self, x):
            return self.dense(x.reshape(1, -1).reshape(1, 4, 3)).relu() - x[:1].mean()

    model = Tangled()
    torch.manual_seed(0)
    model.dense = nn.Linear(3, 5)
    x = np.random.default_rng(0).normal(size=(6, 12)).astype(np.float32)
    file = exported(model, torch.zeros(1, 12), tmp_path / "a.onnx")
    graph = graph_from_onnx(file)
    expected = np.stack([outputs(model, row[None])[0] for row in x])
    assert np.allclose(lesioned_outputs(file, graph, x, {}), expected, atol=1e-6)
    open_batch = exported(nn.Linear(3, 5), torch.zeros(1, 3), tmp_path / "b.onnx", input_names=["x"],
                          dynamic_axes={"x": {0: "n"}})  # fmt: skip
    assert unit_activations(open_batch, graph_from_onnx(open_batch), x[:, :3])["x"].shape == (6, 3)


def test_operations_that_cannot_be_done_at_once_are_done_one_by_one():
    from probatum.networks.tracing.torch_running import _for_each

    (made,) = _for_each(lambda value: [value * value.sum().item()], torch.arange(6.0).reshape(3, 2))
    assert made.tolist() == [[0, 1], [10, 15], [36, 45]]


def test_wrong_lesions_models_and_options_are_named(tmp_path):
    model, inputs = build("mlp")
    graph = graph_from_torch(model, inputs)
    x = samples("mlp")
    with pytest.raises(ValueError, match=r"lesion of '0' is int64 of shape \(16,\); give bool of \(16,\)"):
        lesioned_outputs(model, graph, x, {"0": np.arange(16)})
    with pytest.raises(ValueError, match="has no layer '7'"):
        lesioned_outputs(model, graph, x, {"7": np.zeros(16, bool)})
    with pytest.raises(ValueError, match="positions 'sum'"):
        unit_activations(model, graph, x, positions="sum")
    with pytest.raises(ValueError, match="batch 0"):
        unit_activations(model, graph, x, batch=0)
    with pytest.raises(ValueError, match="no inputs"):
        unit_activations(model, graph, x[:0])
    with pytest.raises(ProbatumError, match=r"dict cannot be run: give a torch.nn.Module or the path"):
        unit_activations({}, graph, x)
    with pytest.raises(ProbatumError, match=r"layer .* has 3 units, but its value .* has shape \(1, 12\)"):
        unit_activations(model, network("vgg_like")[2], x)
    with pytest.raises(ProbatumError, match="from weights alone"):
        unit_activations(model, graph_from_arrays({"w": np.ones((2, 12))}), x)
    file = exported(model, inputs, tmp_path / "a.onnx")
    with pytest.raises(ProbatumError, match="computes no value 'input'"):
        unit_activations(file, graph, x)
    with pytest.raises(ProbatumError, match=r"an ONNX file gives no derivatives"):
        jacobian_graph(file, graph, x)


def test_correlations():
    model, _, graph = network("vgg_like")
    found = unit_activations(model, graph, samples("vgg_like", 30))
    edges = correlation_graph(graph, found)
    for before, after in zip(graph.blocks, edges.blocks, strict=True):
        with np.errstate(invalid="ignore"):  # units that never change
            both = np.corrcoef(np.hstack([found[before.source], found[before.target]]).T.astype(np.float64))
        rows = found[before.source].shape[1]
        assert after.weights.shape == before.weights.shape
        assert np.allclose(after.weights, np.abs(np.nan_to_num(both[:rows, rows:])), atol=1e-4)
    assert len({block.tied for block in edges.blocks}) == len(edges.blocks)
    still = found | {"3.0": np.ones_like(found["3.0"])}
    assert not correlation_graph(graph, still).blocks[1].weights.any()
    with pytest.raises(ValueError, match=r"no activations of layer '3.0'"):
        correlation_graph(graph, {name: values for name, values in found.items() if name != "3.0"})
    with pytest.raises(ValueError, match=r"shape \(30, 7\); give \(3 or more inputs, 8\)"):
        correlation_graph(graph, found | {"3.0": found["3.0"][:, 1:]})
    with pytest.raises(ValueError, match=r"'3.0': some are NaN"):
        correlation_graph(graph, found | {"3.0": found["3.0"] * np.nan})
    with pytest.raises(ValueError, match=r"for \[29, 30\] inputs"):
        correlation_graph(graph, found | {"3.0": found["3.0"][1:]})


def test_correlations_keep_to_the_support_of_a_depthwise_convolution():
    model, _, graph = network("mobilenet_like")
    edges = correlation_graph(graph, unit_activations(model, graph, samples("mobilenet_like", 9)))
    sparse = [(a, b) for a, b in zip(graph.blocks, edges.blocks, strict=False) if not isinstance(a.weights, np.ndarray)]
    assert sparse
    for before, after in sparse:
        assert np.array_equal(before.weights.indices, after.weights.indices)


def test_derivatives_of_a_dense_network():
    model = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3))
    graph = graph_from_torch(model, torch.zeros(1, 4))
    x = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    edges = jacobian_graph(model, graph, x)
    active = (outputs(model[:2], x) > 0).mean(0)
    first, last = (module.weight.detach().numpy() for module in (model[0], model[2]))
    assert np.allclose(edges.blocks[0].weights, (np.abs(first) * active[:, None]).T, atol=1e-6)
    assert np.allclose(edges.blocks[1].weights, np.abs(last).T, atol=1e-6)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_derivatives_count_the_direct_way_only():
    """Behind a residual sum, the stem reaches the last layer directly and through the branch."""

    class Residual(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem, self.branch, self.last = nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)

        def forward(self, x):
            x = self.stem(x)
            return self.last(x + self.branch(x))

    model = Residual()
    graph = graph_from_torch(model, torch.zeros(1, 3))
    edges = jacobian_graph(model, graph, np.ones((2, 3), np.float32))
    last = np.abs(model.last.weight.detach().numpy()).T
    found = {(block.source, block.target): block.weights for block in edges.blocks}
    assert np.allclose(found["stem", "last"], last, atol=1e-6)
    assert np.allclose(found["branch", "last"], last, atol=1e-6)


@pytest.mark.parametrize("name", ["resnet_like", "efficientnet_like", "transformer", "language_model"])
def test_derivatives_exist_for_each_kind_of_network(name):
    model, _, graph = network(name)
    if name == "language_model":  # words have no derivative
        graph = graph.keep(lambda layer: layer.kind != "input")
    edges = jacobian_graph(model, graph, samples(name, 2))
    assert [block.weights.shape for block in edges.blocks] == [block.weights.shape for block in graph.blocks]
    assert all(np.abs(block.weights).sum() > 0 for block in edges.blocks)


def incoming(graph, name):
    """Sum of squares of every unit's incoming edges, copies of one weight counted once."""
    blocks = {(b.tied, b.slot, b.source_start): b for b in graph.blocks if b.target == name}
    total = np.zeros(graph.layer(name).units)
    for block in blocks.values():
        weights = np.asarray(block.weights if isinstance(block.weights, np.ndarray) else block.weights.toarray())
        total[block.target_start : block.target_start + weights.shape[1]] += np.square(weights).sum(0)
    return total


def test_rescaled_hidden_units_have_incoming_weights_of_length_one():
    graph = network("two_branch")[2]
    found = rescaled(graph)
    for layer in graph.layers[1:-1]:
        assert np.allclose(incoming(found, layer.name), 1, rtol=1e-4), layer.name
    assert not np.allclose(incoming(found, graph.layers[-1].name), 1)
    assert "rescaled" in found.notes[-1]


def test_rescaling_changes_no_path():
    rng = np.random.default_rng(0)
    matrices = {f"{n}.weight": rng.normal(size=shape) for n, shape in enumerate([(5, 4), (6, 5), (3, 6)])}
    graph = graph_from_arrays(matrices)
    found = rescaled(graph)
    before, after = (np.linalg.multi_dot([block.weights for block in g.blocks]) for g in (graph, found))
    assert np.allclose(before, after, rtol=1e-4)
    again = rescaled(found)
    assert all(np.allclose(a.weights, b.weights, rtol=1e-4) for a, b in zip(found.blocks, again.blocks, strict=True))


def test_rescaling_gives_the_terms_of_a_sum_one_scale():
    found = rescaled(network("resnet_like")[2])
    tied = {}
    for block in found.blocks:
        tied.setdefault((block.tied, block.target), []).append(block.weights)
    assert any(len(copies) > 1 for copies in tied.values())
    for copies in tied.values():
        assert all(np.allclose(copies[0], copy, rtol=1e-5) for copy in copies)
    assert np.allclose(incoming(found, "3.first.0"), 1, rtol=1e-4)


def test_a_dead_unit_stays_dead():
    graph = graph_from_arrays({"a": np.array([[1.0, 2.0], [0.0, 0.0]]), "b": np.ones((1, 2))})
    found = rescaled(graph)
    assert np.allclose(found.blocks[0].weights[:, 1], 0)
    assert np.allclose(found.blocks[1].weights[:, 0], [np.sqrt(5), 1])
