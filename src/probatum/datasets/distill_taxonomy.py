"""What each early unit of InceptionV1 detects, as its discoverers sorted them into families.

Olah et al., "An Overview of Early Vision in InceptionV1", Distill 2020 (CC BY 4.0). The branch layout is the
order in which the network concatenates its 1x1, 3x3, 5x5 and pooling branches.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

BRANCHES = ("1x1", "3x3", "5x5", "pool")
WIDTHS: Mapping[str, tuple[int, ...]] = {  # channels of each branch, for the layers labelled completely
    "mixed3a": (64, 128, 32, 32),
    "mixed3b": (128, 192, 96, 64),
}


@dataclass(frozen=True, kw_only=True)
class UnitTaxonomy:
    """The units of one layer: unit u belongs to family `families[u]` and to branch `branches[u]`."""

    layer: str
    families: tuple[str, ...]
    branches: tuple[str, ...]


def load_unit_taxonomy(layer: str) -> UnitTaxonomy:
    """Return the families and branches of all units of `mixed3a` (256 units) or `mixed3b` (480).

    Raises `ValueError` for any other layer: their labels cover only some of the units, which would bias a
    test.
    """
    if layer not in WIDTHS:
        raise ValueError(
            f"layer {layer!r} has no complete taxonomy; give one of {', '.join(WIDTHS)}, whose every unit is labelled"
        )
    text = resources.files(__package__).joinpath("data/distill_unit_taxonomy.json").read_text("utf-8")
    family_of: dict[int, str] = {}
    for family, units in json.loads(text)[layer].items():
        for unit in units:
            if unit in family_of:
                raise ValueError(f"{layer}: unit {unit} is in the families {family_of[unit]!r} and {family!r}")
            family_of[unit] = family
    branches = tuple(branch for branch, width in zip(BRANCHES, WIDTHS[layer], strict=True) for _ in range(width))
    if sorted(family_of) != list(range(len(branches))):
        raise ValueError(f"{layer}: {len(family_of)} units are labelled; there should be {len(branches)}")
    families = tuple(family_of[unit] for unit in range(len(branches)))
    return UnitTaxonomy(layer=layer, families=families, branches=branches)
