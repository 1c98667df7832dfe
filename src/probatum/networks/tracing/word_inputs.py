"""Which values of a trace are numbers of words, and from which input of the model they come."""

from __future__ import annotations

from probatum.networks.tracing.step import Trace


def word_inputs(trace: Trace) -> dict[str, str]:
    """Return for each value that an embedding looks up the input behind it, or itself where there are several."""
    makers = {name: step for step in trace.steps for name in step.outputs}
    found = {}
    for step in trace.steps:
        if step.operation == "embedding":
            origin = step.inputs[0]
            while origin in makers and len(makers[origin].inputs) == 1:
                origin = makers[origin].inputs[0]
            found[step.inputs[0]] = origin if origin in trace.inputs else step.inputs[0]
    return found
