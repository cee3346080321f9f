"""Figure 10 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): MSE and PSNR of white-box DeepFool on float32 and Ax-FPM.

7.8 dB would be a factor of 6 in MSE; the paper prints 3.
"""

from axmac.model.study.perturbations import Perturbations

__all__ = ["STUDY"]

STUDY = Perturbations(
    "Figure 10: MSE and PSNR of white-box DeepFool on LeNet-5, float32 and Ax-FPM",
    "deepfool",
    "ax_fpm",
    {"mse": {"ratio": 3.0}, "psnr": {"difference": -7.8}},
)
