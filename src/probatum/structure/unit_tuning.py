"""What is each unit of a network tuned to? Colour, orientation, frequency, curvature, brightness, by machine.

Labels by hand cannot be had for every network, and whoever gives them sees where a unit stands. Here the units are
shown generated patterns and, if there are any, photographs, as in visual physiology; nothing knows of branches.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from probatum.datasets.stimuli import AXES, Stimuli, arcs, coloured_noise, even_greys, gratings, spots
from probatum.networks.activations import unit_activations
from probatum.networks.layered_graph import LayeredGraph
from probatum.result import Result, axis
from probatum.structure.grey_and_colour import colour_sensitivity
from probatum.structure.input_scale import InputScale, input_scale
from probatum.structure.tuning_scores import SCORES, brightness, centre_surround, curvature, grating_scores

Numbers = npt.NDArray[np.float64]
Positions = Literal["mean", "max"]
Pictures = Mapping[str, tuple[Stimuli, npt.NDArray[np.float32]]]  # kind: what it shows, and the model's inputs
ROUNDING = 1e-5  # of a float32 activation that is a sum of many terms


@dataclass(frozen=True, kw_only=True)
class UnitTuning(Result):
    """Scores of every unit: layer, then name of the score (see `SCORES`), then one number a unit.

    `reliability`: rank correlation between the scores from one half of the pictures and from the other (phases of
    gratings, places of strokes and spots, every other photograph), median over layers. `silent`: share of units, by
    layer, that respond to no generated pattern; their scores are neutral. `photographs`: how many were given.
    """

    scores: Mapping[str, Mapping[str, tuple[float, ...]]]
    reliability: Mapping[str, float]
    silent: Mapping[str, float]
    photographs: int

    def score(self, name: str) -> dict[str, Numbers]:
        """Return one score by layer; `ValueError` names what there is."""
        if name not in self.reliability:
            raise ValueError(f"no score {name!r}; there are {', '.join(self.reliability)}")
        return {layer: np.array(values[name]) for layer, values in self.scores.items()}

    def summary(self) -> str:
        """Say what was measured and how well it repeats."""
        units = sum(len(next(iter(values.values()))) for values in self.scores.values())
        listed = ", ".join(f"{name.replace('_', ' ')} {value:.2f}" for name, value in self.reliability.items())
        return f"{units} units in {len(self.scores)} layers; half of the pictures against the other half: {listed}"

    def plot(self, ax: Any = None) -> Any:
        """Draw the first score by layer."""
        return self._by_layer(ax, name=next(iter(self.reliability)))

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return one picture a score: its distribution in every layer."""
        return {
            f"{name.replace('_', ' ').capitalize()}: {SCORES[name]}": partial(self._by_layer, name=name)
            for name in self.reliability
        }

    def _by_layer(self, ax: Any = None, *, name: str) -> Any:
        ax = axis(ax)
        ax.boxplot([values[name] for values in self.scores.values()], showfliers=False)
        ax.set_xticks(range(1, len(self.scores) + 1), list(self.scores), rotation=90, fontsize=7)
        ax.set(ylabel=name.replace("_", " "), title="by layer: quartiles over units")
        return ax


def unit_tuning(
    network: LayeredGraph,
    *,
    model: Any,
    images: npt.ArrayLike | None = None,
    size: int | None = None,
    mean: Sequence[float] | None = None,
    std: Sequence[float] | None = None,
    positions: Positions = "mean",
    seed: int = 0,
) -> UnitTuning:
    """Measure what every unit of a network responds to.

    `model`: the torch module or path of the ONNX file from which `network` was built, reading pictures of 1 or 3
    channels. `images`: photographs as the model reads them, shape (n, channels, height, width), for sensitivity to
    colour; without any, generated clouds. `size`: side of the generated pictures where there are no photographs.
    `mean`, `std`: by which values from 0 to 1 were scaled for training, one a channel; left out, the generated
    pictures are given the mean and spread of the photographs. `positions`: a unit's activation is its mean or its
    maximum over positions. `seed` decides the clouds. Raises `ValueError` for inputs that do not fit.
    """
    channels = _channels(network)
    photographs = _checked(images, channels)
    side = size if photographs is None else photographs.shape[2]
    if side is None or side != (size or side):
        raise ValueError(f"size {size}, images of side {side}: give images, or else a size, such as size=64")
    scale = input_scale(channels, mean=mean, std=std, inputs=photographs)
    shown = _shown(side, scale, photographs, seed)
    joined = np.concatenate([inputs for _, inputs in shown.values()])
    found = unit_activations(model, network, joined, batch=50, positions=positions)
    layers = {name: values for name, values in found.items() if network.layer(name).kind != "input"}
    if not layers:
        raise ValueError(f"{network.name}: the activations of no layer stand by themselves; nothing can be scored")
    kinds = {name: _by_kind(shown, activations) for name, activations in layers.items()}
    scores = {name: _measure(kind, positions) for name, kind in kinds.items()}
    halves = [_agreement(*(_measure(_half(kind, half), positions) for half in (0, 1))) for kind in kinds.values()]
    return UnitTuning(
        scores={
            name: {score: tuple(values.tolist()) for score, values in measured.items()}
            for name, measured in scores.items()
        },
        reliability={score: float(np.median([half[score] for half in halves])) for score in halves[0]},
        silent={name: _silent(kind) for name, kind in kinds.items()},
        photographs=0 if photographs is None else len(photographs),
    )


