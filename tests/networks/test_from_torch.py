import warnings
from functools import cache

import numpy as np
import pytest
from scipy import sparse

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from sample_networks import SAMPLES, build, resnet50  # noqa: E402
from torch import nn  # noqa: E402

from probatum.errors import ProbatumError  # noqa: E402
from probatum.networks.from_torch import graph_from_torch, trace_of_program  # noqa: E402
from probatum.networks.tracing.torch_program import torch_program  # noqa: E402
from probatum.networks.tracing.walk import layered_graph_of  # noqa: E402

CONVOLUTIONAL = [name for name, (_, shape) in SAMPLES.items() if len(shape) == 4]
FAR = 1000.0  # so far that every maximum, gate and activation function lets it through


@cache
def graph_of(name):
    return graph_from_torch(*build(name))


def whole(graph):
    """All edges between two layers, dense, by their names."""
    sizes = {layer.name: layer.units for layer in graph.layers}
    found = {}
    for block in graph.blocks:
        edges = found.setdefault((block.source, block.target), np.zeros((sizes[block.source], sizes[block.target])))
        part = np.asarray(block.weights.todense() if sparse.issparse(block.weights) else block.weights)
        rows, columns = part.shape
        edges[block.source_start :, block.target_start :][:rows, :columns] += part
    return found


class Held(torch.fx.Interpreter):
    """Run a program, adding `push` to one value and holding the finished values of other layers; keep what is made."""

    def __init__(self, program, held, moved=None, push=None):
        super().__init__(program.graph_module)
        self.held, self.moved, self.push = held, moved, push
        self.made = {}

    def run_node(self, n):
        made = super().run_node(n)
        if isinstance(made, torch.Tensor):
            self.made[n.name] = made
            if n.name == self.moved:
                return made + self.push.view(-1, *[1] * (made.ndim - 2))
        return self.held.get(n.name, made)


def acting(program, arguments, graph, raw):
    """Which units of each layer change where one unit of another is pushed and all other layers are held."""
    still = Held(program, {})
    still.run(*arguments)
    finished = {layer.output: still.made[layer.output] for layer in graph.layers}
    for source in graph.layers:
        held = {name: value for name, value in finished.items() if name != source.output}

        def changes(push, source=source, held=held):
            moved = Held(program, held, source.output, push)
            moved.run(*arguments)
            change = {name: (moved.made[value] - still.made[value])[0].abs() for name, value in raw.items()}
            return {name: part.reshape(len(part), -1).sum(1) for name, part in change.items()}

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # some operators are done one by one
            made = torch.func.vmap(changes)(FAR * torch.eye(source.units))
        for target, change in made.items():
            if target != source.name:
                yield (source.name, target), change.numpy() > 1e-2


@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_an_edge_is_where_a_unit_acts_with_all_other_layers_held(name):
    model, inputs = build(name)
    program = torch_program(model, inputs)
    trace = trace_of_program(program, name=name)
    graph = layered_graph_of(trace)
    made = {step.tensors["weight"]: step.outputs[0] for step in trace.steps if step.tensors}
    raw = {layer.name: made[layer.tensor] for layer in graph.layers if layer.tensor}
    known = {**program.constants, **program.state_dict}
    arguments = [known.get(spec.target, inputs) for spec in program.graph_signature.input_specs]
    edges = whole(graph)
    with torch.no_grad():
        for pair, acts in acting(program, arguments, graph, raw):
            expected = edges.get(pair, np.zeros(acts.shape)) > 0
            np.testing.assert_array_equal(acts, expected, err_msg=f"{pair}")


@pytest.mark.parametrize("name", ["mlp", "transformer", "language_model", "bottleneck_like"])
def test_dense_and_1x1_edges_are_the_weights_times_the_gains(name):
    graph = graph_of(name)
    for block in graph.blocks:
        layer = graph.layer(block.target)
        if layer.kind == "dense" and block.area == 1:
            kernel = np.abs(layer.weights.T)
            part = kernel[block.slot : block.slot + len(block.weights)]
            ratio = block.weights / part
            np.testing.assert_allclose(ratio, np.broadcast_to(ratio[:, :1], ratio.shape), rtol=1e-4)


def test_gains_of_hand_written_norms_reach_the_readers():
    model, _ = build("language_model")
    edges = whole(graph_of("language_model"))
    block = model.blocks[0]
    expected = block.gate.weight.detach().abs().T * block.norm2.gain.detach().abs()[:, None]
    np.testing.assert_allclose(edges[("blocks.0.project", "blocks.0.gate")], expected, rtol=1e-6)


