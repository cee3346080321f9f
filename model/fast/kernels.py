"""The kernels: each multiplies element by element, and computes rows of a matrix product, both on the calling thread.

A matrix product is given by places: product k of row m takes ``x[rows[m] + steps[k]]``, and the result of row m and
column n goes to ``out[results[m] + n * column_stride]``. In a convolution these are the places of a patch, so that no
patch is copied.
"""

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from axmac.model import golden
from axmac.model.fast.careful import constants, dot_rows_careful, products_careful
from axmac.model.fast.forms import Form
from axmac.model.fast.microkernel import LANES, NATIVE, RECORD_BYTES, SPLIT32, SPLIT64, WEIGHT_BYTES, dot_rows
from axmac.model.fast.operands import from_patterns, to_patterns
from axmac.model.fast.split import exponents, split_weights, split_x
from axmac.model.spec import FpMul

__all__ = ["ClosedForm", "Golden", "Kernel", "Native", "Places"]

_FLOAT32_EXP = (-126, 127)
_NO_MASKS = (np.uint32(0), np.uint32(0))
_GOLDEN_PRODUCTS = 1 << 20


class Places(NamedTuple):
    """Where operands and results lie (see above): x float32[:], rows int64[M], steps int64[K], results int64[M]."""

    x: np.ndarray
    rows: np.ndarray
    steps: np.ndarray
    results: np.ndarray


class Kernel(Protocol):
    """What a kernel offers. Arrays are contiguous; operands already have values of the operand format."""

    name: str

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] of float32[n] and float32[n]."""

    def prepare(self, w: np.ndarray) -> object:
        """Weights float32[K, N] as ``dot`` takes them."""

    def dot(self, places: Places, weights: object, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out`` float32[:] (module docstring)."""


