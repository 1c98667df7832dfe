"""Examples from a Minari data set: the states in which its episodes succeeded.

Minari, <https://minari.farama.org>: recorded episodes of Gymnasium environments.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.control.environments.spaces import Spaces, observation_reader
from probatum.errors import MissingExtra, ProbatumError

MINARI = "minari:"
SAID = ("success", "is_success", "goal_achieved")


def read_minari(source: str, spaces: Spaces | None) -> npt.NDArray[np.float32]:
    """Return states of success from `minari:NAME`, a data set on this machine, or from its folder.

    If infos carry `success` (or `is_success`, `goal_achieved`), all states with it are taken; if no info of the data
    set does, the last state of each episode. Nothing is downloaded. Raises `ProbatumError` where there is no such data
    set, where it is damaged, and where infos speak of success but none came.
    """
    storage = _storage(source)
    found: list[npt.NDArray[np.float32]] = []
    last: list[npt.NDArray[np.float32]] = []
    spoke, episodes = False, 0
    reader = observation_reader(storage.observation_space)
    for episode in _episodes(storage, source):
        episodes += 1
        length = len(episode["rewards"]) + 1
        states = [reader(_at(episode["observations"], step)) for step in (range(length))]
        last.append(states[-1])
        success = _success(episode.get("infos"), length, source)
        if success is not None:
            spoke = True
            found.extend(states[step] for step in np.flatnonzero(success))
    if not episodes:
        raise ProbatumError(f"{source}: holds no episodes")
    if spoke and not found:
        raise ProbatumError(f"{source}: none of its {episodes} episodes has a state with success")
    return np.stack(found if spoke else last)


def _storage(source: str) -> Any:
    try:
        from minari.dataset.minari_storage import MinariStorage
        from minari.storage.datasets_root_dir import get_dataset_path
    except ImportError as error:
        raise MissingExtra("control", "minari") from error
    folder = get_dataset_path(source.removeprefix(MINARI)) if source.startswith(MINARI) else Path(source)
    inner = folder / "data" if (folder / "data").is_dir() else folder
    if not (inner / "metadata.json").is_file():
        raise ProbatumError(f"{source}: there is no Minari data set in {folder}")
    try:
        return MinariStorage.read(inner)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, json.JSONDecodeError) as error:
        raise ProbatumError(f"{source}: the Minari data set in {folder} cannot be read ({error})") from error


def _episodes(storage: Any, source: str) -> Any:
    try:
        yield from storage.get_episodes(range(storage.total_episodes))
    except (OSError, ValueError, KeyError, TypeError, AssertionError, RuntimeError) as error:
        raise ProbatumError(f"{source}: an episode cannot be read ({error})") from error


def _at(observations: Any, step: int) -> Any:
    if isinstance(observations, Mapping):
        return {name: _at(part, step) for name, part in observations.items()}
    if isinstance(observations, tuple):
        return tuple(_at(part, step) for part in observations)
    return observations[step]


def _success(infos: Any, length: int, source: str) -> npt.NDArray[np.bool_] | None:
    """Whether each of the `length` states is a success; None where the infos do not say."""
    said = next((infos[name] for name in SAID if name in infos), None) if infos else None
    if said is None:
        return None
    flags = np.asarray(said).reshape(-1).astype(np.float64) > 0
    if len(flags) == length - 1:  # infos of steps only, without that of the reset
        return np.concatenate([[False], flags])
    if len(flags) != length:
        raise ProbatumError(f"{source}: {len(flags)} infos about success for {length} states of an episode")
    return flags
