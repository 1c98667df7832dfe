"""Handwritten digits that come with scikit-learn: 1,797 grey pictures, 8 by 8, in 10 classes (UCI, 1998)."""

from __future__ import annotations

import numpy as np

from probatum.datasets.images import Images
from probatum.errors import MissingExtra

TRAINING = 1_500  # the first 1,500 in the file's order; the other 297 are the test


def load_digits() -> Images:
    """Return scikit-learn's digits, their 17 grey levels spread over 0 to 255.

    Raises `MissingExtra` where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits as bundled
    except ImportError as error:
        raise MissingExtra("digits", "scikit-learn") from error
    pictures, classes = bundled(return_X_y=True)
    x = np.rint(pictures.reshape(-1, 8, 8, 1) * (255 / 16)).astype(np.uint8)
    y = classes.astype(np.int64)
    return Images(name="digits", train_x=x[:TRAINING], train_y=y[:TRAINING], test_x=x[TRAINING:], test_y=y[TRAINING:])
