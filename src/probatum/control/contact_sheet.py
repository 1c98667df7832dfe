"""An episode on one picture: some of its frames, each with the foreseen success, and its course over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from probatum.control.film import Film
from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.control.rollouts import Rollouts

COLUMNS = 6
GAP = 4  # pixels between frames
EDGE = (200, 200, 200)  # a line around each frame: some environments draw on white


def draw_contact_sheet(rollouts: Rollouts, ax: Any, *, episode: int = 0, frames: int = 12) -> Any:
    """Draw frames of a filmed episode, equally far apart in time from its start to its end, on a matplotlib axis.

    Each bears its step and the classifier's logit there. `episode` counts the filmed ones from 0. Raises
    `ProbatumError` where that episode was not filmed.
    """
    film, scores = _filmed(rollouts, episode), rollouts.scores[episode]
    chosen = np.unique(np.linspace(0, len(film.frames) - 1, min(frames, len(film.frames))).round().astype(int))
    sheet, places = _side_by_side(film.frames[chosen])
    ax.imshow(sheet)
    size = 8.5 if film.frames.shape[2] >= 200 or len(chosen) <= COLUMNS else 7.5
    for (left, top), step in zip(places, film.steps[chosen].tolist(), strict=True):
        words = f"step {step}" + ("" if np.isnan(scores[step]) else f": {scores[step]:+.1f}")
        ax.text(left, top - 1, words, fontsize=size, verticalalignment="bottom")
    ax.set_axis_off()
    ax.set_title(_title(rollouts, episode), fontsize=10, loc="left", pad=14)
    return ax


def write_contact_sheet(path: str | Path, rollouts: Rollouts, *, episode: int = 0, frames: int = 12) -> None:
    """Write the contact sheet of a filmed episode, with the logit over time below the frames, as a PNG.

    Raises `ProbatumError` where that episode was not filmed or the file cannot be written; `MissingExtra` without
    matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtra("plot", "matplotlib") from error
    film = _filmed(rollouts, episode)
    rows = -(-min(frames, len(film.frames)) // COLUMNS)
    shape = film.frames.shape[1] / film.frames.shape[2]
    with_curve = not np.isnan(rollouts.scores[episode]).all()
    heights = [2.0 * rows * shape + 0.3, 1.6][: 1 + with_curve]
    figure = Figure(figsize=(12, sum(heights) + 0.6), layout="constrained", facecolor="white")
    axes = np.atleast_1d(figure.subplots(len(heights), 1, height_ratios=heights))
    draw_contact_sheet(rollouts, axes[0], episode=episode, frames=frames)
    if with_curve:
        axes[1].plot(rollouts.scores[episode], linewidth=1)
        axes[1].set(xlabel="step", ylabel="foreseen success (logit)", xlim=(0, len(rollouts.scores[episode]) - 1))
    try:
        figure.savefig(path, format="png", dpi=110, metadata={"Software": None})
    except OSError as error:
        raise ProbatumError(f"{path}: the contact sheet cannot be written ({error.strerror or error})") from error


def _filmed(rollouts: Rollouts, episode: int) -> Film:
    if not 0 <= episode < len(rollouts.films):
        raise ProbatumError(
            f"episode {episode} was not filmed ({len(rollouts.films)} were); play with frames={episode + 1} or more"
        )
    return rollouts.films[episode]


def _side_by_side(frames: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.uint8], list[tuple[int, int]]]:
    """One picture of all frames, with room for words above each; and the place of each, (left, top)."""
    count, height, width, _ = frames.shape
    words = max(GAP, width // 7)  # pixels
    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    sheet = np.full((rows * (height + words) + 1, columns * (width + GAP), 3), 255, np.uint8)
    places = []
    for number, frame in enumerate(frames):
        top, left = number // columns * (height + words) + words, number % columns * (width + GAP) + 1
        sheet[top - 1 : top + height + 1, left - 1 : left + width + 1] = EDGE
        sheet[top : top + height, left : left + width] = frame
        places.append((left, top))
    return sheet, places


def _title(rollouts: Rollouts, episode: int) -> str:
    success = {1.0: "success at the end", 0.0: "no success at the end"}.get(float(rollouts.success_end[episode]), "")
    parts = [f"{rollouts.method}, episode {episode + 1}", f"{rollouts.lengths[episode]} steps", success]
    return ", ".join(part for part in parts if part)