def _by_kind(shown: Pictures, activations: npt.NDArray[np.float32]) -> dict[str, tuple[Stimuli, Numbers]]:
    ends = np.cumsum([len(inputs) for _, inputs in shown.values()])[:-1]
    parts = np.split(activations.astype(np.float64), ends)
    return {kind: (stimuli, part) for (kind, (stimuli, _)), part in zip(shown.items(), parts, strict=True)}


def _checked(images: npt.ArrayLike | None, channels: int) -> npt.NDArray[np.float32] | None:
    if images is None:
        return None
    array = np.asarray(images, np.float32)
    if array.ndim != 4 or array.shape[1] != channels or array.shape[2] != array.shape[3] or len(array) < 2:
        raise ValueError(f"images of shape {array.shape}: give at least two, of shape (n, {channels}, side, side)")
    if not np.isfinite(array).all():
        raise ValueError("images hold NaN or infinite values; give finite ones")
    return array


def _channels(network: LayeredGraph) -> int:
    inputs = [layer for layer in network.layers if layer.kind == "input"]
    if len(inputs) != 1 or inputs[0].units not in (1, 3):
        found = ", ".join(f"{layer.name} ({layer.units})" for layer in inputs) or "none"
        raise ValueError(f"{network.name}: inputs {found}; tuning is measured in networks that read 1 or 3 channels")
    return inputs[0].units


def _shown(side: int, scale: InputScale, photographs: npt.NDArray[np.float32] | None, seed: int) -> Pictures:
    """All pictures by kind, as the model reads them; `colour` and `greyed` are the same ones with and without it."""
    colourful = len(scale.mean) == 3
    made = {name: gratings(side, axis=name) for name in (AXES if colourful else ("grey",))}
    made |= {"arcs": arcs(side), "spots": spots(side), "greys": even_greys(side)}
    shown = {kind: (stimuli, scale.to_model(stimuli.pictures)) for kind, stimuli in made.items()}
    blank = Stimuli(pictures=np.full((1, side, side, 3), 0.5, np.float32), parameters={"repeat": np.zeros(1)})
    shown["blank"] = (blank, scale.to_model(blank.pictures))
    if not colourful:
        return shown
    clouds = coloured_noise(side, seed=seed)
    inputs = scale.to_model(clouds.pictures)
    if photographs is not None:
        inputs = photographs
        every_other = np.asarray(np.arange(len(photographs)) % 2, np.float64)
        clouds = Stimuli(pictures=photographs, parameters={"repeat": every_other})
    return shown | {"colour": (clouds, inputs), "greyed": (clouds, scale.without_colour(inputs))}


def _measure(kinds: Mapping[str, tuple[Stimuli, Numbers]], positions: Positions) -> dict[str, Numbers]:
    blank = kinds["blank"][1][0]
    loudest = np.max([np.abs(values).max(axis=0) for _, values in kinds.values()], axis=0)
    above = {kind: (stimuli, _audible(values - blank, loudest)) for kind, (stimuli, values) in kinds.items()}
    scores = grating_scores(above)
    if "colour" in kinds:
        scores["colour_sensitivity"] = colour_sensitivity(kinds["colour"][1], kinds["greyed"][1])
    scores["curvature"] = curvature(*above["arcs"])
    scores["brightness"] = brightness(*kinds["greys"])
    scores["centre_surround"] = centre_surround(*above["spots"], per_area=positions == "mean")
    return {name: scores[name] for name in SCORES if name in scores}


def _audible(responses: Numbers, loudest: Numbers) -> Numbers:
    """Responses without those that are rounding error beside the unit's largest activation."""
    return np.where(np.abs(responses) > ROUNDING * loudest, responses, 0.0)


def _half(kinds: Mapping[str, tuple[Stimuli, Numbers]], which: int) -> dict[str, tuple[Stimuli, Numbers]]:
    """The pictures whose `repeat` is even or odd; the blank one is in both."""
    parts = {}
    for kind, (stimuli, values) in kinds.items():
        chosen = (stimuli.parameters["repeat"] % 2 == which) | (kind == "blank")
        parts[kind] = (stimuli.part(chosen), values[chosen])
    return parts


def _agreement(one: Mapping[str, Numbers], other: Mapping[str, Numbers]) -> dict[str, float]:
    from scipy.stats import rankdata

    found = {}
    for name in one:
        ranks = [rankdata(values[name]) - (len(values[name]) + 1) / 2 for values in (one, other)]
        lengths = [float(np.linalg.norm(rank)) for rank in ranks]
        found[name] = float(ranks[0] @ ranks[1]) / (lengths[0] * lengths[1]) if min(lengths) > 0 else 0.0
    return found


def _silent(kinds: Mapping[str, tuple[Stimuli, Numbers]]) -> float:
    blank = kinds["blank"][1][0]
    patterns = [values for kind, (_, values) in kinds.items() if kind in (*AXES, "arcs", "spots")]
    return float(np.mean(np.concatenate(patterns).max(axis=0) <= blank))
