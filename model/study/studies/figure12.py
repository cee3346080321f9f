"""Figure 12 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): cumulative distribution of confidence.

The paper takes the softmax of the true class less the highest other one (its section 6), on 1,000 images.
"""

from axmac.model.spec import catalog
from axmac.model.study.confidence import Confidence

__all__ = ["STUDY"]

STUDY = Confidence(
    "Figure 12: confidence of LeNet-5 on float32, Ax-FPM and bfloat16",
    ("ax_fpm", "bf16_booth"),
    "ax_fpm",
    {"float32": 0.2, catalog["ax_fpm"].id: 0.745},
)
