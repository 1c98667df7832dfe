"""How much does an InceptionV1 unit's branch tell of its family, over all families and branches at once?

Voss et al., "Branch Specialization", Distill 2021, show two families of two layers. The published unit taxonomy
labels every unit of both layers, so the whole table can be tested; no network is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.datasets.distill_taxonomy import load_unit_taxonomy
from probatum.structure.enrichment import enrichment
from probatum.structure.mutual_information import mutual_information


def branch_table_of_inception(
    *, seed: int, layer: str = "mixed3a", without: Sequence[str] = (), shuffles: int = 4_999
) -> Mapping[str, float]:
    """Measure the mutual information between family and branch, and count the families that crowd.

    `layer`: mixed3a or mixed3b; `without`: branches left out, such as [5x5], the one the article is about, or
    [1x1, pool], to compare only the two that convolve. `seed` decides the shuffles of labels. Metrics:
    `information` (nats), `share` of the branches' entropy, `null_mean`, `corrected_share`, `z`, `p`, `units`; over
    the table of families by branches, `cells`, and `kept_bh`, `kept_holm`, how many are enriched at 5 %.
    """
    units = load_unit_taxonomy(layer)
    found = mutual_information(units.families, groups=units.branches, without=without, shuffles=shuffles, seed=seed)
    pairs = [pair for pair in zip(units.families, units.branches, strict=True) if pair[1] not in without]
    cells = enrichment([family for family, _ in pairs], groups=[branch for _, branch in pairs]).cells
    names = ("information", "share", "null_mean", "corrected_share", "z", "p", "units")
    return {name: float(getattr(found, name)) for name in names} | {
        "cells": float(len(cells)),
        "kept_bh": float(sum(cell.bh_p < 0.05 for cell in cells)),
        "kept_holm": float(sum(cell.holm_p < 0.05 for cell in cells)),
    }
