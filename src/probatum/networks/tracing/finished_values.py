"""In which value of a trace the finished activations of a layer stand: behind its norm and activation function."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from probatum.networks.tracing.step import Step, Trace

PASSING = ("pointwise", "scale")


def finished_values(trace: Trace, made: Mapping[str, str], painted: Collection[str]) -> dict[str, str]:
    """Return for each layer the last value that holds exactly its units, before others mix in or weights read it.

    `made`: from the value that a weight makes to its layer; `painted`: the values that units made, others are
    constants and statistics, and reading a value for those is no use of it.
    """
    layers = _layers_of_steps(trace, made, painted)
    readers: dict[str, list[Step]] = defaultdict(list)
    for step in trace.steps:
        for name in step.inputs:
            readers[name].append(step)
    finished = {layer: value for value, layer in made.items()}
    shapes = {name: shape for step in trace.steps for name, shape in zip(step.outputs, step.shapes, strict=True)}
    held = set(made)
    for step in trace.steps:
        layer = layers.get(step.outputs[0])
        carriers = [name for name in step.inputs if name in painted]
        if layer is None or not held.issuperset(carriers) or step.shapes[0] != shapes[finished[layer]]:
            continue
        uses = [reader.outputs[0] for name in carriers for reader in readers[name] if reader.outputs[0] in painted]
        if all(layers.get(use) == layer for use in uses):
            finished[layer] = step.outputs[0]
            held.add(step.outputs[0])
    return finished


def _layers_of_steps(trace: Trace, made: Mapping[str, str], painted: Collection[str]) -> dict[str, str]:
    """Return, for each value that comes of one layer by pointwise steps, that layer."""
    carries = dict(made)
    passed = {}
    for step in trace.steps:
        layers = {carries.get(name) for name in step.inputs if name in painted}
        layer = layers.pop() if len(layers) == 1 else None
        if step.operation in PASSING and layer is not None:
            passed[step.outputs[0]] = carries[step.outputs[0]] = layer
    return passed
