"""Figure 2b of Askarizadeh et al. (2024): robust accuracy of ResNet-50 on seven integer units in its convolutions.

On a quarter of the channels, ``resnet50_s``, and on a part of the test set, so that it can be done without a GPU: 64
images made on an accurate network, the number that the paper's figure 2a lets one guess, and 16 aimed at each network;
the eps are those of the paper's differences. They are said to be 8, 10 and up to 30 %, read as points; "sT(4,4) has
the lowest decrement by 8 %" and "at eps = 1 under FGSM" say no eps or no size, and are left out.
"""

from axmac.model.study.approximate_multipliers import METHODS, PERCENTILES, SOME, UNITS
from axmac.model.study.robust_table import Claim, RobustTable

__all__ = ["STUDY"]

STUDY = RobustTable(
    title="Figure 2b: robust accuracy of int8 ResNet-50 (a quarter of the channels) on integer units",
    net="resnet50_s",
    units=UNITS,
    methods=METHODS,
    sizes=(0, 0.005, 0.02, 0.1, 1),
    claims=(
        *(Claim("DR3", attack, "linf", 0.005, -30) for attack in ("FGSM", "BIM", "PGD")),
        *(Claim("DR3", attack, "l2", 0.1, -30) for attack in ("FGSM", "BIM", "PGD")),
        Claim("sT(3,0)", "PGD", "linf", 0.02, 8),
        Claim("sT(3,0)", "BIM", "l2", 1, 10),
    ),
    layers="conv",
    percentile=PERCENTILES["resnet50_s"],
    **SOME,
)
"""The text gives no attack for the losses of DR3: each is tried."""
