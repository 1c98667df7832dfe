"""ONNX: the same graph as from torch, operator by operator, and what cannot be a graph."""

import contextlib
import io
import warnings
from itertools import pairwise

import numpy as np
import pytest
from sample_networks import SAMPLES, build
from scipy import sparse

from probatum.errors import ProbatumError
from probatum.networks.from_onnx import graph_from_onnx, trace_onnx
from probatum.networks.from_torch import graph_from_torch

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxscript")

BY_DYNAMO = ("transformer",)  # the new exporter takes a second for each; the old one milliseconds


def export(model, inputs, path, *, dynamo):
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        options = {"verbose": False} if dynamo else {"opset_version": 17}
        torch.onnx.export(model, (inputs,), str(path), dynamo=dynamo, **options)
    return path


def dense(block):
    return block.weights.toarray() if isinstance(block.weights, sparse.sparray) else block.weights


def alike(graph, other):
    """The same layers and blocks in the same order, whatever their names."""
    places = [{layer.name: place for place, layer in enumerate(found.layers)} for found in (graph, other)]
    assert [(a.units, a.kind, a.groups) for a in graph.layers] == [(b.units, b.kind, b.groups) for b in other.layers]
    blocks = []
    for found, place in zip((graph, other), places, strict=True):
        key = [(place[b.source], place[b.target], b.slot, b.source_start, b.target_start) for b in found.blocks]
        blocks.append([found.blocks[number] for number in sorted(range(len(key)), key=key.__getitem__)])
        key.sort()
        places[len(blocks) - 1] = key
    assert places[0] == places[1]
    for one, two in zip(*blocks, strict=True):
        assert (one.area, one.fan_in, one.fan_out) == (two.area, two.fan_in, two.fan_out)
        assert isinstance(one.weights, np.ndarray) == isinstance(two.weights, np.ndarray)
        assert np.allclose(dense(one), dense(two), rtol=1e-4, atol=1e-6)
    assert len(graph.concatenations) == len(other.concatenations)
    return blocks


@pytest.mark.parametrize("name", SAMPLES)
def test_the_export_of_each_network_gives_the_graph_of_the_network(name, tmp_path):
    model, inputs = build(name)
    from_torch = graph_from_torch(model, inputs)
    for dynamo in (False, True) if name in BY_DYNAMO else (False,):
        from_onnx = graph_from_onnx(export(model, inputs, tmp_path / "a.onnx", dynamo=dynamo))
        ours, theirs = alike(from_onnx, from_torch)
        if name != "transformer":  # its layers begin as copies, which exporters store once
            assert [a.tied == b.tied for a, b in pairwise(ours)] == [a.tied == b.tied for a, b in pairwise(theirs)]


def test_names_are_those_of_the_modules(tmp_path):
    model, inputs = build("language_model")
    graph = graph_from_onnx(export(model, inputs, tmp_path / "a.onnx", dynamo=False))
    assert "blocks.1.gate" in graph.offsets
    model, inputs = build("resnet_like")
    graph = graph_from_onnx(export(model, inputs, tmp_path / "a.onnx", dynamo=False))
    assert "5.shortcut.0" in graph.offsets


def model_of(path, nodes, *, shape, weights, opset=21, functions=()):
    """A model from `x` of this shape to `y`."""
    helper = onnx.helper
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["?"])],
        [onnx.numpy_helper.from_array(np.asarray(array), name) for name, array in weights.items()],
    )
    opsets = [helper.make_opsetid("", opset), helper.make_opsetid("mine", 1)]
    path.write_bytes(
        helper.make_model(graph, opset_imports=opsets, functions=functions, ir_version=10).SerializeToString()
    )
    return path


def node(operator, inputs, outputs, **attributes):
    return onnx.helper.make_node(operator, inputs.split(), outputs.split(), **attributes)


