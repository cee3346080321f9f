"""Figure 2a of Askarizadeh et al. (2024): robust accuracy of LeNet-5 on seven integer units, by attack, norm and eps.

What the paper does not say is read as in `axmac.model.study.approximate_multipliers`. The eps are those that its text
names.
"""

from axmac.model.study.approximate_multipliers import IMAGE, LENET5, METHODS, UNITS
from axmac.model.study.robust_table import Claim, RobustTable

__all__ = ["STUDY"]

STUDY = RobustTable(
    title="Figure 2a: robust accuracy of int8 LeNet-5 on integer units",
    net=LENET5,
    units=UNITS,
    methods=METHODS,
    sizes=(0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.25, 0.3, 0.5, 1, 2),
    claims=(
        Claim("sT(4,4)", "PGD", "linf", 0.005, IMAGE),
        Claim("sT(4,8)", "PGD", "linf", 0.005, IMAGE),
        Claim("sT(4,8)", "PGD", "linf", 0.01, IMAGE),
        Claim("DR4", "PGD", "linf", 0.1, IMAGE),
        Claim("sT(3,0)", "BIM", "linf", 0.1, IMAGE),
        Claim("sT(3,0)", "FGSM", "linf", 0.3, IMAGE),
        Claim("sT(4,0)", "FGSM", "linf", 0.3, IMAGE),
        Claim("sT(4,4)", "FGSM", "linf", 0.3, IMAGE),
        Claim("DR3", "PGD", "linf", 0.25, -7 * IMAGE),
        Claim("DR3", "FGSM", "linf", 0.25, -7 * IMAGE),
        Claim("sT(3,0)", "BIM", "linf", 0.5, -5 * IMAGE),
    ),
)
"""Of the claims, the text gives no attack for sT(4,8) and no eps for sT(3,0) under BIM: those of the same sentence."""
