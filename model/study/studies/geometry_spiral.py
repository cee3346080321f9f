"""Figures 6 and 7 of Gorsline, Smith and Merkel (GLSVLSI 2021): weight bits and FGSM on two spirals.

Equation 15 with t to 100 and noise of variance .03, as printed, has 16 turns whose arms lie .31 apart under noise of
deviation .17, and 200 points on 500 units of length. The other reading, t to 10 and noise of deviation .03, is one
under which what the paper reports can be. Ours: the batch (64), the rate of Adam (.01), 1,000 epochs of which the best
is kept, spirals drawn anew for each seed.
"""

from axmac.model.study.geometry_spirals import SpiralCurves

__all__ = ["STUDY"]

STUDY = SpiralCurves(
    "Figures 6 and 7: accuracy by weight bits under FGSM, two spirals",
    ("step", "sigmoid", "relu"),
    {
        "as printed: t to 100, variance .03": (100.0, 0.03**0.5),
        "t to 10, deviation .03": (10.0, 0.03),
    },
    0.125,
)
