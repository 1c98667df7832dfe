"""Every kind of file a network can come in, whole, damaged and hostile."""

import json
import pickle
import struct
import sys
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from probatum.errors import ProbatumError
from probatum.networks.load_network import load_network
from probatum.networks.weight_files import read_weights

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
safetensors = pytest.importorskip("safetensors.torch")


class Bomb:
    """Leaves a file behind if it is ever unpickled."""

    def __init__(self, mark):
        self.mark = str(mark)

    def __reduce__(self):
        return Path.touch, (Path(self.mark),)


def chain():
    nn = torch.nn
    return nn.Sequential(nn.Conv2d(2, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(36, 3))


def sizes(network):
    return [(layer.name, layer.units) for layer in network.graph.layers]


def dense_onnx(path, *, weight=None, **changes):
    """A model of one dense layer, 3 to 2, with parts replaced."""
    helper, kinds = onnx.helper, onnx.TensorProto
    weight = (
        onnx.numpy_helper.from_array(np.arange(6, dtype=np.float32).reshape(3, 2), "w") if weight is None else weight
    )
    parts = {
        "nodes": [helper.make_node("MatMul", ["x", "w"], ["y"], name="dense")],
        "inputs": [helper.make_tensor_value_info("x", kinds.FLOAT, ["n", 3])],
        "outputs": [helper.make_tensor_value_info("y", kinds.FLOAT, ["a", "b"])],
    } | changes
    graph = helper.make_graph(parts["nodes"], "g", parts["inputs"], parts["outputs"], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    path.write_bytes(model.SerializeToString())
    return path


def test_state_dicts_alone_and_inside_a_checkpoint(tmp_path):
    model = chain()
    torch.save(model.state_dict(), tmp_path / "a.pt")
    torch.save({"epoch": 3, "state_dict": model.state_dict()}, tmp_path / "b.pth")
    one, other = load_network(str(tmp_path / "a.pt")), load_network(str(tmp_path / "b.pth"))
    assert sizes(one) == sizes(other) == [("input", 2), ("0", 4), ("4", 3)]
    assert (one.name, one.model, len(one.sha256)) == ("a", None, 64)
    assert one.sha256 != other.sha256
    assert one.graph.blocks[1].area == 9


def test_safetensors_are_put_in_order(tmp_path):
    """The format sorts tensors by name: 10 before 2, bias before weight, classifier before features."""
    widths = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]
    tensors = {}
    for number, (before, after) in enumerate(pairwise(widths)):
        tensors[f"features.{number}.weight"] = torch.randn(after, before)
        tensors[f"features.{number}.bias"] = torch.randn(after)
    tensors["classifier.weight"] = torch.randn(2, 14).bfloat16()
    safetensors.save_file(tensors, tmp_path / "a.safetensors")
    network = load_network(str(tmp_path / "a.safetensors"))
    assert [layer.units for layer in network.graph.layers] == [*widths, 2]
    last = tensors["classifier.weight"].float().abs().T.numpy()
    assert np.array_equal(network.graph.blocks[-1].weights, last)


@pytest.mark.parametrize("transposed", [False, True])
def test_plain_matrices_are_read_the_way_they_fit(tmp_path, transposed):
    matrices = [np.ones((4, 3)), np.ones((2, 4))]
    np.savez(tmp_path / "a.npz", *[matrix.T if transposed else matrix for matrix in matrices])
    assert [units for _, units in sizes(load_network(str(tmp_path / "a.npz")))] == [3, 4, 2]


def test_onnx(tmp_path):
    network = load_network(str(dense_onnx(tmp_path / "a.onnx")))
    assert [units for _, units in sizes(network)] == [3, 2]
    assert np.array_equal(network.graph.blocks[0].weights, np.arange(6).reshape(3, 2))
    assert (network.input_shape, network.model) == ((1, 3), tmp_path / "a.onnx")


def test_a_function_of_the_users_own(tmp_path, monkeypatch):
    (tmp_path / "my_models.py").write_text(
        "import torch\n"
        "def small():\n    torch.manual_seed(0)\n    return torch.nn.Linear(3, 2)\n"
        "def shaped():\n    return small()\n"
        "shaped.input_shape = (1, 3)\n"
        "def with_inputs():\n    return small(), torch.zeros(1, 3)\n"
        "def wrong():\n    return 7\n"
    )
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    given = load_network("my_models:small", input_shape=(1, 3))
    assert sys.path == before
    for name in ("shaped", "with_inputs"):
        network = load_network(f"my_models:{name}")
        assert [units for _, units in sizes(network)] == [3, 2]
        assert (network.sha256, network.input_shape) == (given.sha256, (1, 3))
        assert isinstance(network.model, torch.nn.Linear)
    for spec, message in {
        "my_models:small": "the shape of its input is not known: .* 1,3,224,224",
        "my_models:wrong": "returned int; a torch.nn.Module is needed",
        "my_models:other": "has no function 'other'; it has .*small",
        "no_such_module:f": "no module 'no_such_module' can be imported",
        "my_models:": "has no function ''",
    }.items():
        with pytest.raises(ProbatumError, match=message):
            load_network(spec)
    sys.modules.pop("my_models", None)


@pytest.mark.parametrize("name", ["a.npz", "a.safetensors", "a.pt", "a.onnx"])
@pytest.mark.parametrize("kept", [0, 8, 0.5, 0.97])
def test_truncated_files_are_named(tmp_path, name, kept):
    file = tmp_path / name
    state = {key: value for key, value in chain().state_dict().items() if value.ndim}
    if name == "a.npz":
        np.savez(file, **{key: value.numpy() for key, value in state.items()})
    elif name == "a.safetensors":
        safetensors.save_file(state, file)
    elif name == "a.pt":
        torch.save(state, file)
    else:
        dense_onnx(file)
    whole = file.read_bytes()
    file.write_bytes(whole[: kept if isinstance(kept, int) else int(kept * len(whole))])
    with pytest.raises(ProbatumError, match=f"{name}: not a"):
        load_network(str(file))


@pytest.mark.parametrize("name", ["a.npz", "a.safetensors", "a.pt", "a.onnx", "a.txt", "a.pkl"])
def test_missing_and_unknown_files_are_named(tmp_path, name):
    messages = {"a.txt": r"give a file ending in .onnx, .npz", "a.pkl": "a pickle can run code .* refused"}
    with pytest.raises(ProbatumError, match=messages.get(name, "there is no such file")):
        load_network(str(tmp_path / name))


@pytest.mark.parametrize("ending", ["pt", "pth", "npz", "pkl", "joblib"])
def test_no_pickle_is_run(tmp_path, ending):
    mark, file = tmp_path / "mark", tmp_path / f"bomb.{ending}"
    if ending == "npz":
        np.savez(file, a=np.array([Bomb(mark)], dtype=object))
    elif ending == "pt":
        torch.save({"a": Bomb(mark)}, file)
    else:
        file.write_bytes(pickle.dumps({"a": Bomb(mark)}))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with pytest.raises(ProbatumError, match=r"refused|not read"):
            load_network(str(file))
    assert not mark.exists()
    pickle.loads(pickle.dumps(Bomb(mark)))
    assert mark.exists()  # the bomb works


def test_whole_modules_and_scripts_are_refused_with_what_to_do(tmp_path):
    torch.save(chain(), tmp_path / "module.pt")
    with pytest.raises(ProbatumError, match=r"state_dict\(\).*GLOBAL torch.nn.modules.container.Sequential"):
        load_network(str(tmp_path / "module.pt"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2)).save(tmp_path / "script.pt")
    with pytest.raises(ProbatumError, match=r"state_dict\(\).*TorchScript"):
        load_network(str(tmp_path / "script.pt"))
    torch.save([torch.ones(2)], tmp_path / "list.pt")
    with pytest.raises(ProbatumError, match="holds list, not a state dict"):
        load_network(str(tmp_path / "list.pt"))
    torch.save({"epoch": 1}, tmp_path / "dict.pt")
    with pytest.raises(ProbatumError, match="holds a dict of 'epoch', not a state dict"):
        load_network(str(tmp_path / "dict.pt"))


def test_a_safetensors_header_that_lies(tmp_path):
    header = json.dumps({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}).encode()
    (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
    with pytest.raises(ProbatumError, match=r"a.safetensors: not a safetensors file, or truncated"):
        load_network(str(tmp_path / "a.safetensors"))


def external(location, *, offset=0, length=24):
    tensor = onnx.TensorProto(name="w", data_type=onnx.TensorProto.FLOAT, dims=[3, 2])
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, "offset": str(offset), "length": str(length)}.items():
        tensor.external_data.add(key=key, value=value)
    return tensor


def test_weights_beside_the_model_are_read(tmp_path):
    (tmp_path / "w.bin").write_bytes(b"1234" + np.arange(6, dtype=np.float32).tobytes())
    dense_onnx(tmp_path / "a.onnx", weight=external("w.bin", offset=4))
    network = load_network(str(tmp_path / "a.onnx"))
    assert np.array_equal(network.graph.blocks[0].weights, np.arange(6).reshape(3, 2))


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("../secret.bin", "outside the model's folder, which is refused"),
        ("{folder}/secret.bin", "outside the model's folder, which is refused"),
        ("link.bin", "outside the model's folder, which is refused"),
        ("", "outside the model's folder"),
        ("none.bin", "'none.bin', which is not there"),
        ("short.bin", "bytes 0 to 24, but it has 8: truncated"),
    ],
)
def test_weights_elsewhere_are_refused(tmp_path, location, message):
    (tmp_path / "model").mkdir()
    (tmp_path / "secret.bin").write_bytes(bytes(24))
    (tmp_path / "model" / "short.bin").write_bytes(bytes(8))
    (tmp_path / "model" / "link.bin").symlink_to(tmp_path / "secret.bin")
    file = dense_onnx(tmp_path / "model" / "a.onnx", weight=external(location.format(folder=tmp_path)))
    with pytest.raises(ProbatumError, match=message):
        load_network(str(file))


