"""Figure 9 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): L2 of white-box C&W on float32 and Ax-FPM."""

from axmac.model.study.perturbations import Perturbations

__all__ = ["STUDY"]

STUDY = Perturbations(
    "Figure 9: L2 of white-box C&W on LeNet-5, float32 and Ax-FPM",
    "cw",
    "ax_fpm",
    {"l2": {"difference": 1.23}},
)
