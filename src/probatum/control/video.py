"""An episode as a clip: its frames one after the other, with the foreseen success drawn below them.

GIF and animated PNG are written by pillow. MP4 is written by the ffmpeg on the user's path, where there is one: a
program of its own, which this package neither brings nor needs.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import suppress
from io import BytesIO
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from probatum.errors import MissingExtra, ProbatumError

if TYPE_CHECKING:
    from probatum.control.rollouts import Rollouts

Frame = npt.NDArray[np.uint8]

STRIP = 0.2  # height of the curve below a frame, as a share of the frame's height
SMALLEST = 192  # pixels of a side: smaller frames are enlarged by a whole number
PAPER, LINE, PAST, NOW = (255, 255, 255), (200, 200, 200), (31, 119, 180), (214, 39, 40)


def write_clip(path: str | Path, rollouts: Rollouts, *, fps: float | None = None) -> None:
    """Write all filmed episodes, one after the other, as one clip: .gif, .png (animated) or .mp4 by the path's ending.

    `fps`: frames a second; None plays at the speed of the environment's own time. Below each frame stands the
    classifier's logit over the episode, drawn up to that moment. Raises `ProbatumError` where nothing was
    filmed, for another ending, for .mp4 without ffmpeg on the path, and where the file cannot be written;
    `MissingExtra` without pillow.
    """
    place = Path(path)
    refuse_clip(place)
    if not rollouts.films:
        raise ProbatumError(f"{place}: no episode was filmed; play with frames=1 or more")
    speed = fps or rollouts.films[0].fps
    if not speed > 0:
        raise ProbatumError(f"{speed} frames a second: give a number above 0")
    ending = place.suffix.lower()
    if ending == ".mp4":
        data = _mp4(_frames(rollouts), speed)
    else:
        data = _animated(_gif_pictures(rollouts) if ending == ".gif" else _pictures(rollouts), speed, ending[1:])
    half = place.with_name(f".{place.name}.part")
    try:
        half.write_bytes(data)
        half.replace(place)
    except OSError as error:
        half.unlink(missing_ok=True)
        raise ProbatumError(f"{place}: the clip cannot be written ({error.strerror or error})") from error


def refuse_clip(path: Path) -> None:
    """Raise, before anything is played, what `write_clip` would raise for this path: its ending, a missing program."""
    ending = path.suffix.lower()
    if ending not in (".gif", ".png", ".mp4"):
        raise ProbatumError(f"{path}: clips are written as .gif, .png (animated) or .mp4")
    if ending == ".mp4" and shutil.which("ffmpeg") is None:
        raise ProbatumError(
            f"{path}: .mp4 is written by the program ffmpeg, which is not on the path; install it, or "
            f"write {path.with_suffix('.gif')} instead"
        )
    _pillow()


def _frames(rollouts: Rollouts) -> Iterator[Frame]:
    """All frames, enlarged where they are tiny, each with its strip; padded below and right to one size."""
    height, width = (max(film.frames.shape[axis] for film in rollouts.films) for axis in (1, 2))
    larger = max(1, -(-SMALLEST // max(height, width)))
    with_strip = not all(np.isnan(scores).all() for scores in rollouts.scores[: len(rollouts.films)])
    for film, scores in zip(rollouts.films, rollouts.scores, strict=False):
        for frame, step in zip(film.frames, film.steps.tolist(), strict=True):
            whole = np.zeros((height, width, 3), np.uint8)
            whole[: frame.shape[0], : frame.shape[1]] = frame
            whole = whole.repeat(larger, axis=0).repeat(larger, axis=1)
            yield np.concatenate([whole, _strip(whole.shape, scores, step)]) if with_strip else whole


def _strip(shape: tuple[int, ...], scores: npt.NDArray[np.float64], step: int) -> Frame:
    width, height = shape[1], max(24, round(shape[0] * STRIP))
    image, draw = _pillow()
    strip = image.new("RGB", (width, height), PAPER)
    pen = draw.Draw(strip)
    low, high = float(np.nanmin(scores)), float(np.nanmax(scores))
    across = np.linspace(3, width - 4, len(scores))
    up = height - 4 - (scores - low) / max(high - low, 1e-9) * (height - 8)
    points = list(zip(across.tolist(), up.tolist(), strict=True))
    pen.line(points, fill=LINE, width=1)
    if step:
        pen.line(points[: step + 1], fill=PAST, width=2)
    x, y = points[step]
    pen.ellipse([x - 3, y - 3, x + 3, y + 3], fill=NOW)
    pen.text((4, 2), f"step {step}: {scores[step]:+.1f}", fill=(60, 60, 60))
    return np.asarray(strip)


def _pictures(rollouts: Rollouts) -> list[Any]:
    image, _ = _pillow()
    return [image.fromarray(frame) for frame in _frames(rollouts)]


def _gif_pictures(rollouts: Rollouts) -> list[Any]:
    """Pictures of 256 colours, the same for all frames: else colours flicker."""
    image, _ = _pillow()
    count = sum(len(film.frames) for film in rollouts.films)
    some = [image.fromarray(frame) for frame in islice(_frames(rollouts), 0, None, max(1, count // 8))]
    sheet = image.new("RGB", (some[0].width, some[0].height * len(some)))
    for number, picture in enumerate(some):
        sheet.paste(picture, (0, number * picture.height))
    palette, plain = sheet.quantize(256), image.Dither.NONE
    return [image.fromarray(frame).quantize(palette=palette, dither=plain) for frame in _frames(rollouts)]


def _animated(pictures: list[Any], fps: float, kind: str) -> bytes:
    stream = BytesIO()
    pause = max(20, round(1000 / fps))  # milliseconds; browsers slow shorter ones down
    first, rest = pictures[0], pictures[1:]
    first.save(stream, format=kind, save_all=True, append_images=rest, duration=pause, loop=0)
    return stream.getvalue()


def _mp4(frames: Iterator[Frame], fps: float) -> bytes:
    """Give the frames to ffmpeg; it writes a file of its own, as an MP4's table of contents is written last."""
    with TemporaryDirectory() as folder:
        made, first = Path(folder) / "clip.mp4", next(frames)
        command = [shutil.which("ffmpeg") or "ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24"]
        command += ["-s", f"{first.shape[1]}x{first.shape[0]}", "-r", f"{fps:g}", "-i", "-", "-an"]
        command += ["-pix_fmt", "yuv420p", "-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2", "-movflags", "+faststart", str(made)]
        with TemporaryFile() as said:
            try:
                with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=said) as running:
                    _feed(running, chain([first], frames))
            except OSError as error:
                raise ProbatumError(f"ffmpeg could not be run ({error}); write a .gif instead") from error
            said.seek(0)
            lines = said.read().decode(errors="replace").strip().splitlines()
        if running.returncode or not made.is_file():
            raise ProbatumError(f"ffmpeg wrote no clip ({lines[-1] if lines else 'no message'}); write a .gif instead")
        return made.read_bytes()


def _feed(running: subprocess.Popen[bytes], frames: Iterable[Frame]) -> None:
    assert running.stdin is not None
    with suppress(BrokenPipeError):  # it ended early, and says why
        for frame in frames:
            running.stdin.write(frame.tobytes())
    with suppress(BrokenPipeError):
        running.stdin.close()


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageDraw
    except ImportError as error:
        raise MissingExtra("plot", "pillow") from error
    return Image, ImageDraw
