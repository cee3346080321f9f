"""Figure 15 of the Ax-FPM paper: error of the products of Ax-FPM and of HEAP over operands from 0 to 1.

The paper's HEAP multiplier is not public: ours is "HEAP-like", an array with its published statistics.
"""

from axmac.model.study.product_errors import Product, ProductErrors
from axmac.model.study.studies.figure3 import AX_FPM, SAID

__all__ = ["STUDY"]

STUDY = ProductErrors(
    "Figure 15: error of the products of Ax-FPM and HEAP-like, operands in [0, 1]", (AX_FPM, Product("heap")), SAID
)
