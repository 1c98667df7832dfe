"""What shape a trained network has, measured from its weights and from labels of its units."""

from __future__ import annotations

from probatum.structure.banding import Banding, banding
from probatum.structure.enrichment import Cell, Enrichment, enrichment
from probatum.structure.multiple_testing import benjamini_hochberg, holm
from probatum.structure.weight_maps import spatial_maps, weight_maps_svg

__all__ = [
    "Banding",
    "Cell",
    "Enrichment",
    "banding",
    "benjamini_hochberg",
    "enrichment",
    "holm",
    "spatial_maps",
    "weight_maps_svg",
]
