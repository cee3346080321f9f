"""Figure 2 of Gorsline, Smith and Merkel (GLSVLSI 2021): distances to the nearest face of a regular simplex.

Its (q, n) are (2, 2), (3, 4) and (1, 5). Of those of its MNIST networks one bit is drawn, too, where equation 8 is
nearly exact; the others, and those of its spirals, follow by the equations alone.
"""

from axmac.model.study.geometry_distances import Distances

__all__ = ["STUDY"]

STUDY = Distances(
    "Figure 2: distance of uniform points to the nearest face of a regular simplex",
    ((2, 2), (3, 4), (1, 5), (1, 784)),
    ((1, 2), (10, 2), (10, 784)),
)
