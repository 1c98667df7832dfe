"""Do a network's clusters do something together? What is lost when one is silenced, and whether its units go together.

Hod et al. 2021, "Quantifying Local Specialization in Deep Neural Networks": a cluster that serves a function of its own
should matter more, and its units should be more alike, than random groups of as many units from the same layers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from probatum.networks.activations import lesioned_outputs, unit_activations
from probatum.networks.layered_graph import LayeredGraph
from probatum.progress import listening, track
from probatum.result import Result
from probatum.structure.cluster_pictures import draw_beside
from probatum.structure.coherence import activation_patterns
from probatum.structure.coherence import coherence as coherence_of
from probatum.structure.multiple_testing import benjamini_hochberg
from probatum.structure.partitioning import Mode, partition

Floats = npt.NDArray[np.float64]
Groups = list[npt.NDArray[np.int64]]


@dataclass(frozen=True, kw_only=True)
class ClusterFunction(Result):
    """What each cluster does, and whether clusters as a whole do more than random groups.

    `measure`: "accuracy lost" where targets were given, else "output changed" (root mean square of the change over that
    of the outputs around their mean). `importance`: what silencing the cluster does, in that measure. `coherence`: mean
    size of the correlation of two of its units' activations (None for a single unit). Both cluster by cluster (`units`
    of them hidden; `clusters` without any are left out), with mean and standard deviation of random groups of as many
    units from the same layers (`_random`, `_sd`), one-sided `_p` and `_bh_p` after control over clusters.
    `mean_importance_p`, `mean_coherence_p`: of the means over clusters, which ask only once. No p is below
    1 / (`groups` + 1). `baseline`: accuracy of the whole network, None without targets.
    """

    network: str
    measure: str
    inputs: int
    groups: int
    seed: int
    baseline: float | None
    mean_importance: float
    mean_importance_random: float
    mean_importance_p: float
    mean_coherence: float
    mean_coherence_random: float
    mean_coherence_p: float
    warnings: tuple[str, ...]
    clusters: tuple[int, ...]
    units: tuple[int, ...]
    importance: tuple[float, ...]
    importance_random: tuple[float, ...]
    importance_sd: tuple[float, ...]
    importance_p: tuple[float, ...]
    importance_bh_p: tuple[float, ...]
    coherence: tuple[float | None, ...]
    coherence_random: tuple[float | None, ...]
    coherence_sd: tuple[float | None, ...]
    coherence_p: tuple[float | None, ...]
    coherence_bh_p: tuple[float | None, ...]

    def summary(self) -> str:
        """Say whether clusters matter more and are more coherent than random groups, as a whole and one by one."""
        strong = sum(p < 0.05 for p in self.importance_bh_p)
        alike = sum(p is not None and p < 0.05 for p in self.coherence_bh_p)
        mind = "".join(f"; mind: {warning}" for warning in self.warnings)
        return (
            f"{self.network}, {len(self.clusters)} clusters against {self.groups} random groups each of the same "
            f"layers: {self.measure} {self.mean_importance:.3f} against {self.mean_importance_random:.3f} "
            f"(p = {self.mean_importance_p:.2g}; {strong} clusters by themselves), coherence "
            f"{self.mean_coherence:.3f} against {self.mean_coherence_random:.3f} "
            f"(p = {self.mean_coherence_p:.2g}; {alike} by themselves){mind}"
        )

    def plot(self, ax: Any = None) -> Any:
        """Draw what silencing each cluster does beside the same for random groups (mean and two deviations)."""
        rows = zip(self.clusters, self.importance, self.importance_random, self.importance_sd, strict=True)
        return draw_beside(list(rows), self.measure, ax)

    def pictures(self) -> Mapping[str, Callable[[Any], Any]]:
        """Return importance and coherence of each cluster beside random groups."""
        columns = (self.clusters, self.coherence, self.coherence_random, self.coherence_sd)
        rows = [row for row in zip(*columns, strict=True) if None not in row]
        return {
            "What is lost when a cluster is silenced": self.plot,
            "How alike the units of a cluster are": lambda ax: draw_beside(rows, "mean |correlation|", ax),
        }


def cluster_function(
    network: LayeredGraph,
    *,
    model: Any,
    inputs: Any,
    targets: Sequence[int] | None = None,
    cluster_labels: Sequence[int] | None = None,
    clusters: int = 12,
    mode: Mode = "refined",
    groups: int = 50,
    seed: int = 0,
    starts: int | None = None,
) -> ClusterFunction:
    """Silence each cluster of a network, and correlate its units, beside random groups of the same size and layers.

    `model`: the torch module or the path of the ONNX file of which `network` is the graph; `inputs`: array or tensor of
    shape (n, *input shape), on which it is run. `targets`: right classes, shape (n,), for a model whose outputs are
    (n, classes). `cluster_labels`: cluster of each unit, shape (units,), -1 for none; if None the network is split as
    `clusterability` does it, with `clusters`, `mode`, `seed` and `starts`. `groups`: random partitions, made by dealing
    each layer's units out anew. Units of inputs and of layers that no weights read are neither silenced nor
    correlated. Costs clusters x (groups + 1) runs of the model over all inputs. Raises `ValueError` for lengths that
    do not fit and where no cluster holds hidden units, `ProbatumError` where model and graph do not belong together.
    """
    if groups < 1:
        raise ValueError(f"{groups} groups: give at least 1, and 50 for p-values that say something")
    if len(inputs) < 3:
        raise ValueError(f"{len(inputs)} inputs: give 3 or more; correlations need them")
    labels = _labels(network, cluster_labels)
    if labels is None:
        labels = partition(network, clusters=clusters, mode=mode, seed=seed, starts=starts).labels
    activations = unit_activations(model, network, inputs)
    hidden = _hidden(network, activations)
    labels = np.where(hidden, labels, -1)
    numbers = np.flatnonzero(np.bincount(labels[labels >= 0], minlength=1))
    if not len(numbers) or not hidden.any():
        raise ValueError(f"{network.name}: no cluster holds a hidden unit whose activations can be seen")
    random = np.random.default_rng(seed)
    draws = [labels, *(_dealt(labels, hidden, network.layer_of_unit, random) for _ in range(groups))]
    silenced = [[np.flatnonzero(draw == number) for number in numbers] for draw in draws]
    patterns = activation_patterns(network, activations)
    coherence = np.array([[coherence_of(patterns[:, units]) for units in row] for row in silenced])
    if np.isnan(coherence[0]).all():
        raise ValueError(f"{network.name}: no cluster holds two hidden units; there is no coherence to measure")
    importance, baseline = _importance(network, model, inputs, targets, silenced)
    return ClusterFunction(
        network=network.name,
        measure="output changed" if targets is None else "accuracy lost",
        inputs=len(inputs),
        groups=groups,
        seed=seed,
        baseline=baseline,
        warnings=_warnings(len(numbers) / (groups + 1), groups),
        clusters=tuple(numbers.tolist()),
        units=tuple(len(units) for units in silenced[0]),
        **_beside("importance", importance),
        **_beside("coherence", coherence),
    )


def _labels(network: LayeredGraph, given: Sequence[int] | None) -> npt.NDArray[np.int32] | None:
    if given is None:
        return None
    labels = np.asarray(given, np.int32)
    if labels.shape != (network.units,):
        raise ValueError(f"cluster_labels of shape {labels.shape}; {network.name} has {network.units} units")
    return labels


def _hidden(network: LayeredGraph, activations: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Return which units can be silenced and do not stand at the network's ends."""
    read = {block.source for block in network.blocks}
    inner = [layer.kind != "input" and layer.name in read and layer.name in activations for layer in network.layers]
    return np.asarray(inner)[network.layer_of_unit]


