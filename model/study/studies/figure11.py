"""Figure 11 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): MSE and PSNR of white-box C&W on float32 and Ax-FPM.

4 dB would be a factor of 2.5 in MSE; the paper prints 6.
"""

from axmac.model.study.perturbations import Perturbations

__all__ = ["STUDY"]

STUDY = Perturbations(
    "Figure 11: MSE and PSNR of white-box C&W on LeNet-5, float32 and Ax-FPM",
    "cw",
    "ax_fpm",
    {"mse": {"ratio": 6.0}, "psnr": {"difference": -4.0}},
)
