"""How strongly is a family of InceptionV1's units tied to one branch of its layer?

Voss et al., "Branch Specialization", Distill 2021, from the published unit taxonomy; no network is needed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.datasets.distill_taxonomy import load_unit_taxonomy
from probatum.structure.enrichment import enrichment


def family_in_branch(
    *, seed: int, layer: str = "mixed3a", families: Sequence[str] = ("BW vs Color",), branch: str = "5x5"
) -> Mapping[str, float]:
    """Test the families, taken together as one, in that branch, among all families and branches of the layer.

    `layer`: mixed3a or mixed3b; `branch`: 1x1, 3x3, 5x5 or pool. Nothing here is random: `seed` changes
    nothing. Metrics: `seen` of `of` units lie in the branch, `expected` by chance; `p` (hypergeometric, upper
    tail), `holm_p` and `bh_p` over all `cells` of the layer; `odds_ratio`, `odds_low`, `odds_high`.
    """
    taxonomy = load_unit_taxonomy(layer)
    unknown = sorted(set(families) - set(taxonomy.families))
    if isinstance(families, str) or not families or unknown:
        raise ValueError(
            f"families {families!r}: give a list of families of {layer}, which are "
            + ", ".join(map(repr, sorted(set(taxonomy.families))))
        )
    together = " + ".join(families)
    labels = [together if family in families else family for family in taxonomy.families]
    table = enrichment(labels, groups=taxonomy.branches)
    cell = table.cell(together, branch)
    names = ("seen", "of", "expected", "p", "holm_p", "bh_p", "odds_ratio", "odds_low", "odds_high")
    return {name: float(getattr(cell, name)) for name in names} | {"cells": float(len(table.cells))}
