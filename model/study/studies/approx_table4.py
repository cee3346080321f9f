"""Table IV of Askarizadeh et al. (2024): seconds of one evaluation on integer units.

The paper does not say how many images an evaluation has; ours has the 10,000 of a test set, at the speed of one batch
on one thread. What carries over to other machines is the ratio to torch's own float32 in the same run.
"""

from axmac.model.study.approximate_multipliers import LENET5, UNITS
from axmac.model.study.timing_table import Timed, TimingTable

__all__ = ["STUDY"]

STUDY = TimingTable(
    title="Table IV: time of one evaluation on integer units",
    nets=(
        Timed(LENET5, "all", (512, 128), 14.74),
        Timed("resnet50", "conv", (16, 4), 87.6),
        Timed("vgg19", "conv", (16, 4), 55.82),
    ),
    units=UNITS,
)
