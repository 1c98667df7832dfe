"""A multilayer perceptron of scikit-learn as a layered graph of units."""

from __future__ import annotations

from typing import Any

import numpy as np

from probatum.networks.from_arrays import graph_from_arrays
from probatum.networks.layered_graph import LayeredGraph


def graph_from_sklearn(model: Any) -> LayeredGraph:
    """Return the graph of a fitted `MLPClassifier` or `MLPRegressor`: its matrices `coefs_`, (inputs, units) each.

    Raises `ValueError` for other models and for one that is not fitted.
    """
    coefficients = getattr(model, "coefs_", None)
    if coefficients is None:
        raise ValueError(f"{type(model).__name__} has no coefs_: give a fitted MLPClassifier or MLPRegressor")
    arrays = {f"coefs_[{number}]": np.asarray(matrix) for number, matrix in enumerate(coefficients)}
    return graph_from_arrays(arrays, name=type(model).__name__, layout="keras")
