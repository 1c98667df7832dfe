"""The data that methods and networks are tried on; a loader that finds nothing says how to get it."""

from __future__ import annotations

from probatum.datasets.cifar10 import load_cifar10
from probatum.datasets.digits import load_digits
from probatum.datasets.distill_banding import PublishedLayer, load_distill_banding
from probatum.datasets.distill_taxonomy import UnitTaxonomy, load_unit_taxonomy
from probatum.datasets.fashion_mnist import load_fashion_mnist
from probatum.datasets.images import Images
from probatum.datasets.lines import lines
from probatum.datasets.loading import load_images
from probatum.datasets.mixtures import separate_classes, union
from probatum.datasets.polynomials import Regression, polynomials
from probatum.datasets.random_labels import random_pixels, with_random_labels
from probatum.datasets.side_by_side import side_by_side
from probatum.datasets.squeezenet_weights import load_squeezenet
from probatum.datasets.turingadvice_votes import load_turingadvice_votes

__all__ = [
    "Images",
    "PublishedLayer",
    "Regression",
    "UnitTaxonomy",
    "lines",
    "load_cifar10",
    "load_digits",
    "load_distill_banding",
    "load_fashion_mnist",
    "load_images",
    "load_squeezenet",
    "load_turingadvice_votes",
    "load_unit_taxonomy",
    "polynomials",
    "random_pixels",
    "separate_classes",
    "side_by_side",
    "union",
    "with_random_labels",
]