class Native:
    """The machine's own float32 product and addition: IEEE 754, so that this is the exact unit."""

    name = "native float32"

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n], NaN canonical."""
        with np.errstate(all="ignore"):
            result = x * w
        result[np.isnan(result)] = np.nan
        return result

    def prepare(self, w: np.ndarray) -> tuple[np.ndarray, int]:
        """Blocks of 16 columns uint8[J, K, 64], and N."""
        steps, columns = w.shape
        panels = _aligned((-(-columns // LANES), steps, WEIGHT_BYTES[NATIVE]))
        for j, block in enumerate(panels.view(np.float32)):
            part = w[:, j * LANES : (j + 1) * LANES]
            block[:, : part.shape[1]] = part
        return panels, columns

    def dot(self, places: Places, weights: tuple[np.ndarray, int], out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        _run_micro(NATIVE, places, weights, _NO_MASKS, out, column_stride)


class ClosedForm:
    """Two products and a sum for each product of the unit, in the narrowest float type that is exact.

    Operands whose products might leave the normal range, operands that are not finite, and units that round to nearest
    take the careful kernel instead.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self.kind = SPLIT32 if form.exact_in_float32 else SPLIT64
        self.dtype = np.float32 if self.kind == SPLIT32 else np.float64
        self.constants = constants(form)
        self.smallest = np.uint32(self.constants[-1])
        kept = (1 << 32) - (1 << form.drop)
        two = 0x40000000
        self.masks = (np.uint32(kept & 0x7FFFFF), np.uint32(two)) if form.halve else (np.uint32(kept), np.uint32(0))
        self.name = "closed form, integer" if form.nearest else f"closed form, {self.dtype.__name__}"

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] by the careful kernel."""
        out = np.empty(x.size, np.uint32)
        products_careful(x.view(np.uint32), w.view(np.uint32), self.constants, out)
        return out.view(np.float32)

    def prepare(self, w: np.ndarray) -> "_FormWeights":
        """Weights that are cut when a quick product first asks for it."""
        return _FormWeights(self, w.view(np.uint32))

    def dot(self, places: Places, weights: "_FormWeights", out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        bits = places.x.view(np.uint32)
        if self._is_quick(exponents(bits, self.smallest), weights.exponents):
            records = places._replace(x=self._cut(bits))
            _run_micro(self.kind, records, (weights.panels, weights.bits.shape[1]), self.masks, out, column_stride)
        else:
            dot_rows_careful(tuple(places._replace(x=bits)), weights.bits, self.constants, out, column_stride)

    def _is_quick(self, x: tuple[int, int], w: tuple[int, int]) -> bool:
        """Whether the unit truncates and every product of values with these exponents is a normal number."""
        low = max(self.form.exp_range[0], _FLOAT32_EXP[0])
        high = min(self.form.exp_range[1], _FLOAT32_EXP[1])
        return not self.form.nearest and x[0] + w[0] >= low and x[1] + w[1] + 2 <= high

    def _cut(self, bits: np.ndarray) -> np.ndarray:
        records = np.empty((bits.size, RECORD_BYTES[self.kind]), np.uint8)
        values, patterns = records.view(self.dtype), records.view(np.uint32)
        fields = (values[:, 0], values[:, 1], patterns[:, 2 * values.itemsize // 4])
        split_x(bits, self.smallest, (np.uint32(self.form.x1), np.uint32(self.form.x2)), fields)
        return records


class _FormWeights:
    """Weights of a closed form, patterns uint32[K, N], and what is made of them when first needed."""

    def __init__(self, kernel: ClosedForm, bits: np.ndarray) -> None:
        self.bits = bits
        self._kernel = kernel

    @cached_property
    def exponents(self) -> tuple[int, int]:
        return exponents(self.bits.reshape(-1), self._kernel.smallest)

    @cached_property
    def panels(self) -> np.ndarray:
        kernel = self._kernel
        steps, columns = self.bits.shape
        panels = _aligned((-(-columns // LANES), steps, WEIGHT_BYTES[kernel.kind]))
        values, patterns = panels.view(kernel.dtype), panels.view(np.uint32)
        tail = 2 * LANES * values.itemsize // 4
        fields = (values[..., :LANES], values[..., LANES : 2 * LANES], patterns[..., tail : tail + LANES])
        unit = 1.0 if kernel.kind == SPLIT32 else 2.0**-896  # moves the bias of float64, 1023, down to 127
        split_weights(self.bits, kernel.smallest, (np.uint32(kernel.form.w1), np.uint32(kernel.form.w2)), unit, fields)
        return panels


class Golden:
    """Any unit, by the golden model in blocks: correct and slow."""

    name = "golden, bit-sliced"

    def __init__(self, spec: FpMul) -> None:
        self._spec = spec

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n]."""
        patterns = (to_patterns(self._spec.format, operand) for operand in (x, w))
        return from_patterns(self._spec.result_format, golden.multiply(self._spec, *patterns))

    def prepare(self, w: np.ndarray) -> np.ndarray:
        """Weights as patterns [K, N]."""
        return to_patterns(self._spec.format, w)

    def dot(self, places: Places, weights: np.ndarray, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``, about 10^6 products at a time."""
        patterns = to_patterns(self._spec.format, places.x)
        columns = np.arange(weights.shape[1]) * column_stride
        step = max(1, _GOLDEN_PRODUCTS // max(1, weights.size))
        for start in range(0, len(places.rows), step):
            block = slice(start, start + step)
            operands = patterns[places.rows[block, None] + places.steps]
            products = golden.multiply(self._spec, operands[:, :, None], weights)
            values = from_patterns(self._spec.result_format, products)
            acc = np.zeros((len(operands), weights.shape[1]), np.float32)
            with np.errstate(all="ignore"):
                for k in range(len(weights)):
                    acc += values[:, k]
            acc[np.isnan(acc)] = np.nan
            out[places.results[block, None] + columns] = acc


def _aligned(shape: tuple[int, ...]) -> np.ndarray:
    """Zeros uint8 of a shape that begin at a multiple of 64 bytes."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + size].reshape(shape)


def _run_micro(kind: int, places: Places, weights: tuple, masks: tuple, out: np.ndarray, column_stride: int) -> None:
    size = RECORD_BYTES[kind]
    records = (places.x.view(np.uint8).reshape(-1), places.rows * size, places.steps * size, places.results)
    dot_rows(kind, records, weights, masks, out, column_stride)
