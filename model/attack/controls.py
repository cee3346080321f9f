"""Controls of a transfer attack: what an approximate unit does, but for one thing.

``gain``: exact products, all larger by one factor, the mean gain of a unit; what an approximate unit does beyond that
is its own. Quantised networks, the other control, are in `axmac.model.nn.dorefa`.
"""

import copy

import numpy as np
import torch
from torch import nn

from axmac.model import golden
from axmac.model.nn.layers import ApproxMixin
from axmac.model.spec import FpMul, InputError, as_float_spec

__all__ = ["gain", "mean_gain"]

_PAIRS = 1 << 18
"""Operand pairs behind a mean gain: its standard error is below .2 %."""


def mean_gain(unit: FpMul | str, *, pairs: int = _PAIRS, seed: int = 0) -> float:
    """Mean product of a float32 unit over the mean exact product, for operands uniform in [0, 1).

    Raises ``InputError`` for an unknown unit and one of another format.
    """
    spec = as_float_spec(unit)
    generator = np.random.default_rng(seed)
    a, b = generator.random((2, pairs), dtype=np.float32)
    products = golden.multiply(spec, a.view(np.uint32), b.view(np.uint32)).view(np.float32)
    return float(products.sum(dtype=np.float64) / (a.astype(np.float64) * b).sum())


def gain(module: nn.Module, factor: float, *, layers: str = "conv") -> nn.Module:
    """A copy of ``module`` whose products are ``factor`` times as large, biases as they are.

    ``layers``: ``"conv"`` those of convolutions, ``"all"`` those of linear layers too. The weights carry the factor.
    Raises ``InputError`` for other layers, for a factor that is not finite and above 0, and where nothing is to change.
    """
    if layers not in ("conv", "all"):
        raise InputError(f"layers must be 'conv' or 'all', not {layers!r}")
    if not 0 < factor < float("inf"):
        raise InputError(f"factor must be finite and above 0, not {factor!r}")
    made = copy.deepcopy(module)
    kinds = (nn.modules.conv._ConvNd,) if layers == "conv" else (nn.modules.conv._ConvNd, nn.Linear)
    changed = [layer for layer in made.modules() if isinstance(layer, kinds) and not isinstance(layer, ApproxMixin)]
    if not changed:
        raise InputError(f"{type(module).__name__} has no exact layer with layers={layers!r}")
    with torch.no_grad():
        for layer in changed:
            layer.weight.mul_(factor)
    return made