def _importance(
    network: LayeredGraph, model: Any, inputs: Any, targets: Sequence[int] | None, silenced: Sequence[Groups]
) -> tuple[Floats, float | None]:
    """Return what silencing each group of units costs, shaped as `silenced`, and the accuracy with none silent."""

    def outputs(units: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        with listening(lambda *_: None):  # this loop reports already
            return lesioned_outputs(model, network, inputs, _lesion(network, units), batch=500)

    lost, baseline = _loss(outputs(np.zeros(0, np.int64)), targets)
    rows = track(silenced, total=len(silenced), what="groups of units silenced")
    return np.array([[lost(outputs(units)) for units in row] for row in rows]), baseline


def _loss(
    whole: npt.NDArray[np.float32], targets: Sequence[int] | None
) -> tuple[Callable[[npt.NDArray[np.float32]], float], float | None]:
    """Return what a lesion's outputs are worth less than the whole network's, and the latter's accuracy."""
    if targets is None:
        scale = max(float(np.sqrt(((whole - whole.mean(axis=0)) ** 2).mean())), 1e-12)
        return lambda outputs: float(np.sqrt(((outputs - whole) ** 2).mean())) / scale, None
    right = np.asarray(targets)
    if whole.ndim != 2 or right.shape != (len(whole),):
        raise ValueError(
            f"targets of shape {right.shape} for outputs of shape {whole.shape}: give one class for each input of a "
            "model whose outputs are (inputs, classes), or no targets"
        )
    accuracy = float((whole.argmax(axis=1) == right).mean())
    return lambda outputs: accuracy - float((outputs.argmax(axis=1) == right).mean()), accuracy


def _dealt(
    labels: npt.NDArray[np.int32],
    hidden: npt.NDArray[np.bool_],
    layers: npt.NDArray[np.int64],
    random: np.random.Generator,
) -> npt.NDArray[np.int32]:
    """Return the labels dealt out anew among the hidden units of each layer."""
    dealt = labels.copy()
    for layer in np.unique(layers[hidden]):
        places = np.flatnonzero(layers == layer)
        dealt[places] = labels[random.permutation(places)]
    return dealt


def _lesion(network: LayeredGraph, units: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the lesion that silences `units`, numbers counting through all layers."""
    silent = np.zeros(network.units, np.bool_)
    silent[units] = True
    parts = {layer.name: silent[network.offsets[layer.name] :][: layer.units] for layer in network.layers}
    return {name: part for name, part in parts.items() if part.any()}


def _warnings(floor: float, groups: int) -> tuple[str, ...]:
    if floor < 0.05:
        return ()
    return (f"with {groups} groups a cluster's adjusted p is below 0.05 only where several clusters' are: take more",)


def _beside(name: str, values: Floats) -> dict[str, Any]:
    """Return the fields of `name` from values of shape (1 + groups, clusters), NaN where there is none."""
    known = ~np.isnan(values[0])
    p = _p(values[:, known])
    columns = {
        "": values[0, known],
        "_random": values[1:, known].mean(axis=0),
        "_sd": values[1:, known].std(axis=0),
        "_p": p,
        "_bh_p": benjamini_hochberg(p),
    }
    means = values[:, known].mean(axis=1)
    fields: dict[str, Any] = {
        f"mean_{name}": float(means[0]),
        f"mean_{name}_random": float(means[1:].mean()),
        f"mean_{name}_p": float(_p(means[:, None])[0]),
    }
    for ending, column in columns.items():
        numbers = iter(column.tolist())
        fields[name + ending] = tuple(next(numbers) if one else None for one in known)
    return fields


def _p(values: Floats) -> Floats:
    """Return the share of rows that reach the first one, itself counted, for each column."""
    return np.asarray((values >= values[0] - 1e-9).mean(axis=0), np.float64)
