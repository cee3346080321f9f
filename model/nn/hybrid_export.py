"""Layers of hybrid networks as files: the integers that they multiply, for replay on precision-scalable MACs.

A file ``<layer>.npz`` holds ``a`` int32 [M, K], codes of activations, one row an output position; ``b`` int32 [K, N],
codes of weights; and ``sums`` int64 [M, N], exact. m and k run as in `axmac.model.nn.export`. The manifest has the
layer's ``bits`` and whether activations are ``a_signed``.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from axmac.model.nn.export import patches
from axmac.model.nn.hybrid_layers import HybridLinear, HybridMixin
from axmac.model.nn.layer_file import write_layer
from axmac.model.spec import InputError

__all__ = ["HybridProduct", "hybrid_product", "write_hybrid"]


@dataclass(frozen=True)
class HybridProduct:
    """The matrix product of one call of a layer in evaluation mode: codes ``a`` [M, K], ``b`` [K, N], ``sums`` [M, N].

    ``shape`` is that of the sums with channels last; ``scale`` and the layer's bias make the output of them.
    """

    layer: HybridMixin
    a: np.ndarray
    b: np.ndarray
    sums: np.ndarray
    a_signed: bool
    scale: float
    shape: tuple[int, ...]

    def output(self, sums: np.ndarray) -> Tensor:
        """What the layer makes of sums int64 [M, N]: float32, of the shape that it returns.

        As the layer itself does it: sums in float32, times the scale, and the bias added.
        """
        last = torch.from_numpy(sums).to(torch.float32) * self.scale
        last = last if self.layer.bias is None else last + self.layer.bias.detach()
        out = last.reshape(self.shape)
        return out if isinstance(self.layer, HybridLinear) else out.movedim(-1, 1)


def hybrid_product(layer: HybridMixin, x: Tensor) -> HybridProduct:
    """The product that the layer computes for a batch x. ``InputError`` for a convolution in groups."""
    if getattr(layer, "groups", 1) != 1:
        raise InputError(f"{layer}: a convolution in groups is no one matrix product and cannot be replayed")
    codes = layer.codes(x)
    sums = layer.sums(codes)
    if isinstance(layer, HybridLinear):
        a = codes.activations.reshape(-1, codes.activations.shape[-1])
    else:
        a, sums = patches(layer, codes.activations), sums.movedim(1, -1)
    return HybridProduct(
        layer,
        a.contiguous().numpy(),
        codes.weights.flatten(1).T.contiguous().numpy(),
        sums.reshape(-1, sums.shape[-1]).contiguous().numpy(),
        codes.a_signed,
        codes.scale,
        tuple(sums.shape),
    )


def write_hybrid(folder: Path | str, name: str, product: HybridProduct, context: dict[str, Any]) -> Path:
    """Writes ``<name>.npz`` and its manifest, whose path it returns; ``context``: seed, versions, net, data."""
    about = {"module": repr(product.layer), "bits": product.layer.bits, "a_signed": product.a_signed}
    arrays = {"a": product.a, "b": product.b, "sums": product.sums}
    return write_layer(folder, name, arrays, about | context)
