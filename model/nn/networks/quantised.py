"""Networks with weights and activations of 4 bits (DoReFa), the "defensive quantisation" of the Ax-FPM study.

``lenet5_dq``: `lenet5` with all layers but the last one quantised, as in table 11 of that study.
"""

from torch import nn

from axmac.model.nn.dorefa import dorefa
from axmac.model.nn.network import Network, Recipe
from axmac.model.nn.networks.lenet5 import NETWORKS as EXACT

__all__ = ["NETWORKS"]

_BITS = 4


def _lenet5_dq() -> nn.Module:
    """Images float32 [B, 1, 28, 28] to scores [B, 10]."""
    return dorefa(EXACT["lenet5"].build(), _BITS, _BITS, stay=("fc2",))


NETWORKS = {"lenet5_dq": Network(_lenet5_dq, (1, 28, 28), Recipe(steps=3000))}