@pytest.mark.parametrize("ending", ["npz", "onnx", "pt"])
def test_weights_that_are_no_numbers_are_named(tmp_path, ending):
    bad = np.array([[1, np.nan], [1, 1], [np.inf, 1]], np.float32)
    file = tmp_path / f"a.{ending}"
    if ending == "npz":
        np.savez(file, w=bad)
    elif ending == "pt":
        torch.save({"w": torch.tensor(bad)}, file)
    else:
        dense_onnx(file, weight=onnx.numpy_helper.from_array(bad, "w"))
    with pytest.raises(ProbatumError, match=r"'w.*2 of 6 are NaN or infinite"):
        load_network(str(file))


def test_sizes_that_are_wrong_or_open(tmp_path):
    inputs = [onnx.helper.make_tensor_value_info("x", 1, ["n", "places", 3])]
    file = str(dense_onnx(tmp_path / "a.onnx", inputs=inputs))
    with pytest.raises(ProbatumError, match=r"axis 1 of input 'x' \(places\) is open"):
        load_network(file)
    assert load_network(file, input_shape=(1, 7, 3)).input_shape == (1, 7, 3)
    with pytest.raises(ProbatumError, match=r"input 'x' has shape \['n', 'places', 3\], not \(1, 7, 4\)"):
        load_network(file, input_shape=(1, 7, 4))
    with pytest.raises(ValueError, match="with a batch of one"):
        load_network(file, input_shape=(2, 7, 3))
    fixed = dense_onnx(tmp_path / "b.onnx", inputs=[onnx.helper.make_tensor_value_info("x", 1, [8, 3])])
    with pytest.raises(ProbatumError, match="a fixed batch of 8"):
        load_network(str(fixed))
    narrow = dense_onnx(tmp_path / "c.onnx", inputs=[onnx.helper.make_tensor_value_info("x", 1, ["n", 4])])
    with pytest.raises(ProbatumError, match="MatMul at 'dense': its shapes do not fit"):
        load_network(str(narrow))


def test_unknown_endings_of_weights(tmp_path):
    (tmp_path / "a.h5").touch()
    with pytest.raises(ProbatumError, match=r"weights are read from .npz, .safetensors"):
        read_weights(tmp_path / "a.h5")
