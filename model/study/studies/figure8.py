"""Figure 8 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): L2 of white-box DeepFool on float32 and Ax-FPM."""

from axmac.model.study.perturbations import Perturbations

__all__ = ["STUDY"]

STUDY = Perturbations(
    "Figure 8: L2 of white-box DeepFool on LeNet-5, float32 and Ax-FPM",
    "deepfool",
    "ax_fpm",
    {"l2": {"difference": 5.12}},
)
