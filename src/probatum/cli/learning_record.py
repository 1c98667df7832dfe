"""What a training was asked to do, kept beside what it has done: whoever resumes it need not say it again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

from probatum.errors import ProbatumError

NAME = "learn.json"
FORMAT, VERSION = "probatum training", 1
OPTIONS = {
    "env": "--env",
    "env_name": "--env-name",
    "env_options": "--env-with",
    "max_episode_steps": "--episode-steps",
    "examples": "--examples",
    "examples_sha256": "the content of --examples",
    "success": "--success",
    "methods": "--method",
    "steps": "--steps",
    "seed": "--seed",
    "seeds": "--seeds",
    "jobs": "--jobs",
    "options": "--with",
}
"""How the command line says what a field of a training says."""
KINDS: dict[str, Any] = {
    "env": str,
    "examples": str,
    "examples_sha256": str | None,
    "steps": int,
    "seed": int,
    "seeds": int,
    "jobs": int,
    "env_name": str | None,
    "env_options": dict,
    "max_episode_steps": int | None,
    "success": str | None,
}


@final
@dataclass(frozen=True, kw_only=True)
class Learning:
    """What was asked for, in plain values.

    `env`, `env_name`, `env_options`, `max_episode_steps`: see `environment_from`. `examples`: a file, as it was
    written, with its SHA-256 (None where it is no file). `success`: `package.module:function`. `options`: for each of
    the `methods` its keyword arguments. The seeds are `seed`, `seed` + 1, and so on, `seeds` of them, shared out among
    `jobs` processes.
    """

    env: str
    examples: str
    examples_sha256: str | None
    methods: tuple[str, ...] = ("rce",)
    steps: int = 20_000
    seed: int = 0
    seeds: int = 1
    jobs: int = 1
    env_name: str | None = None
    env_options: Mapping[str, Any] = field(default_factory=dict)
    max_episode_steps: int | None = None
    success: str | None = None
    options: tuple[Mapping[str, Any], ...] = ({},)

    def all_seeds(self) -> tuple[int, ...]:
        """Return the seeds themselves."""
        return tuple(range(self.seed, self.seed + self.seeds))

    def folder(self, out: Path, method: str) -> Path:
        """Return where a method's policies go: `out` itself if it is the only one."""
        return out if len(self.methods) == 1 else out / method


def digest(source: str) -> str | None:
    """Return the SHA-256 of a file of examples, None where the source is no file (a Minari data set)."""
    path = Path(source)
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None
    except OSError as error:
        raise ProbatumError(f"--examples {source}: it cannot be read ({error.strerror})") from error


def write_record(out: Path, asked: Learning) -> None:
    """Write what was asked into the folder, which is made if there is none; `ProbatumError` if it cannot be written."""
    words = {"format": FORMAT, "version": VERSION, **dataclasses.asdict(asked)}
    half = out / f".{NAME}.part"
    try:
        out.mkdir(parents=True, exist_ok=True)
        half.write_text(json.dumps(words, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        half.replace(out / NAME)
    except OSError as error:
        raise ProbatumError(f"--out {out}: it cannot be written ({error.strerror})") from error


def read_record(out: Path) -> Learning:
    """Read what was asked; `ProbatumError` where the folder holds no training, or a damaged record of one."""
    path = out / NAME
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ProbatumError(
            f"--resume: {out} holds no training ({NAME} is missing); start one without --resume"
        ) from None
    except (OSError, ValueError) as error:
        raise ProbatumError(f"{path}: it cannot be read ({error})") from error
    if not isinstance(words, dict) or words.pop("format", None) != FORMAT or words.pop("version", None) != VERSION:
        raise ProbatumError(f"{path}: this is no record of a training that this Probatum reads")
    try:
        methods = tuple(str(one) for one in words.pop("methods"))
        options = tuple({name: _tupled(value) for name, value in one.items()} for one in words.pop("options"))
        for name, kind in KINDS.items():
            if not isinstance(words[name], kind) or isinstance(words[name], bool):
                raise TypeError(f"{name} is {words[name]!r}")
        words["env_options"] = {name: _tupled(value) for name, value in words["env_options"].items()}
        return Learning(methods=methods, options=options, **words)
    except (KeyError, TypeError, AttributeError) as error:
        raise ProbatumError(f"{path}: the record is damaged ({error})") from error


def refuse_other(recorded: Learning, given: Mapping[str, Any]) -> None:
    """Raise `ProbatumError` where what is given now, by field (None: nothing), is not what the training began with.

    The same where the record names code to be run and the command line does not: a folder may come from elsewhere.
    """
    for name in ("env", "success"):
        if ":" in (named := getattr(recorded, name) or "") and given.get(name) is None:
            raise ProbatumError(
                f"--resume: the training's record names {named!r}, which would run code of that module; if you trust "
                f"it, say so yourself: {OPTIONS[name]} {named}"
            )
    for name, value in given.items():
        was = getattr(recorded, name)
        if value is not None and value != was:
            raise ProbatumError(
                f"--resume: the training began with {OPTIONS[name]} {_shown(was)}, and now it is {_shown(value)}; "
                "leave it out, or start anew in another folder"
            )


def _tupled(value: Any) -> Any:
    """JSON has no tuples, and options are written with them."""
    return tuple(map(_tupled, value)) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
