"""What shape a trained network has, measured from its weights, its activations and labels of its units."""

from __future__ import annotations

from probatum.structure.adjusted_rand import adjusted_rand
from probatum.structure.banding import Banding, banding
from probatum.structure.banding_by_depth import BandingByDepth, banding_by_depth
from probatum.structure.branch_specialization import BranchSpecialization, branch_specialization
from probatum.structure.change_point import ChangePoint, change_point
from probatum.structure.cluster_function import ClusterFunction, cluster_function
from probatum.structure.cluster_stability import ClusterStability, cluster_stability
from probatum.structure.clusterability import Clusterability, clusterability
from probatum.structure.clusterability_by_k import ClusterabilityByK, clusterability_by_k
from probatum.structure.enrichment import Cell, Enrichment, enrichment
from probatum.structure.graded_enrichment import GradedEnrichment, graded_enrichment
from probatum.structure.implicit_branches import ImplicitBranches, implicit_branches
from probatum.structure.multiple_testing import benjamini_hochberg, holm
from probatum.structure.mutual_information import MutualInformation, mutual_information
from probatum.structure.ncut_regularizer import ncut_penalty
from probatum.structure.partitioning import Partition, ncut, null_ncuts, partition, shuffled
from probatum.structure.rank_three import rank_three
from probatum.structure.unit_tuning import UnitTuning, unit_tuning
from probatum.structure.weight_maps import spatial_maps, weight_maps_svg

__all__ = [
    "Banding",
    "BandingByDepth",
    "BranchSpecialization",
    "Cell",
    "ChangePoint",
    "ClusterFunction",
    "ClusterStability",
    "Clusterability",
    "ClusterabilityByK",
    "Enrichment",
    "GradedEnrichment",
    "ImplicitBranches",
    "MutualInformation",
    "Partition",
    "UnitTuning",
    "adjusted_rand",
    "banding",
    "banding_by_depth",
    "benjamini_hochberg",
    "branch_specialization",
    "change_point",
    "cluster_function",
    "cluster_stability",
    "clusterability",
    "clusterability_by_k",
    "enrichment",
    "graded_enrichment",
    "holm",
    "implicit_branches",
    "mutual_information",
    "ncut",
    "ncut_penalty",
    "null_ncuts",
    "partition",
    "rank_three",
    "shuffled",
    "spatial_maps",
    "unit_tuning",
    "weight_maps_svg",
]
