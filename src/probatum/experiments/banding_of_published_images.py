"""Does a number agree with the eyes that found weight banding? B of the 18 layers whose pictures were published.

Petrov et al., "Weight Banding", Distill 2021; recomputed from the article's own pictures, no network is needed.
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.artifacts import attach
from probatum.datasets.distill_banding import PublishedLayer, load_distill_banding
from probatum.structure.banding import Banding, banding
from probatum.structure.weight_maps import weight_maps_svg

BANDED = 0.6  # |B| from here on is the class "banded"; chosen on these 18 layers, which leave 0.53 to 0.61 empty
CLASSES: Mapping[str, float] = {"horizontal": 1.0, "none": 0.0, "vertical": -1.0}


def banding_of_published_images(*, seed: int, network: str = "all") -> Mapping[str, float]:
    """Measure the stripes of the layers of one network, or of all five, in the article's pictures.

    `network`: Simplified, InceptionV1, ResNet50, VGG19, AlexNet or all. The numbers are exact; `seed` decides
    only the draws behind interval and p. Metrics of each layer, named as in `load_distill_banding`, such as
    `b_resnet50_rotated`: `b_*`, banding B; `low_*`, `high_*`, its interval; `share_*`, part of the units with
    more row than column variance; `p_*`; `class_*`, 1 for B >= 0.6 (horizontal), -1 for B <= -0.6 (vertical),
    else 0. Over all layers measured: `layers`, how many; `agree`, how many have the class that the authors
    see. Attaches `pictures.svg`, the first units of each.
    """
    published = load_distill_banding()
    known = list(dict.fromkeys(layer.network for layer in published))
    if network not in {*known, "all"}:
        raise ValueError(f"network {network!r}: give all or one of {', '.join(known)}")
    chosen = [layer for layer in published if network in {layer.network, "all"}]
    metrics: dict[str, float] = {"layers": len(chosen), "agree": 0}
    for layer in chosen:
        found = banding(layer.pictures, seed=seed)
        metrics |= {f"{key}_{layer.name}": value for key, value in _measured(found).items()}
        metrics["agree"] += _class(found) == CLASSES[layer.seen]
    attach("pictures.svg", _drawn(chosen, metrics))
    return metrics


def _measured(found: Banding) -> dict[str, float]:
    numbers = {"b": found.b, "low": found.low, "high": found.high, "share": found.share, "p": found.p}
    return numbers | {"class": _class(found)}


def _class(found: Banding) -> float:
    return float(found.b >= BANDED) - float(found.b <= -BANDED)


def _drawn(layers: list[PublishedLayer], metrics: Mapping[str, float]) -> bytes:
    rows = {
        f"{layer.network}, {layer.run}: B = {metrics[f'b_{layer.name}']:+.2f} ({layer.name})": layer.pictures
        for layer in layers
    }
    return weight_maps_svg(rows, units=16 if len(layers) < 6 else 5).encode()