def test_only_values_leave_attention():
    model, _ = build("transformer")
    edges = whole(graph_of("transformer"))
    attention = "encoder.layers.0.self_attn"
    found = edges[(f"{attention}.in_proj", f"{attention}.out_proj")]
    weight = model.encoder.layers[0].self_attn.out_proj.weight.detach().abs().T
    np.testing.assert_allclose(found, np.concatenate([np.zeros((16, 8)), weight]), rtol=1e-6)


def test_negative_gains_are_folded_before_sizes_are_taken():
    model, _ = build("vgg_like")
    graph = graph_of("vgg_like")
    convolution, norm = model[0]
    factor = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    assert (factor < 0).any()
    expected = (convolution.weight * factor[:, None, None, None]).abs().sum((2, 3)).T
    np.testing.assert_allclose(graph.blocks[0].weights, expected.detach(), rtol=1e-5)
    np.testing.assert_array_equal(graph.layers[1].weights, convolution.weight.detach())


@pytest.mark.parametrize("norm", ["l1", "l2"])
def test_a_flattened_picture_is_merged_by_channel(norm):
    model, inputs = build("two_branch")
    graph = graph_from_torch(model, inputs, kernel_norm=norm)
    weight = model[9].weight.detach().reshape(10, 12, 4)
    expected = torch.linalg.vector_norm(weight, 1 if norm == "l1" else 2, dim=2).T
    np.testing.assert_allclose(whole(graph)["5", "9"], expected, rtol=1e-5)


def test_copies_behind_residual_sums_are_one_array():
    graph = graph_of("resnet_like")
    copies = [block for block in graph.blocks if block.target == "5.first.0"]
    assert [block.source for block in copies] == ["4.second.0", "3.second.0", "0.0"]
    assert len({id(block.weights) for block in copies}) == len({block.tied for block in copies}) == 1
    assert {block.slot for block in copies} == {0}


def test_branches_are_concatenations():
    graph = graph_of("inception_like")
    assert [one.name for one in graph.concatenations] == ["2", "3"]
    assert graph.concatenations[0].parts == (
        ("2.one", 0, 4),
        ("2.three.2", 0, 6),
        ("2.five.3", 0, 4),
        ("2.pooled.1", 0, 2),
    )
    assert [block.slot for block in graph.blocks if block.target == "6"] == [0, 4, 10, 14]


def test_resnet50_has_its_channels():
    graph = graph_from_torch(resnet50(), torch.zeros(1, 3, 224, 224))
    assert (graph.units, len(graph.layers), len(graph.blocks)) == (27_563, 55, 110)
    arrays = {id(block.weights): block.weights.nbytes for block in graph.blocks}
    assert len(arrays) == 54
    assert sum(arrays.values()) < 65e6
    assert graph.convolutions().units == 26_560


def test_the_model_is_left_as_it_was():
    model, inputs = build("vgg_like")
    model.train()
    model[0].eval()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    graph = graph_from_torch(model, inputs.expand(2, -1, -1, -1))
    assert [module.training for module in model] == [False] + [True] * (len(model) - 1)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    with torch.no_grad():
        model[0][0].weight.zero_()
    assert graph.layers[1].weights.any()


class Function(nn.Module):
    """A model made of a function, with two dense layers of four features."""

    def __init__(self, function, **parts):
        super().__init__()
        self.first, self.second, self.function = nn.Linear(4, 4), nn.Linear(4, 4), function
        for name, part in parts.items():
            setattr(self, name, part)

    def forward(self, x):
        return self.function(self, x)


def edges_of(function, inputs=None, **parts):
    return graph_from_torch(Function(function, **parts), torch.randn(1, 4) if inputs is None else inputs)


