"""A learned policy as a folder of two files: `policy.json` in words, `policy.npz` with the arrays.

Nothing in them is ever executed. A folder is replaced as a whole: whoever is killed while saving leaves the old policy
or the new one, and whoever reads meanwhile gets one of the two.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from probatum.control.learning.actor import Actor, Critic, Layers
from probatum.datasets.npz_files import read_npz
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.control.environments.spaces import Spaces

WORDS, ARRAYS = "policy.json", "policy.npz"
COMING = ".policy.npz.part"  # arrays on their way: they count from the moment that the words name them
FORMAT, VERSION = "probatum policy", 1
FIELDS: dict[str, type] = {
    "method": str,
    "seed": int,
    "spaces": dict,
    "history": dict,
    "settings": dict,
    "environment": dict,
    "warnings": list,
}


def save_policy(
    folder: str | Path,
    *,
    method: str,
    seed: int,
    spaces: Spaces,
    actor: Actor,
    critic: Critic | None,
    history: Mapping[str, npt.ArrayLike],
    settings: Mapping[str, Any],
    environment: Mapping[str, Any],
    warnings: Sequence[str],
) -> None:
    """Write the policy into the folder, which is made where there is none; other files in it stay as they are.

    `history`: columns of equal length. `settings`, `environment`: what JSON can say (and numpy's numbers). The same
    policy gives the same bytes. Raises `ProbatumError` where the folder cannot be written, a column is longer than
    another, or a setting cannot be written as JSON.
    """
    data = _packed(_arrays(actor, critic))
    words = {
        "format": FORMAT,
        "version": VERSION,
        "method": method,
        "seed": int(seed),
        "arrays": {"file": ARRAYS, "sha256": hashlib.sha256(data).hexdigest()},
        "actor": {"layers": len(actor.weights), "discrete": actor.discrete},
        "critic": None if critic is None else {"layers": len(critic.weights)},
        "spaces": spaces.to_dict(),
        "environment": dict(environment),
        "settings": dict(settings),
        "warnings": list(warnings),
        "history": _as_words(history),
    }
    try:
        text = json.dumps(words, indent=1, ensure_ascii=False, allow_nan=False, default=_plain) + "\n"
    except (TypeError, ValueError) as error:
        raise ProbatumError(f"{folder}: the policy's settings cannot be written as JSON ({error})") from error
    _write(Path(folder), data, text.encode())


def read_policy(folder: str | Path) -> dict[str, Any]:
    """Return what `save_policy` was given: its keyword arguments by name.

    Raises `ProbatumError` for a folder that is missing, holds no policy, one of a newer format, or a damaged one.
    """
    from probatum.control.environments.spaces import Spaces

    place = Path(folder)
    words = _read_words(place)
    arrays = read_npz(_named_arrays(place, words))
    try:
        return {
            "method": words["method"],
            "seed": words["seed"],
            "spaces": (spaces := Spaces.from_dict(words["spaces"])),
            "actor": (actor := _actor(words["actor"], arrays)),
            "critic": _fitting(spaces, actor, _critic(words["critic"], arrays)),
            "history": _as_columns(words["history"]),
            "settings": words["settings"],
            "environment": words["environment"],
            "warnings": tuple(str(warning) for warning in words["warnings"]),
        }
    except ProbatumError as error:
        raise ProbatumError(f"{place}: the policy is damaged: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        said = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise ProbatumError(f"{place / WORDS}: the policy is damaged: {said}") from error


def _write(folder: Path, data: bytes, text: bytes) -> None:
    """The replacement of the words is the moment at which the new policy holds; see `_named_arrays`."""
    coming, half = folder / COMING, folder / f".{WORDS}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for place, content in ((coming, data), (half, text)):
            with place.open("wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
        half.replace(folder / WORDS)
        coming.replace(folder / ARRAYS)
    except OSError as error:
        raise ProbatumError(f"{folder}: the policy cannot be written ({error.strerror or error})") from error


def _read_words(folder: Path) -> dict[str, Any]:
    place = folder / WORDS
    try:
        words = json.loads(place.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise ProbatumError(f"{folder}: {_what_is_there(folder)}") from None
    except OSError as error:
        raise ProbatumError(f"{place}: it cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ProbatumError(f"{place}: the policy is damaged: no JSON ({error})") from error
    if not isinstance(words, dict) or words.get("format") != FORMAT:
        raise ProbatumError(f"{place}: this JSON is no policy; 'format' would be {FORMAT!r}")
    if words.get("version") != VERSION:
        raise ProbatumError(
            f"{place}: format version {words.get('version')!r}, and this Probatum reads version {VERSION}; "
            "a newer one may have written it"
        )
    for name, kind in FIELDS.items():
        if not isinstance(words.get(name), kind) or isinstance(words[name], bool):
            raise ProbatumError(f"{place}: the policy is damaged: {name!r} is missing or no {kind.__name__}")
    return words


def _what_is_there(folder: Path) -> str:
    if not folder.exists():
        return "there is no such folder"
    if not folder.is_dir():
        return "it is a file; give the folder that 'probatum learn --out' wrote"
    if (folder / "checkpoint").exists():
        return f"the training has not ended (a checkpoint, but no {WORDS}); 'probatum learn --resume' goes on with it"
    inside = sorted(place.parent.name for place in folder.glob(f"*/{WORDS}"))
    if inside:
        named = ", ".join(inside[:5]) + (" …" if len(inside) > 5 else "")
        return f"it holds the folders of {len(inside)} policies ({named}): give one, {folder / inside[0]}"
    return f"it holds no policy ({WORDS} is missing); 'probatum learn --out' writes one"


def _named_arrays(folder: Path, words: Mapping[str, Any]) -> Path:
    """The file with the arrays that the words mean.

    It bears its last name, or, where the saving ended between its two renamings, still the one on its way. The last
    name is tried again, since another process may just have finished.
    """
    wanted = words["arrays"].get("sha256") if isinstance(words.get("arrays"), dict) else None
    for name in (ARRAYS, COMING, ARRAYS):
        try:
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        except OSError:
            continue
        if found == wanted:
            return folder / name
    if not (folder / ARRAYS).is_file():
        raise ProbatumError(f"{folder / ARRAYS}: the policy is damaged: this file is missing")
    raise ProbatumError(f"{folder / ARRAYS}: the policy is damaged: it is not the file that {WORDS} names (SHA-256)")


def _arrays(actor: Actor, critic: Critic | None) -> dict[str, npt.NDArray[np.float32]]:
    named: dict[str, npt.NDArray[np.float32]] = {}
    for name, network in (("actor", actor), ("critic", critic)):
        if network is not None:
            named |= {f"{name}.mean": network.mean, f"{name}.scale": network.scale}
            for number, (weight, bias) in enumerate(network.weights):
                named |= {f"{name}.{number}.weight": weight, f"{name}.{number}.bias": bias}
    return named


def _packed(arrays: Mapping[str, npt.NDArray[np.float32]]) -> bytes:
    stream = BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)  # numpy writes no time of day into it
    return stream.getvalue()


def _actor(words: Mapping[str, Any], arrays: Mapping[str, Any]) -> Actor:
    if not isinstance(words["discrete"], bool):
        raise TypeError(f"'discrete' is {words['discrete']!r}; true or false would be right")
    return Actor(_layers("actor", words, arrays), arrays["actor.mean"], arrays["actor.scale"], words["discrete"])


def _critic(words: Mapping[str, Any] | None, arrays: Mapping[str, Any]) -> Critic | None:
    if words is None:
        return None
    return Critic(_layers("critic", words, arrays), arrays["critic.mean"], arrays["critic.scale"])


def _layers(name: str, words: Mapping[str, Any], arrays: Mapping[str, Any]) -> Layers:
    if not isinstance(words["layers"], int) or not 0 < words["layers"] <= len(arrays):
        raise ValueError(f"{words['layers']!r} layers of the {name}, with {len(arrays)} arrays in {ARRAYS}")
    return tuple((arrays[f"{name}.{n}.weight"], arrays[f"{name}.{n}.bias"]) for n in range(words["layers"]))


def _fitting(spaces: Spaces, actor: Actor, critic: Critic | None) -> Critic | None:
    wanted = (spaces.observation, spaces.action)
    for name, network in (("actor", actor), ("critic", critic)):
        if network is not None and (found := (len(network.mean), network.action)) != wanted:
            raise ValueError(f"the {name} is for observations and actions of sizes {found}, the spaces are of {wanted}")
    if actor.discrete != spaces.discrete:
        raise ValueError(f"'discrete' is {actor.discrete} for the actor and {spaces.discrete} for the spaces")
    return critic


def _as_words(history: Mapping[str, npt.ArrayLike]) -> dict[str, list[float | str | None]]:
    columns = {name: np.asarray(column, np.float64).tolist() for name, column in history.items()}
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ProbatumError(f"the columns of the history have different lengths: {lengths}")
    return {name: [_word(value) for value in column] for name, column in columns.items()}


def _word(value: float) -> float | str | None:
    """JSON has no word for NaN (null here) and the infinities (strings)."""
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else str(value)


def _as_columns(history: Mapping[str, Sequence[float | str | None]]) -> dict[str, npt.NDArray[np.float64]]:
    columns = {
        name: np.array([math.nan if value is None else float(value) for value in column], np.float64)
        for name, column in history.items()
    }
    if len({len(column) for column in columns.values()}) > 1:
        raise ValueError("the columns of the history have different lengths")
    return columns


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{value!r} of type {type(value).__name__}")
