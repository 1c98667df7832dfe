"""The data that methods and networks are tried on; a loader that finds nothing says how to get it."""

from __future__ import annotations

from probatum.datasets.cifar10 import load_cifar10
from probatum.datasets.digits import load_digits
from probatum.datasets.distill_taxonomy import UnitTaxonomy, load_unit_taxonomy
from probatum.datasets.fashion_mnist import load_fashion_mnist
from probatum.datasets.images import Images
from probatum.datasets.loading import load_images
from probatum.datasets.turingadvice_votes import load_turingadvice_votes

__all__ = [
    "Images",
    "UnitTaxonomy",
    "load_cifar10",
    "load_digits",
    "load_fashion_mnist",
    "load_images",
    "load_turingadvice_votes",
    "load_unit_taxonomy",
]