def floats(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def only(graph):
    (block,) = graph.blocks
    return dense(block)


def test_batch_norm_is_folded_and_its_sign_dropped_afterwards(tmp_path):
    kernel, gain, variance = floats(4, 3, 1, 1), np.float32([1, -2, 0, 3]), np.float32([1, 4, 1, 0.5])
    nodes = [node("Conv", "x w", "c"), node("BatchNormalization", "c g b m v", "y", epsilon=1e-3)]
    weights = {"w": kernel, "g": gain, "b": floats(4), "m": floats(4), "v": variance}
    graph = graph_from_onnx(model_of(tmp_path / "a.onnx", nodes, shape=[1, 3, 5, 5], weights=weights))
    expected = np.abs(kernel[:, :, 0, 0] * (gain / np.sqrt(variance + 1e-3))[:, None]).T
    assert np.allclose(only(graph), expected, rtol=1e-5)


def behind(nodes, weights, *, reader="dense", shape=(1, 4)):
    """Steps between a dense layer or convolution and its reader."""
    first = {"dense": node("MatMul", "x w1", "a"), "convolution": node("Conv", "x w1", "a")}[reader]
    last = {"dense": node("MatMul", "b w2", "y"), "convolution": node("Conv", "b w2", "y")}[reader]
    return {"nodes": [first, *nodes, last], "weights": weights, "shape": list(shape)}


GAINS = np.float32([2, -0.5, 0, 1, 3])
SCALES = {
    "Mul": ([node("Mul", "a g", "b")], np.abs(GAINS)),
    "Mul from the left": ([node("Mul", "g a", "b")], np.abs(GAINS)),
    "Div": ([node("Div", "a d", "b")], 1 / np.float32([2, 4, 5, 1, 3])),
    "LayerNormalization": ([node("LayerNormalization", "a g", "b", axis=-1)], np.abs(GAINS)),
    "Add and Relu": ([node("Add", "a g", "c"), node("Relu", "c", "b")], np.ones(5)),
    "Clip and Cast": ([node("Clip", "a", "c"), node("Cast", "c", "b", to=1)], np.ones(5)),
    "Gather": ([node("Gather", "a order", "b", axis=1)], None),
    "QDQ": ([node("QuantizeLinear", "a s", "q"), node("DequantizeLinear", "q s", "b")], np.ones(5)),
}


@pytest.mark.parametrize("name", SCALES)
def test_what_stands_between_two_dense_layers(name, tmp_path):
    nodes, gain = SCALES[name]
    order = np.array([4, 2, 0, 1, 3])
    weights = {"w1": floats(4, 5), "w2": floats(5, 3, seed=1), "g": GAINS, "d": np.float32([2, 4, 5, 1, 3])}
    weights |= {"order": order, "s": np.float32(0.1)}
    graph = graph_from_onnx(model_of(tmp_path / "a.onnx", **behind(nodes, weights)))
    expected = np.abs(weights["w2"])
    expected = expected[np.argsort(order)] if gain is None else expected * gain[:, None]
    assert np.allclose(sum(dense(block) for block in graph.blocks[1:]), expected, rtol=1e-5)


MOVES = {
    "GroupNormalization": ([node("GroupNormalization", "a g4 g4", "b", num_groups=2)], np.float32([1, 2, 3, 4])),
    "InstanceNormalization": ([node("InstanceNormalization", "a g4 g4", "b")], np.float32([1, 2, 3, 4])),
    "Pad": ([node("Pad", "a pads five", "b")], np.ones(4)),
    "Resize": ([node("Resize", "a  scales", "b", mode="linear")], np.ones(4)),
    "Resize to a size": ([onnx.helper.make_node("Resize", ["a", "", "", "sizes"], ["b"])], np.ones(4)),
    "MaxPool": ([node("MaxPool", "a", "b", kernel_shape=[2, 2])], np.ones(4)),
    "LRN": ([node("LRN", "a", "b", size=3)], np.ones(4)),
    "a gain for each position": ([node("Mul", "a map", "b")], np.ones(4)),
    "Shape, Gather, Concat, Reshape": (
        [
            node("Shape", "a", "s"),
            node("Gather", "s zero", "n"),
            node("Concat", "n rest", "t", axis=0),
            node("Reshape", "a t", "r"),
            node("Reshape", "r s", "b"),
        ],
        np.ones(4),
    ),
}
MOVES["Resize"] = ([onnx.helper.make_node("Resize", ["a", "", "scales"], ["b"], mode="linear")], np.ones(4))


@pytest.mark.parametrize("name", MOVES)
def test_what_stands_between_two_convolutions(name, tmp_path):
    nodes, gain = MOVES[name]
    weights = {"w1": floats(4, 3, 1, 1), "w2": floats(6, 4, 3, 3, seed=1), "g4": np.float32([1, 2, 3, 4])}
    weights |= {"pads": np.array([0, 0, 1, 1, 0, 0, 1, 1]), "five": np.float32(5), "rest": np.array([-1])}
    weights |= {"scales": np.float32([1, 1, 2, 2]), "sizes": np.array([1, 4, 9, 5]), "zero": np.array([0])}
    weights |= {"map": np.ones((1, 1, 6, 6), np.float32)}
    parts = behind(nodes, weights, reader="convolution", shape=(1, 3, 6, 6))
    graph = graph_from_onnx(model_of(tmp_path / "a.onnx", **parts))
    expected = np.abs(weights["w2"]).sum((2, 3)).T * gain[:, None]
    assert np.allclose(dense(graph.blocks[1]), expected, rtol=1e-5)


def test_transposed_convolution_in_groups(tmp_path):
    kernel = floats(6, 2, 3, 3)
    nodes = [node("ConvTranspose", "x w", "y", group=2)]
    graph = graph_from_onnx(model_of(tmp_path / "a.onnx", nodes, shape=[1, 6, 4, 4], weights={"w": kernel}))
    sizes = np.abs(kernel).sum((2, 3))
    adjacency = graph.adjacency().toarray()[:6, 6:]
    assert np.allclose(adjacency, np.block([[sizes[:3], np.zeros((3, 2))], [np.zeros((3, 2)), sizes[3:]]]), rtol=1e-5)


def test_a_fixed_matrix_on_the_left(tmp_path):
    matrix = floats(5, 4)
    nodes = [node("MatMul", "w x", "y")]
    graph = graph_from_onnx(model_of(tmp_path / "a.onnx", nodes, shape=[1, 4, 7], weights={"w": matrix}))
    assert np.allclose(only(graph), np.abs(matrix).T)


def test_gemm_with_alpha_and_without_transposition(tmp_path):
    matrix = floats(4, 5)
    nodes = [node("Gemm", "x w c", "y", alpha=0.5)]
    file = model_of(tmp_path / "a.onnx", nodes, shape=[1, 4], weights={"w": matrix, "c": floats(5)})
    assert np.allclose(only(graph_from_onnx(file)), np.abs(matrix) / 2)


def test_constants_are_computed_and_functions_written_out(tmp_path):
    matrix = floats(5, 4)
    body = [node("Transpose", "w", "t"), node("MatMul", "x t", "y")]
    function = onnx.helper.make_function("mine", "Dense", ["x", "w"], ["y"], body, [onnx.helper.make_opsetid("", 21)])
    nodes = [node("Mul", "w two", "w2"), onnx.helper.make_node("Dense", ["x", "w2"], ["y"], domain="mine")]
    file = model_of(
        tmp_path / "a.onnx", nodes, shape=[1, 4], weights={"w": matrix, "two": np.float32(2)}, functions=[function]
    )
    graph = graph_from_onnx(file)
    assert np.allclose(only(graph), 2 * np.abs(matrix).T)
    assert graph.blocks[0].tied == "w"


def test_steps_have_shapes_with_a_batch_of_one(tmp_path):
    nodes = [node("Conv", "x w", "c", strides=[2, 2]), node("Flatten", "c", "y")]
    file = model_of(tmp_path / "a.onnx", nodes, shape=["n", 3, 9, 9], weights={"w": floats(4, 3, 3, 3)})
    trace = trace_onnx(file)
    assert dict(trace.inputs) == {"x": (1, 3, 9, 9)}
    assert [step.shapes for step in trace.steps] == [((1, 4, 4, 4),), ((1, 64),)]


def branch():
    value = onnx.helper.make_tensor_value_info("z", onnx.TensorProto.FLOAT, [1, 4])
    return onnx.helper.make_graph([node("Relu", "x", "z")], "branch", [], [value])


@pytest.mark.parametrize(
    ("nodes", "message"),
    [
        (lambda: [node("If", "yes", "y", then_branch=branch(), else_branch=branch())], "If at 'y': conditions"),
        (lambda: [node("NonZero", "x", "y")], "NonZero at 'y': its size depends on the data"),
        (lambda: [node("RNN", "s w r", "y", hidden_size=2)], "RNN at 'y': recurrent layers have no rule"),
        (lambda: [node("RandomNormal", "", "y", shape=[1, 4])], "RandomNormal at 'y': it draws random numbers"),
        (lambda: [onnx.helper.make_node("Magic", ["x"], ["y"], domain="mine")], "mine::Magic at 'y': it is no"),
        (lambda: [node("CumSum", "x one", "y")], "CumSum at 'y': there is no rule for it; replace it"),
        (lambda: [node("Conv", "p x", "y")], "Conv at 'y': its kernel .'x'. is computed from the input"),
        (lambda: [node("Expand", "one huge", "e"), node("Add", "x e", "y")], "Expand at 'e': 'e' .* too large"),
        (lambda: [node("ConstantOfShape", "huge", "y")], "ConstantOfShape at 'y': 'y' of shape .* too large"),
        (lambda: [node("Cast", "x", "i", to=7), node("Tile", "w4 i", "y")], "Tile at 'y': how elements are moved"),
        (lambda: [node("MatMul", "x r", "y")], r"a fixed array of shape \(1, 4, 4\) has no rule"),
        (lambda: [node("Reshape", "x seven", "y")], "Reshape at 'y': "),
    ],
)  # fmt: skip
def test_what_has_no_rule_is_named(nodes, message, tmp_path):
    weights = {
        "yes": np.array(True),
        "s": floats(1, 1, 4),
        "w": floats(1, 2, 4),
        "r": floats(1, 4, 4),
        "one": np.array(1),
    }
    weights |= {
        "p": floats(1, 4, 4, 4),
        "w4": floats(4, 4),
        "huge": np.array([1 << 20, 1 << 20]),
        "seven": np.array([7]),
    }
    file = model_of(tmp_path / "a.onnx", nodes(), shape=[1, 4], weights=weights)
    with pytest.raises(ProbatumError, match=message):
        graph_from_onnx(file)
