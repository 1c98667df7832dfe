import os
from pathlib import Path

import numpy as np
import pytest

from probatum.datasets.squeezenet_weights import load_squeezenet
from probatum.errors import CannotRun, ProbatumError
from probatum.networks.load_network import load_network
from probatum.networks.squeezenet import INPUT_SHAPE, squeezenet11
from probatum.structure.banding import banding

FILE = Path(os.environ.get("PROBATUM_SHARED") or "../shared/data") / "squeezenet11_imagenet.npz"


@pytest.fixture(scope="module")
def weights():
    if not FILE.is_file():
        pytest.skip("squeezenet11_imagenet.npz is not here")
    return load_squeezenet(FILE)


def test_weights_are_those_of_the_reference(weights):
    assert sum(array.size for array in weights.values()) == 1_235_496
    assert banding(weights["fire9.expand3x3.weight"], seed=0).b == pytest.approx(0.61, abs=0.01)


def test_it_computes_scores_and_keeps_torchs_random_state(weights):
    torch = pytest.importorskip("torch")
    before = torch.random.get_rng_state()
    network = squeezenet11(weights)
    assert torch.equal(before, torch.random.get_rng_state())
    with torch.no_grad():
        scores = network(torch.zeros(INPUT_SHAPE))
    assert scores.shape == (1, 1000)
    assert not network.training
    name = "fire5.expand1x1.weight"
    assert np.array_equal(network.state_dict()[name].numpy(), weights[name])


def test_a_wrong_tensor_is_named(weights):
    pytest.importorskip("torch")
    broken = dict(weights)
    broken["fire4.squeeze1x1.weight"] = np.zeros((32, 64, 1, 1), np.float32)
    with pytest.raises(ProbatumError, match=r"'fire4.squeeze1x1.weight' has shape \(32, 128, 1, 1\); found \(32, 64"):
        squeezenet11(broken)
    del broken["fire4.squeeze1x1.weight"]
    with pytest.raises(ProbatumError, match=r"fire4.squeeze1x1.weight.* found nothing"):
        squeezenet11(broken)
    with pytest.raises(ProbatumError, match=r"'conv11.weight' has shape nothing; found \(1,\)"):
        squeezenet11(weights | {"conv11.weight": np.zeros(1, np.float32)})


def test_no_weights_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.delenv("PROBATUM_SQUEEZENET", raising=False)
    monkeypatch.setenv("PROBATUM_SHARED", str(tmp_path / "nothing"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(CannotRun, match=r"looked for .*nothing/squeezenet11_imagenet.npz.*PROBATUM_SQUEEZENET"):
        load_squeezenet()


def test_another_file_is_named(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.ones(3))
    with pytest.raises(ProbatumError, match=r"other.npz: 1 tensors, 52 of SqueezeNet"):
        load_squeezenet(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("no arrays")
    with pytest.raises(ProbatumError, match=r"text.npz: not an npz file"):
        load_squeezenet(tmp_path / "text.npz")


def test_a_file_of_its_weights_is_known_by_its_names(weights):
    pytest.importorskip("torch")
    network = load_network(str(FILE))
    assert (len(network.graph.layers), len(network.graph.concatenations)) == (27, 8)
    assert network.input_shape == INPUT_SHAPE
    assert np.array_equal(network.graph.layer("fire9.expand3x3").weights, weights["fire9.expand3x3.weight"])
    (block,) = [block for block in network.graph.blocks if block.target == "fire9.squeeze1x1" and block.slot == 256]
    assert block.source == "fire8.expand3x3"
    expected = np.abs(weights["fire9.squeeze1x1.weight"][:, 256:, 0, 0]).T
    assert np.array_equal(block.weights, expected)
