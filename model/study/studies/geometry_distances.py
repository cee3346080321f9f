"""Figure 2 of Gorsline, Smith and Merkel (GLSVLSI 2021): distances to the nearest face of a regular simplex.

Its (q, n) are (2, 2), (3, 4) and (1, 5); those of its spirals and of MNIST follow by the equations alone.
"""

from axmac.model.study.geometry_distances import Distances

__all__ = ["STUDY"]

STUDY = Distances(
    "Figure 2: distance of uniform points to the nearest face of a regular simplex",
    ((2, 2), (3, 4), (1, 5)),
    ((1, 2), (10, 2), (1, 784), (10, 784)),
)
