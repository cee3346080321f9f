"""Layers as files: operands as bit patterns and the sums that the emulator expects, for replay on hardware.

A file ``<layer>.npz`` holds ``a`` [M, K] (activations, one row an output position), ``b`` [K, N] (weights), both in the
unit's format; and as patterns uint32: ``sums`` [M, N] by ``axmac.model.fast``, accumulated over k in order; ``bias``
[N]; ``outputs`` [M, N], what the layer itself returned. For a convolution m runs over (image, row, column) of its
result and k over (channel, row, column) of its kernel. ``<layer>.json`` is the manifest.

Of a float unit all three are float32: outputs are sums and, added once, the bias; this is -0 where the layer has none,
which IEEE 754 adds to any sum without a change. Of an integer unit (int8 layers) ``a`` and ``b`` are what quantisation
made of the operands, ``sums`` and ``bias`` (0 for none) are int32, and outputs float32: `axmac.model.golden.requantise`
says what the layer makes of the sums, with the file's ``scales`` float64 [N] of the sums and ``out_scale`` float64 [],
0 where the layer knows no step of its output.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model import fast
from axmac.model.fast.operands import to_patterns
from axmac.model.fast.tables import integer_table
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.nn.int8 import Int8Linear, Int8Mixin, quantized
from axmac.model.nn.layer_file import write_layer
from axmac.model.nn.layers import ApproxLinear, ApproxMixin
from axmac.model.spec import FloatFormat, InputError, IntFormat, Mac

__all__ = ["LayerProduct", "layer_names", "partial_sums", "patches", "product_of", "replaced", "write"]

_NEGATIVE_ZERO = np.uint32(0x80000000)

Layer = ApproxMixin | Int8Mixin
"""What can be exported: layers of ``approximate`` and of ``quantize``."""


@dataclass(frozen=True)
class LayerProduct:
    """The matrix product of one call of a layer.

    ``rows`` [M, K] and ``weights`` [K, N] are what the layer multiplies: float32 before it is rounded to the unit's
    format, or int8; ``sums``, ``bias`` and ``outputs`` are patterns as in the file; ``shape`` is (..., N), that of the
    layer's result with its channels last; ``steps`` holds what only the files of int8 layers have.
    """

    layer: Layer
    rows: Tensor
    weights: Tensor
    sums: np.ndarray
    bias: np.ndarray
    outputs: np.ndarray
    shape: tuple[int, ...]
    steps: dict[str, np.ndarray]

    @property
    def mac(self) -> Mac:
        """The unit of the layer."""
        return self.layer.mac

    def arrays(self) -> dict[str, np.ndarray]:
        """What the file holds."""
        number_format = self.mac.mul.format
        operands = {"a": _patterns(number_format, self.rows), "b": _patterns(number_format, self.weights)}
        return operands | {"sums": self.sums, "bias": self.bias, "outputs": self.outputs} | self.steps

    def tensor(self, outputs: np.ndarray) -> Tensor:
        """Patterns [M, N] of outputs as the tensor that the layer returns."""
        values = torch.from_numpy(np.ascontiguousarray(outputs).view(np.float32)).reshape(self.shape)
        return values.movedim(-1, _channels(self.layer)).contiguous()


def layer_names(module: nn.Module, wanted: str = "all") -> list[str]:
    """Names of the converted layers that have one matrix product: all of them, or the one that is wanted.

    Raises ``InputError`` for a name that is none of them, for layers with groups, and for units that do not accumulate
    as a column of the array does.
    """
    found = {name: layer for name, layer in module.named_modules() if isinstance(layer, Layer)}
    if wanted != "all" and wanted not in found:
        raise InputError(f"unknown layer {wanted!r}: use all or one of {', '.join(found)}")
    chosen = list(found) if wanted == "all" else [wanted]
    for name in chosen:
        if getattr(found[name], "groups", 1) != 1:
            raise InputError(f"layer {name} has {found[name].groups} groups: only layers without groups are replayed")
        if (mac := found[name].mac) != Mac(mac.mul):
            raise InputError(f"layer {name} computes with {mac.id}: the array accumulates as {Mac(mac.mul).id}")
    return chosen


def product_of(layer: Layer, x: Tensor) -> LayerProduct:
    """The product that a layer computes on its input x, with the emulator's results."""
    with torch.no_grad():
        outputs = layer(x).movedim(_channels(layer), -1)
        made = _integer_product if isinstance(layer, Int8Mixin) else _float_product
        rows, weights, sums, bias, steps = made(layer, x)
    count = weights.shape[1]
    patterns = [_bits(value.reshape(-1, count)) for value in (sums.movedim(_channels(layer), -1), outputs)]
    return LayerProduct(layer, rows, weights, patterns[0], bias, patterns[1], tuple(outputs.shape), steps)


