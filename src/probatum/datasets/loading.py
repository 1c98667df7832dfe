"""An image data set by its name, as claims write it: fashion_mnist, cifar10 or digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from probatum.datasets.cifar10 import load_cifar10
from probatum.datasets.digits import load_digits
from probatum.datasets.fashion_mnist import load_fashion_mnist
from probatum.datasets.images import Images

LOADERS: Mapping[str, Callable[[], Images]] = {
    "cifar10": load_cifar10,
    "digits": load_digits,
    "fashion_mnist": load_fashion_mnist,
}


def load_images(name: str) -> Images:
    """Load the data set of that name from where this machine has it.

    Raises `ValueError` for an unknown name, `CannotRun` where the data are not on this machine.
    """
    if name not in LOADERS:
        raise ValueError(f"data set {name!r} is not known; give one of {', '.join(sorted(LOADERS))}")
    return LOADERS[name]()
