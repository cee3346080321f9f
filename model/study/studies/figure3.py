"""Figure 3 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): error of Ax-FPM's product over operands from 0 to 1."""

from axmac.model.study.product_errors import Product, ProductErrors

__all__ = ["AX_FPM", "SAID", "STUDY"]

AX_FPM = Product("ax_fpm")
SAID = {"ax_fpm": {"larger": 0.96, "nmed": 0.08, "mred": 0.33}, "heap": {"larger": 0.34, "nmed": 0.03, "mred": 0.12}}

STUDY = ProductErrors("Figure 3: error of the product of Ax-FPM, operands in [0, 1]", (AX_FPM,), SAID)