def _float_product(layer: ApproxMixin, x: Tensor) -> tuple[Tensor, Tensor, Tensor, np.ndarray, dict]:
    """Rows, weights, sums, bias; nothing more."""
    weights = layer.weight.flatten(1).T.contiguous()
    if isinstance(layer, ApproxLinear):
        rows, sums = x.reshape(-1, x.shape[-1]), fast.matmul(layer.mac, x, weights)
    else:
        rows, sums = patches(layer, x), layer._conv_forward(x, layer.weight, None)
    bias = np.full(len(layer.weight), _NEGATIVE_ZERO) if layer.bias is None else _bits(layer.bias)
    return rows.contiguous(), weights, sums, bias, {}


def _integer_product(layer: Int8Mixin, x: Tensor) -> tuple[Tensor, Tensor, Tensor, np.ndarray, dict]:
    """Rows, weights, sums, bias, and the steps with which the layer rounds them."""
    weights, bias, scales = layer.integers()
    sums = layer.sums(quantized(layer.padded(x), layer.in_scale), weights)
    rows = x.reshape(-1, x.shape[-1]) if isinstance(layer, Int8Linear) else patches(layer, x)
    steps = {"scales": scales.numpy(), "out_scale": np.float64(layer.out_scale or 0)}
    return quantized(rows, layer.in_scale), weights.flatten(1).T.contiguous(), sums, _bits(bias), steps


def partial_sums(product: LayerProduct, m: int, n: int) -> dict[str, np.ndarray]:
    """How output (m, n) comes about: ``a`` [K], ``b`` [K], and ``partial`` [K], its sum after every k by ``fast``.

    The sum after k is that of a row which is +0 from k + 1 on: a product with +0 changes no sum that began with +0.
    Of integers, what the unit makes of these 0 (not 0 of every imported unit) is taken off again.
    """
    number_format, row = product.mac.mul.format, product.rows[m]
    column, prefixes = product.weights[:, n : n + 1].contiguous(), row.expand(len(row), -1).tril()
    operands = {"a": _patterns(number_format, row), "b": _patterns(number_format, column[:, 0])}
    if not isinstance(number_format, IntFormat):
        return operands | {"partial": _bits(fast.matmul(product.mac, prefixes, column)).reshape(-1)}
    of_zero = integer_table(product.mac.mul)[operands["b"], 0]
    sums = fast.int_matmul(product.mac.mul, prefixes, column).reshape(-1).numpy()
    return operands | {"partial": (sums - (of_zero.sum() - of_zero.cumsum())).astype(np.uint32)}


def write(folder: Path | str, name: str, product: LayerProduct, context: dict[str, Any]) -> Path:
    """Writes ``<name>.npz`` and its manifest ``<name>.json``, whose path it returns.

    The manifest has the layer, its unit, the sizes and ``context``: seed, versions, net, data.
    """
    spec = product.mac.mul
    about = {
        "module": repr(product.layer),
        "spec": {"id": spec.id, "repr": repr(spec), "sha256": spec.sha256},
        "mac": product.mac.id,
    }
    return write_layer(folder, name, product.arrays(), about | context)


@contextmanager
def replaced(module: nn.Module, names: Sequence[str], run: Callable[[str, Layer, Tensor], Tensor]) -> Iterator[None]:
    """While open, the named layers return run(name, layer, x); ``run`` may call the layer, which is itself then."""
    layers = dict(module.named_modules())

    def forward_of(name: str, layer: Layer) -> Callable[[Tensor], Tensor]:
        def forward(x: Tensor) -> Tensor:
            del layer.forward
            try:
                return run(name, layer, x)
            finally:
                layer.forward = forward

        return forward

    for name in names:
        layers[name].forward = forward_of(name, layers[name])
    try:
        yield
    finally:
        for name in names:
            del layers[name].forward


def _channels(layer: Layer) -> int:
    """The axis of the result's channels, from its end."""
    return -1 if isinstance(layer, ApproxLinear | Int8Linear) else -1 - len(layer.stride)


def patches(layer: nn.Module, x: Tensor) -> Tensor:
    """[images * positions, K] of x: what a convolution's kernel sees at each position; zeros are +0."""
    mode = "constant" if layer.padding_mode == "zeros" else layer.padding_mode
    dims = len(layer.stride)
    patches = F.pad(x if x.ndim == dims + 2 else x.unsqueeze(0), layer._reversed_padding_repeated_twice, mode=mode)
    for i, (size, stride, dilation) in enumerate(zip(layer.kernel_size, layer.stride, layer.dilation, strict=True)):
        patches = patches.unfold(2 + i, dilation * (size - 1) + 1, stride)[..., ::dilation]
    return patches.movedim(1, 1 + dims).reshape(-1, layer.weight[0].numel())


def _bits(values: Tensor) -> np.ndarray:
    return np.ascontiguousarray(values.detach().numpy()).view(np.uint32)


def _patterns(number_format: FloatFormat | IntFormat, values: Tensor) -> np.ndarray:
    if isinstance(number_format, IntFormat):
        return values.contiguous().numpy().view(np.uint8)
    patterns = to_patterns(number_format, np.ascontiguousarray(values.detach().numpy()))
    return patterns.astype(pattern_dtype(number_format))
