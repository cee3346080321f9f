"""Figure 16 of the Ax-FPM paper: heat maps of the last convolution's output on float32, Ax-FPM and HEAP.

The paper's HEAP multiplier is not public: ours is "HEAP-like", an array with its published statistics.
"""

from axmac.model.study.feature_maps import FeatureMaps

__all__ = ["STUDY"]

STUDY = FeatureMaps("Figure 16: output of the last convolution on float32, Ax-FPM and HEAP-like", ("ax_fpm", "heap"))
