"""Figure 2c of Askarizadeh et al. (2024): robust accuracy of VGG-19 on seven integer units in its convolutions.

On a quarter of the channels, ``vgg19_s``, and on a part of the test set as figure 2b; the eps are those of the paper's
differences, read as points. That DR4 loses up to 10 % in L2 "at different eps from .02 to .15" has no attack: it is
tried at .1.
"""

from axmac.model.study.approximate_multipliers import METHODS, PERCENTILES, SOME, UNITS
from axmac.model.study.robust_table import Claim, RobustTable

__all__ = ["STUDY"]

STUDY = RobustTable(
    title="Figure 2c: robust accuracy of int8 VGG-19 (a quarter of the channels) on integer units",
    net="vgg19_s",
    units=UNITS,
    methods=METHODS,
    sizes=(0, 0.03, 0.05, 0.1, 0.25, 0.5),
    claims=(
        Claim("DR4", "PGD", "linf", 0.03, -10),
        Claim("sT(4,4)", "FGSM", "linf", 0.03, 10),
        Claim("sT(3,0)", "PGD", "linf", 0.05, -10),
        *(Claim("DR4", attack, "l2", 0.1, -10) for attack in ("FGSM", "BIM", "PGD")),
        Claim("sT(4,8)", "FGSM", "l2", 0.5, 12),
        Claim("sT(3,0)", "FGSM", "l2", 0.25, -10),
    ),
    layers="conv",
    percentile=PERCENTILES["vgg19_s"],
    **SOME,
)
