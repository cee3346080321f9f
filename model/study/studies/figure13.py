"""Figure 13 of the Ax-FPM paper: error of bfloat16 products over operands from 0 to 1, beside that of Ax-FPM.

The paper says "mostly negative" and does not say what is rounded and how: rounded to nearest, as hardware does it, and
cut off, as the paper describes the format, are both here; and products of bfloat16 numbers against their exact product.
"""

from axmac.model.study.product_errors import Product, ProductErrors
from axmac.model.study.studies.figure3 import AX_FPM, SAID

__all__ = ["STUDY"]

_SPAN = 2.0**-6
"""Two operands and a product, each less than 2^-7 off."""

STUDY = ProductErrors(
    "Figure 13: error of bfloat16 products, operands in [0, 1]",
    (
        Product("bf16_booth", "rounded", _SPAN),
        Product("bf16_booth", "truncated", _SPAN),
        Product("bf16_array_exact_t8", "truncated", _SPAN),
        Product("bf16_booth", "own", _SPAN),
        AX_FPM,
    ),
    SAID,
)