STAY = {
    "swish": lambda x: x * torch.sigmoid(1.7 * x),
    "quotient": lambda x: F.hardswish(x) / (1 + x.abs()),
    "choice": lambda x: torch.where(x > 0, x, 0.1 * x),
    "layer_norm": lambda x: F.layer_norm(x, (4,)) + torch.ones(4).cumsum(0).sum(),
    "normalize": lambda x: F.normalize(x, dim=-1),
    "views": lambda x: x.unflatten(1, (2, 2)).flatten(1).clone().contiguous().double().float(),
    "split": lambda x: torch.cat([part.squeeze(1) for part in x.split(1, dim=1)], -1).view(1, 4),
    "stack": lambda x: torch.stack(x.chunk(2, 1), 1).reshape(1, 4),
    "pad": lambda x: F.pad(x, (1, 1), value=3.0)[:, 1:-1],
    "roll": lambda x: x.roll(1, 1).roll(-1, 1).flip(1).flip(1),
    "centred": lambda x: x - x.mean(-1, keepdim=True),
    "softmax": lambda x: F.softmax(x, -1).clamp(0, 1).maximum(x),
    "einsum": lambda x: torch.einsum("bi,i->bi", x, torch.ones(4)),
    "masked": lambda x: x.masked_fill(torch.tensor([True, False, False, False]), 0.0),
    "prelu": lambda x: F.prelu(x, torch.tensor([0.1])),
    "in_place": lambda x: x.clone().add_(1).mul_(2),
    "running": lambda x: x.cumsum(0),
}


def test_what_moves_no_unit_changes_no_edge():
    torch.manual_seed(0)
    parts = {name: nn.Linear(4, 3) for name in STAY}
    model = Function(lambda self, x: [getattr(self, name)(stay(self.first(x))) for name, stay in STAY.items()], **parts)
    found = whole(graph_from_torch(model, torch.randn(1, 4)))
    for number, (name, part) in enumerate(parts.items()):
        edges = found["first" if number == 0 else f"first ({number + 1})", name]
        np.testing.assert_allclose(edges, part.weight.detach().abs().T, rtol=1e-6, err_msg=name)


def test_changes_in_place_are_followed():
    def function(self, x):
        y = self.first(x)
        kept = y
        y += x
        return self.second(kept)

    assert list(whole(edges_of(function))) == [("x", "first"), ("first", "second"), ("x", "second")]


def test_gated_linear_units_have_two_sources():
    model = Function(lambda self, x: self.down(F.glu(self.second(x), -1)), down=nn.Linear(2, 3, bias=False))
    found = whole(graph_from_torch(model, torch.randn(1, 4)))
    weight = model.down.weight.detach().abs().T
    np.testing.assert_allclose(found["second", "down"], torch.cat([weight, weight]), rtol=1e-6)


def test_raw_parameters_and_products_from_either_side():
    weight = nn.Parameter(torch.randn(4, 3))
    right = edges_of(lambda self, x: x @ self.weight, weight=weight)
    left = edges_of(lambda self, x: (self.weight.T @ x.T).T, weight=weight)
    added = edges_of(lambda self, x: torch.addmm(x[:, :3], x, self.weight), weight=weight)
    for graph in (right, left, added):
        np.testing.assert_allclose(next(iter(whole(graph).values())), weight.detach().abs(), rtol=1e-6)
    assert right.layers[1].tensor == "weight"
    assert left.layers[1].tensor.startswith("weight (")


def test_shared_modules_and_shared_parameters_are_tied():
    class Shared(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)
            self.second.weight = self.first.weight

        def forward(self, x):
            return self.second(F.relu(self.first(F.relu(self.first(x)))))

    graph = graph_from_torch(Shared(), torch.randn(1, 4))
    assert [layer.name for layer in graph.layers] == ["x", "first", "first (2)", "first (3)"]
    assert len({block.tied for block in graph.blocks}) == len({id(block.weights) for block in graph.blocks}) == 1


def test_weight_norm_is_computed_first():
    model = nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(4, 3)), nn.ReLU())
    graph = graph_from_torch(model, torch.randn(1, 4))
    np.testing.assert_allclose(graph.blocks[0].weights, model[0].weight.detach().abs().T, rtol=1e-5)


PARTS = {
    "depthwise": lambda: nn.Conv2d(4, 8, 3, padding="same", groups=4),
    "transposed": lambda: nn.ConvTranspose2d(4, 6, 3, 2, groups=2),
    "unshuffle": lambda: nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(16, 5, 1)),
    "channels": lambda: nn.Sequential(nn.ChannelShuffle(2), nn.Conv2d(4, 5, 1)),
    "upsample": lambda: nn.Sequential(nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(4, 5, 1)),
    "norms": lambda: nn.Sequential(nn.GroupNorm(2, 4), nn.InstanceNorm2d(4, affine=True), nn.Conv2d(4, 5, 1)),
    "response": lambda: nn.Sequential(nn.LocalResponseNorm(3), nn.ReflectionPad2d(2), nn.Conv2d(4, 5, 1)),
    "pooled": lambda: nn.Sequential(nn.AdaptiveMaxPool2d(2), nn.Flatten(), nn.Linear(16, 5)),
    "one_axis": lambda: nn.Sequential(nn.Flatten(2), nn.BatchNorm1d(4), nn.Conv1d(4, 5, 3)),
    "three_axes": lambda: nn.Sequential(nn.Unflatten(1, (4, 1)), nn.Conv3d(4, 5, (1, 3, 3)), nn.AvgPool3d((1, 2, 2))),
}


