"""Do examples look like whole trajectories, from the reset to the success? On those, learning from examples fails.

Eysenbach, Levine, Salakhutdinov, "Replacing Rewards with Examples", NeurIPS 2021: examples are states of success; given
whole expert trajectories in their place, the method fails.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from probatum.control.examples.distances import nearest, side_by_side, spacing
from probatum.control.examples.exploration import Exploration
from probatum.control.examples.unreachable_columns import given_columns

Float64Array = npt.NDArray[np.float64]

EARLY = 2  # steps after a reset: some environments show objects elsewhere in the first observation, and once more in
# the next one's previous frame
LONG = 0.95  # the quantile of step lengths that a long step is
LINK = 3.0  # long steps: examples nearer than this are neighbours on a path
SPARSE = 2.0  # times the usual distance to the nearest example, where that is more: not every state was kept
TRAVEL = 5.0  # long steps: how far from every reset a path has to lead
MOST_NEAR = 0.7  # more of a group than this near resets: not a path but the resets' own place
MOST_ROWS = 3_000


def trajectory_share(examples: npt.NDArray[np.float32], exploration: Exploration) -> tuple[float, float]:
    """Return (share of examples on paths that begin at a reset, share of examples near a reset).

    A long step is longer than 95 % of random steps. Two examples are neighbours when they are within three long steps
    of each other, or within twice the usual distance between an example and the nearest other. A group of neighbours is
    a path when it holds examples near a reset, others at least five long steps away from every reset, and not more than
    70 % of it are near resets. Near a reset is within one long step of a state at most two steps after it, or as far
    as resets are from each other. Columns that no action changes are left aside. The order of the examples plays no
    part. Of more than 3,000 examples the first 3,000 are looked at.
    """
    moving = ~given_columns(exploration)
    rows, states = side_by_side(examples[:MOST_ROWS, moving], exploration.states[:, moving])
    if not rows.shape[1]:
        return 0.0, 0.0
    long = float(np.quantile(exploration.step_lengths(states), LONG))
    distance = nearest(states[exploration.step <= EARLY], rows)[0]
    near = distance <= max(long, spacing(states[exploration.step == 0], 0.9))
    group = _groups(rows, max(LINK * long, SPARSE * spacing(rows, 0.5)))
    size = np.bincount(group)
    share = np.bincount(group, near) / size
    farthest = np.zeros(len(size))
    np.maximum.at(farthest, group, distance)
    path = np.asarray((share > 0) & (share <= MOST_NEAR) & (farthest >= TRAVEL * long))
    return float(path[group].mean()), float(near.mean())


def _groups(rows: Float64Array, reach: float) -> npt.NDArray[np.int64]:
    pairs = cKDTree(rows).query_pairs(reach, output_type="ndarray")
    links = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(len(rows), len(rows)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)
