"""Figure 4 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): response of a filter against similarity."""

from axmac.model.study.responses import Responses

__all__ = ["STUDY"]

STUDY = Responses("Figure 4: response of a filter of LeNet-5 against similarity, float32 and Ax-FPM", "ax_fpm")
