"""Does SqueezeNet, which has no branches in its first layers, hold a split by colour in its weights?

Voss et al., "Branch Specialization", Distill 2021, see it in InceptionV1: the first singular vector of the absolute
weights between the first two convolutions follows colour, the second, perhaps, frequency.
"""

from __future__ import annotations

from collections.abc import Mapping

from probatum.datasets.squeezenet_weights import load_squeezenet
from probatum.structure.implicit_branches import VARIANTS, VECTORS, implicit_branches


def implicit_branches_of_squeezenet(*, seed: int, draws: int = 1_999) -> Mapping[str, float]:
    """Compare singular vectors behind conv1 with the colour share and spatial frequency of its 64 filters.

    `draws`: permutations behind each p, decided by `seed`. Metrics, with v one of raw, centred, normalised and n 1 or
    2: `colour_v_n`, `frequency_v_n`, |rank correlation| with the n-th vector, `p_colour_v_n`, `p_frequency_v_n`, and
    `energy_v_n`, its share of the squared singular values. Raises `CannotRun` where the weights are not on this
    machine.
    """
    weights = load_squeezenet()
    found = implicit_branches(
        weights["conv1.weight"], second=weights["fire2.squeeze1x1.weight"], draws=draws, seed=seed
    )
    metrics: dict[str, float] = {}
    for variant in VARIANTS:
        for vector in range(1, VECTORS + 1):
            for name, score in (("colour", "colour_share"), ("frequency", "spatial_frequency")):
                cell = found.cell(variant, vector, score)
                metrics |= {f"{name}_{variant}_{vector}": cell.rho, f"p_{name}_{variant}_{vector}": cell.p}
            metrics[f"energy_{variant}_{vector}"] = cell.energy
    return metrics
