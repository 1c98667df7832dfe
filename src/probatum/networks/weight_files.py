"""The tensors of a weight file by name, without running anything that stands in the file."""

from __future__ import annotations

import itertools
import pickle
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.datasets.npz_files import read_npz
from probatum.errors import MissingExtra, ProbatumError

Arrays = dict[str, npt.NDArray[Any]]

NESTED = ("state_dict", "model_state_dict", "model", "weights")  # where training scripts put the state dict
ENDINGS = (".npz", ".safetensors", ".pt", ".pth")
MOST_PARTS = 6  # top-level parts of a network whose order is looked for: 720 orders


def read_weights(path: str | Path) -> Arrays:
    """Return the tensors of an npz, safetensors or torch state dict file by name.

    State dicts and npz files keep the order of saving; safetensors files do not, so theirs is by name, numbers
    counted. Raises `ProbatumError` for other endings, and for files that are missing, truncated or pickles of anything
    but tensors; `MissingExtra` without the package for the format.
    """
    file = Path(path)
    if not file.is_file():
        raise ProbatumError(f"{file}: there is no such file")
    ending = file.suffix.lower()
    if ending == ".npz":
        return read_npz(file)
    if ending == ".safetensors":
        return _read_safetensors(file)
    if ending in (".pt", ".pth"):
        return _read_state_dict(file)
    raise ProbatumError(f"{file}: weights are read from {', '.join(ENDINGS)}")


def orders(arrays: Mapping[str, Any]) -> Iterator[list[str]]:
    """Yield orders of the names in which a network might use them, all by name first.

    The others change the order of the parts that stand first in the names ("features" before "classifier").
    """
    names = sorted(arrays, key=_by_module)
    yield names
    shared = _shared_parts(names)
    parts: dict[str, list[str]] = {}
    for name in names:
        parts.setdefault(".".join(name.split(".")[: shared + 1]), []).append(name)
    if 1 < len(parts) <= MOST_PARTS:
        for order in itertools.islice(itertools.permutations(parts.values()), 1, None):
            yield list(itertools.chain.from_iterable(order))


def _shared_parts(names: list[str]) -> int:
    """How many leading parts all names share; the last part of a name (weight, bias) never counts."""
    split = [name.split(".")[:-1] for name in names]
    columns = itertools.takewhile(lambda column: len(set(column)) == 1, zip(*split, strict=False))
    return sum(1 for _ in columns)


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Key that puts `layers.2` before `layers.10`."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)|\.", name) if part]


def _by_module(name: str) -> tuple[Any, ...]:
    """Key that puts a module's weight before its bias and its other tensors."""
    module, _, tensor = name.rpartition(".")
    return _natural(module), tensor not in ("weight", "kernel"), _natural(tensor)


def _read_safetensors(file: Path) -> Arrays:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError as error:
        raise MissingExtra("structure", "safetensors") from error
    try:
        with safe_open(file, framework="numpy") as tensors:
            names = sorted(tensors.keys(), key=_by_module)
            rare = [name for name in names if tensors.get_slice(name).get_dtype().startswith(("BF", "F8", "F4"))]
            plain = {name: tensors.get_tensor(name) for name in names if name not in rare}
        through_torch = _through_torch(file, rare)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise ProbatumError(f"{file}: not a safetensors file, or truncated ({error})") from error
    return {name: through_torch[name] if name in through_torch else plain[name] for name in names}


def _through_torch(file: Path, names: list[str]) -> Arrays:
    """Numpy has no bfloat16; torch has."""
    if not names:
        return {}
    try:
        import torch  # noqa: F401
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    from safetensors import safe_open

    with safe_open(file, framework="pt") as tensors:
        return {name: tensors.get_tensor(name).float().numpy() for name in names}


def _read_state_dict(file: Path) -> Arrays:
    try:
        import torch
    except ImportError as error:
        raise MissingExtra("torch", "torch") from error
    try:
        with file.open("rb") as stream, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns before it raises
            found = torch.load(stream, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise ProbatumError(
            f"{file}: not a state dict of tensors, or truncated. A pickle of a whole module or of other objects can "
            "run code when it is read and is refused: save it with torch.save(model.state_dict(), path), or give the "
            f"model as package.module:function ({_reason(error)})"
        ) from error
    return {name: _numpy(value) for name, value in _state_dict(found, file).items()}


def _state_dict(found: Any, file: Path) -> dict[str, Any]:
    """Find the mapping of names to tensors, also one step further in."""
    import torch

    candidates = [found] + [found[key] for key in NESTED if isinstance(found, dict) and key in found]
    for candidate in candidates:
        if isinstance(candidate, dict):
            tensors = {name: value for name, value in candidate.items() if isinstance(value, torch.Tensor)}
            if tensors and len(tensors) == len(candidate):
                return tensors
    kind = f"a dict of {', '.join(map(repr, list(found)[:8]))}" if isinstance(found, dict) else type(found).__name__
    raise ProbatumError(f"{file}: holds {kind}, not a state dict: names and tensors")


def _numpy(tensor: Any) -> npt.NDArray[Any]:
    plain = tensor.detach().to_dense() if tensor.is_sparse else tensor.detach()
    array: npt.NDArray[Any] = (plain.float() if plain.is_floating_point() else plain).numpy()
    return np.ascontiguousarray(array)


def _reason(error: Exception) -> str:
    """The word that matters in torch's long messages."""
    text = str(error)
    unsupported = re.search(r"Unsupported (?:global: GLOBAL|class|operand) \S+", text)
    lines = text.splitlines()
    return unsupported.group(0).strip() if unsupported else (lines[0][:100] if lines else type(error).__name__)
