"""How few units of a family does a branch of InceptionV1 hold, against chance?

Voss et al., "Branch Specialization", Distill 2021, answer the objection that large kernels alone make a branch
special: the 5x5 branch of mixed3a has no curves, that of mixed3b no colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.datasets.distill_taxonomy import load_unit_taxonomy


def family_missing_from_branch(
    *, seed: int, layer: str = "mixed3a", families: Sequence[str] = ("Curves",), branch: str = "5x5"
) -> Mapping[str, float]:
    """Test the families, taken together as one, for being rarer in that branch than chance would have them.

    `layer`: mixed3a or mixed3b; `branch`: 1x1, 3x3, 5x5 or pool. Nothing here is random: `seed` changes nothing.
    Metrics: `seen` of `of` units lie in the branch, `expected` by chance; `p`, chance of as few or fewer
    (hypergeometric, lower tail).
    """
    from scipy.stats import hypergeom

    units = load_unit_taxonomy(layer)
    known = sorted(set(units.families))
    if isinstance(families, str) or not families or set(families) - set(known) or branch not in units.branches:
        raise ValueError(
            f"families {families!r} in {branch!r}: give a list of families of {layer}, which are "
            f"{', '.join(map(repr, known))}, and one of its branches {', '.join(dict.fromkeys(units.branches))}"
        )
    of = sum(family in families for family in units.families)
    size, total = units.branches.count(branch), len(units.branches)
    pairs = zip(units.families, units.branches, strict=True)
    seen = sum(family in families and place == branch for family, place in pairs)
    return {
        "seen": float(seen),
        "of": float(of),
        "expected": of * size / total,
        "p": float(hypergeom.cdf(seen, total, of, size)),
    }
