"""All small polynomials of two numbers at once: a task whose parts are known in advance.

Filan et al. 2021, "Clusterability in Neural Networks": the 512 polynomials with coefficients 0 or 1 on the nine
monomials x^a y^b, a and b up to 2, of two Gaussian inputs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

DEGREE = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Regression:
    """Numbers in, numbers out: `x` float32 of shape (n, inputs), `y` float32 of shape (n, outputs), by part."""

    name: str
    train_x: npt.NDArray[np.float32]
    train_y: npt.NDArray[np.float32]
    test_x: npt.NDArray[np.float32]
    test_y: npt.NDArray[np.float32]


def polynomials(*, train: int = 50_000, test: int = 10_000, seed: int) -> Regression:
    """Draw pairs of standard normal numbers, and give the value of each of the 512 polynomials at each pair.

    Output p is the polynomial whose coefficients are the binary digits of p; the last digit stands for 1, the
    next for y, then y^2, x, xy and so on. Raises `ValueError` for fewer than one pair in a part.
    """
    if min(train, test) < 1:
        raise ValueError(f"{train} training and {test} test pairs: give at least one of each")
    x = np.random.default_rng(seed).standard_normal((train + test, 2))
    y = monomials(x) @ coefficients().T
    inputs, outputs = x.astype(np.float32), y.astype(np.float32)
    return Regression(
        name="polynomials",
        train_x=inputs[:train],
        train_y=outputs[:train],
        test_x=inputs[train:],
        test_y=outputs[train:],
    )


def monomials(x: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return x^a y^b for pairs of shape (n, 2), shape (n, 9), b running fastest."""
    pairs = np.asarray(x, np.float64)
    powers = pairs[:, :, None] ** np.arange(DEGREE + 1)
    return np.asarray(np.einsum("na,nb->nab", powers[:, 0], powers[:, 1]).reshape(len(pairs), -1), np.float64)


def coefficients() -> npt.NDArray[np.float64]:
    """Return the coefficients of the polynomials on the monomials, shape (512, 9)."""
    count = (DEGREE + 1) ** 2
    return np.asarray(np.arange(2**count)[:, None] >> np.arange(count) & 1, np.float64)
