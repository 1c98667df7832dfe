import gzip
import io
import struct
import tarfile

import numpy as np
import pytest

from probatum.datasets import load_cifar10, load_fashion_mnist
from probatum.datasets.fashion_mnist import DEBIAN
from probatum.errors import CannotRun

IDX = {
    "train-images-idx3-ubyte.gz": np.arange(3 * 4 * 4, dtype=np.uint8).reshape(3, 4, 4),
    "train-labels-idx1-ubyte.gz": np.array([2, 0, 1], np.uint8),
    "t10k-images-idx3-ubyte.gz": np.arange(2 * 4 * 4, dtype=np.uint8).reshape(2, 4, 4),
    "t10k-labels-idx1-ubyte.gz": np.array([1, 1], np.uint8),
}


def idx(array):
    return struct.pack(f">{1 + array.ndim}I", 0x0800 + array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def idx_folder(tmp_path):
    for name, array in IDX.items():
        (tmp_path / name).write_bytes(gzip.compress(idx(array)))
    return tmp_path


def test_idx_files_are_read(idx_folder, monkeypatch):
    monkeypatch.setenv("PROBATUM_FASHION_MNIST", str(idx_folder))
    images = load_fashion_mnist()
    assert np.array_equal(images.train_x[..., 0], IDX["train-images-idx3-ubyte.gz"])
    assert images.test_y.tolist() == [1, 1]


def test_missing_folder_says_how_to_get_it(tmp_path):
    with pytest.raises(CannotRun, match=r"no file .*train-images.*dataset-fashion-mnist.*PROBATUM_FASHION_MNIST"):
        load_fashion_mnist(tmp_path)


@pytest.mark.parametrize(
    "raw",
    [
        b"not gzip",
        gzip.compress(b""),
        gzip.compress(idx(IDX["train-images-idx3-ubyte.gz"])[:-1]),
        gzip.compress(idx(IDX["train-labels-idx1-ubyte.gz"])),
        gzip.compress(idx(IDX["train-images-idx3-ubyte.gz"]))[:-12],
    ],
    ids=["no gzip", "empty", "a byte short", "labels", "truncated"],  # gzip holds the time of day
)
def test_damaged_idx_is_named(idx_folder, raw):
    (idx_folder / "train-images-idx3-ubyte.gz").write_bytes(raw)
    with pytest.raises(ValueError, match="train-images-idx3-ubyte"):
        load_fashion_mnist(idx_folder)


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="Debian's dataset-fashion-mnist is not installed")
def test_debians_fashion_mnist_is_the_real_one():
    images = load_fashion_mnist(DEBIAN)
    assert images.train_x.shape == (60_000, 28, 28, 1)
    assert np.bincount(images.test_y).tolist() == [1000] * 10
    assert images.train_x.mean() == pytest.approx(72.94, abs=0.01)


PIXEL = [1 + plane * 1024 + 3 * 32 + 5 for plane in range(3)]  # row 3, column 5 in a record


def records(seed):
    some = np.zeros((10_000, 3073), np.uint8)  # mostly zeros, so that packing them is quick
    some[:, [0, *PIXEL]] = np.random.default_rng(seed).integers(0, 10, (10_000, 4), dtype=np.uint8)
    return some


def binary_archive(path, batches):
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, raw in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
    return path


def test_binary_archive_is_read(tmp_path, monkeypatch):
    same = records(0)
    batches = dict.fromkeys([f"data_batch_{n}.bin" for n in range(1, 6)], same.tobytes())
    path = binary_archive(tmp_path / "cifar-10-binary.tar.gz", batches | {"test_batch.bin": same.tobytes()})
    monkeypatch.delenv("PROBATUM_CIFAR10", raising=False)
    monkeypatch.setenv("PROBATUM_SHARED", str(tmp_path))
    images = load_cifar10()
    assert images.train_x.shape == (50_000, 32, 32, 3)
    assert images.test_y.tolist() == same[:, 0].tolist()
    assert images.test_x[7, 3, 5].tolist() == same[7, PIXEL].tolist()
    with pytest.raises(ValueError, match=r"not the official cifar-10-binary.tar.gz"):
        load_cifar10(binary_archive(path, {"test_batch.bin": b"short"}))


def jpeg_npz(path, size=(32, 32)):
    image = pytest.importorskip("PIL.Image")
    raw = []
    for grey in (40, 200):
        stream = io.BytesIO()
        image.new("RGB", size, (grey, grey, grey)).save(stream, "JPEG")
        raw.append(stream.getvalue())
    part = {
        "jpeg": np.frombuffer(b"".join(raw), np.uint8),
        "offsets": np.cumsum([0, *map(len, raw)]),
        "labels": np.array([3, 9], np.uint8),
    }
    np.savez(path, **{f"{half}_{key}": value for half in ("train", "test") for key, value in part.items()})
    return path


def test_jpegs_are_decoded(tmp_path, monkeypatch):
    monkeypatch.setenv("PROBATUM_CIFAR10", str(jpeg_npz(tmp_path / "some.npz")))
    images = load_cifar10()
    assert images.train_x[:, 16, 16, 0].tolist() == pytest.approx([40, 200], abs=2)
    assert images.train_y.tolist() == [3, 9]


def test_wrong_npz_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"big.npz: not an npz .* 40 by 32, not 32 by 32"):
        load_cifar10(jpeg_npz(tmp_path / "big.npz", size=(40, 32)))
    np.savez(tmp_path / "objects.npz", train_jpeg=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match=r"objects.npz: not an npz"):
        load_cifar10(tmp_path / "objects.npz")


def test_no_cifar_says_where_it_looked(tmp_path, monkeypatch):
    monkeypatch.delenv("PROBATUM_CIFAR10", raising=False)
    monkeypatch.setenv("PROBATUM_SHARED", str(tmp_path / "nothing"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(CannotRun, match=r"looked for .*nothing/cifar-10-binary.tar.gz.*PROBATUM_CIFAR10"):
        load_cifar10()
