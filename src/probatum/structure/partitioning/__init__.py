"""Splitting a layered graph into clusters by n-cut, and the same for shuffled networks to compare with."""

from __future__ import annotations

from probatum.structure.partitioning.nulls import null_ncuts, shuffled
from probatum.structure.partitioning.partition import Partition, ncut, partition
from probatum.structure.partitioning.shuffling import Null
from probatum.structure.partitioning.solving import Mode

__all__ = ["Mode", "Null", "Partition", "ncut", "null_ncuts", "partition", "shuffled"]
