"""What a reader needs to get a measurement again: its title, and the facts behind it."""

from __future__ import annotations

import hashlib
import platform
import sys
from pathlib import Path

from probatum import __version__
from probatum.cli.measurement import Measured, Measurement
from probatum.cli.method_options import MODEL, PICTURES, parameters

EDGES = {
    "weights": "sizes of weights, {norm} norm of a kernel",
    "correlation": "absolute correlations of activations on the pictures",
    "jacobian": "mean absolute derivatives on the pictures",
}
PACKAGES = ("numpy", "scipy", "numba", "torch", "onnx", "onnxruntime", "sklearn", "matplotlib")


def title(wanted: Measurement, measured: Measured) -> str:
    """Name the method and the networks."""
    names = [_called(model, network.name) for model, network in zip(wanted.models, measured.networks, strict=True)]
    listed = " and ".join(names) if len(names) < 3 else f"{len(names)} networks"
    return f"{wanted.method.__name__.replace('_', ' ').capitalize()} of {listed}"


def facts(wanted: Measurement, measured: Measured) -> dict[str, str]:
    """Return networks with their digests, options with their defaults, pictures and versions, by what they are."""
    told = {"Method": wanted.method.__name__}
    for place, (model, network) in enumerate(zip(wanted.models, measured.networks, strict=True), start=1):
        which = f" {place}" if len(wanted.models) > 1 else ""
        graph = network.graph
        told[f"Network{which}"] = _called(model, model)
        told[f"SHA-256{which}"] = network.sha256 or "none: it was made by a function"
        told[f"Graph{which}"] = (
            f"{len(graph.layers):,} layers with {graph.units:,} units, {len(graph.blocks):,} blocks of edges"
            + (", between convolutions only" if wanted.convolutions else "")
        )
    if shape := measured.networks[0].input_shape:
        told["Input"] = " × ".join(map(str, shape))
    if wanted.images:
        told["Pictures"] = f"{wanted.images.name}, SHA-256 {hashlib.sha256(wanted.images.read_bytes()).hexdigest()}"
    told["Edges"] = EDGES[wanted.edges].format(norm=wanted.kernel_norm.upper())
    if wanted.rescaled:
        told["Edges"] += ", after rescaling each unit's incoming weights to norm 1"
    told["Options"] = _options(wanted)
    told["Versions"] = _versions()
    return told


def _called(model: str, otherwise: str) -> str:
    return Path(model).name if Path(model).is_file() else otherwise


def _options(wanted: Measurement) -> str:
    shown = []
    for name, one in parameters(wanted.method).items():
        value = wanted.keywords.get(name, one.default)
        if name not in (MODEL, *PICTURES) and value is not one.empty:
            shown.append(f"{name} = {'from the file' if hasattr(value, 'dtype') else value}")
    return ", ".join(shown) or "none"


def _versions() -> str:
    import matplotlib  # noqa: F401 - it draws the report that is about to be written

    loaded = {"Probatum": __version__, "Python": platform.python_version()}
    for package in PACKAGES:
        if version := getattr(sys.modules.get(package), "__version__", None):
            loaded[{"sklearn": "scikit-learn"}.get(package, package)] = version
    return ", ".join(f"{name} {version}" for name, version in loaded.items())
