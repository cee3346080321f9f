"""Figure 2a of Askarizadeh et al. (2024): robust accuracy of LeNet-5 on seven integer units, by attack, norm and eps.

The paper names steps (alpha .2 for BIM, .01 for PGD; 50 steps) and eps from 0 to 2, but not what alpha is a share of,
how many images there were, nor on which network they were made. Read here: alpha is a share of eps, as in foolbox,
whose BIM has .2; PGD begins at random in the ball. Its differences are multiples of 1/64, so that 64 images are likely.
Images are made on float32, on exact int8, and on each unit's own network. The eps are those that its text names.
"""

from axmac.model.study.approximate_multipliers import LENET5, UNITS
from axmac.model.study.robust_table import Claim, Method, RobustTable

__all__ = ["STUDY"]

_BIM = {"steps": 50, "rel_step": 0.2}
_PGD = {"steps": 50, "rel_step": 0.01, "random_start": True}
_IMAGE = 100 / 64
"""One image of 64, in points."""

STUDY = RobustTable(
    title="Figure 2a: robust accuracy of int8 LeNet-5 on integer units",
    net=LENET5,
    units=UNITS,
    methods=(
        Method("FGSM", "linf", "fgsm", {}),
        Method("BIM", "linf", "bim", _BIM),
        Method("PGD", "linf", "pgd", _PGD),
        Method("FGSM", "l2", "fgsm_l2", {}),
        Method("BIM", "l2", "bim_l2", _BIM),
        Method("PGD", "l2", "pgd_l2", _PGD),
    ),
    sizes=(0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.25, 0.3, 0.5, 1, 2),
    claims=(
        Claim("sT(4,4)", "PGD", "linf", 0.005, _IMAGE),
        Claim("sT(4,8)", "PGD", "linf", 0.005, _IMAGE),
        Claim("sT(4,8)", "PGD", "linf", 0.01, _IMAGE),
        Claim("DR4", "PGD", "linf", 0.1, _IMAGE),
        Claim("sT(3,0)", "BIM", "linf", 0.1, _IMAGE),
        Claim("sT(3,0)", "FGSM", "linf", 0.3, _IMAGE),
        Claim("sT(4,0)", "FGSM", "linf", 0.3, _IMAGE),
        Claim("sT(4,4)", "FGSM", "linf", 0.3, _IMAGE),
        Claim("DR3", "PGD", "linf", 0.25, -7 * _IMAGE),
        Claim("DR3", "FGSM", "linf", 0.25, -7 * _IMAGE),
        Claim("sT(3,0)", "BIM", "linf", 0.5, -5 * _IMAGE),
    ),
)
"""Of the claims, the text gives no attack for sT(4,8) and no eps for sT(3,0) under BIM: those of the same sentence."""