def test_parts_of_convolutional_networks():
    parts = {name: make() for name, make in PARTS.items()}
    model = Function(
        lambda self, x: [getattr(self, name)(self.stem(x)) for name in PARTS], stem=nn.Conv2d(3, 4, 1), **parts
    )
    found = {
        target.split(".")[0]: edges
        for (source, target), edges in whole(graph_from_torch(model.eval(), torch.randn(1, 3, 8, 8))).items()
        if source.startswith("stem")
    }
    assert list(found) == list(PARTS)
    for name, edges in found.items():
        assert edges.shape[0] == 4
        assert (edges > 0).any(axis=0).all(), name
        assert (edges > 0).any(axis=1).all(), name
    assert (found["depthwise"] > 0).sum() == 8
    assert (found["transposed"] > 0).sum() == 12


def test_a_transposed_convolution_is_turned_group_by_group():
    part = nn.ConvTranspose2d(4, 6, 3, groups=2)
    graph = graph_from_torch(nn.Sequential(part), torch.randn(1, 4, 5, 5))
    kernel = part.weight.detach().abs().sum((2, 3))
    expected = torch.block_diag(kernel[:2], kernel[2:])
    np.testing.assert_allclose(whole(graph)["input", "0"], expected, rtol=1e-6)


def test_what_the_data_decide_is_refused_with_the_place():
    def branches(self, x):
        return self.first(x) if x.sum() > 0 else self.second(x)

    with pytest.raises(ProbatumError, match=r"Function decides by its data .*x.sum\(\) > 0.* torch.where"):
        edges_of(branches)
    with pytest.raises(ProbatumError, match=r"(?s)index.*depends on the data"):
        edges_of(lambda self, x: self.second(x[x > 0][:4].view(1, -1).expand(1, 4)))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda self, x: self.part(x)[0], r"aten.lstm.input at 'part': recurrent layers .* measure the parts"),
        (
            lambda self, x: torch.fft.rfft(self.first(x)).abs(),
            r"aten._fft_r2c.default at .*: there is no rule for it; replace",
        ),
        (lambda self, x: self.first(x).topk(2).values, r"aten.topk.default at '.*': what it gives depends on the data"),
        (lambda self, x: F.linear(x, self.first(x).mT @ x), r"its weight is computed from the model's input"),
        (
            lambda self, x: self.first(x[:, :3]),
            r"Function could not be traced .* shape \(1, 4\): .* \[1, 3\] X \[4, 4\]",
        ),
    ],
)
def test_operators_without_a_rule_are_named(function, message):
    with pytest.raises(ProbatumError, match=message):
        edges_of(function, part=nn.LSTM(4, 4))


def test_weights_that_are_not_finite_are_named():
    model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    model[2].weight.data[0, 0] = float("nan")
    with pytest.raises(ValueError, match=r"'2.weight' from '0' to '2': 1 of 6"):
        graph_from_torch(model, torch.randn(1, 4))


def test_models_with_several_inputs_and_outputs():
    class Joined(nn.Module):
        def __init__(self):
            super().__init__()
            self.picture, self.head = nn.Conv2d(3, 4, 3), nn.Linear(6, 2)

        def forward(self, picture, facts):
            seen = self.picture(picture).mean((2, 3))
            return self.head(torch.cat([seen, facts], 1)), {"seen": seen}

    graph = graph_from_torch(Joined(), (torch.randn(1, 3, 8, 8), torch.randn(1, 2)))
    assert [(layer.name, layer.units) for layer in graph.layers if layer.kind == "input"] == [
        ("picture", 3),
        ("facts", 2),
    ]
    assert graph.concatenations[0].parts == (("picture (2)", 0, 4), ("facts", 0, 2))


def test_nothing_is_said_on_the_way(capfd):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with pytest.raises(ProbatumError):
            edges_of(lambda self, x: x if x.sum() > 0 else -x)
    out, err = capfd.readouterr()
    assert (out, err, [str(one.message) for one in caught]) == ("", "", [])
