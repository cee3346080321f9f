"""Units whose product is a short sum of float products."""

import numpy as np

from axmac.model.fast.forms import Form
from axmac.model.fast.kernels.base import Places
from axmac.model.fast.kernels.careful import Careful, Weights
from axmac.model.fast.kernels.micro import aligned, native_panels, run_lanes, run_micro
from axmac.model.fast.microkernel import NATIVE, kind_of
from axmac.model.fast.split import (
    SIGN,
    SIGN_EXP,
    cut_weights,
    cut_x,
    exponents,
    flushed,
    in_blocks,
    scale_weights,
    scale_x,
)
from axmac.model.fast.vectors import LANES
from axmac.model.spec import FpMul

__all__ = ["ClosedForm"]

_EXP = SIGN_EXP ^ SIGN


class ClosedForm(Careful):
    """A few float products and their sum for each product of the unit, in the narrowest float type that is exact.

    Operands whose products might leave the normal range, operands that are not finite, and forms whose rounding no
    float does take the careful kernel instead.
    """

    def __init__(self, spec: FpMul, form: Form, acc: str = "float32") -> None:
        super().__init__(spec, form.constants(), acc)
        self._form = form
        self._is_quick = form.native or form.quick
        if self._is_quick and not form.native:
            self._kind = kind_of(len(form.terms), wide=not form.exact_in_float32, fixed=form.exponent_is_fixed)
        else:
            self._kind = NATIVE
        in_factors = {True: _EXP, False: SIGN_EXP}[self._kind.wide]
        self._in_factors = np.uint32(0) if self._kind.fixed else in_factors
        self._apart = SIGN_EXP ^ self._in_factors
        self._dtype = np.float64 if self._kind.wide else np.float32
        kept, two = (1 << 32) - (1 << int(self.limits[2])), 0x40000000
        fraction = 0x7FFFFF if self._kind.fixed else 0xFFFFFFFF
        self._masks = np.uint32(kept & fraction), np.uint32(two if self._kind.fixed else 0)
        self.name = f"closed form, {self._dtype.__name__ if self._is_quick else 'integer'}"

    def is_quick(self, x: tuple[int, int], w: tuple[int, int]) -> bool:
        """Whether every product of values with these exponents is a normal number that the quick kernel computes."""
        low, high = self.exp_range
        return self._is_quick and x[0] + w[0] >= low and x[1] + w[1] + 2 <= high

    def dot_quick(self, places: Places, bits: np.ndarray, weights: Weights, out: np.ndarray, stride: int) -> None:
        """Writes M x N results to ``out``, all operands in the quick range."""
        records = places._replace(x=self._cut(bits))
        run_micro(self._kind, records, (weights.panels, weights.bits.shape[1]), self._masks, out, stride)

    def _cut(self, bits: np.ndarray) -> np.ndarray:
        if self._kind == NATIVE:
            return flushed(bits, self.smallest)
        records = np.empty((bits.size, self._kind.record_bytes), np.uint8)
        values, patterns = records.view(self._dtype), records.view(np.uint32)
        fields = self._fields
        for i, (x, _, _) in enumerate(fields):
            cut_x(bits, np.uint32(x), self._in_factors, self.smallest, values[:, i])
        if self._apart:
            scale_x(bits, self._apart, self.smallest, patterns[:, len(fields) * values.itemsize // 4])
        return records

    def panels(self, bits: np.ndarray) -> np.ndarray:
        """Blocks of 16 columns of weights uint32[K, N]: uint8[J, K, weight_bytes]."""
        if self._kind == NATIVE:
            return native_panels(flushed(bits, self.smallest).view(np.float32))
        unit = 2.0**-896 if self._kind.wide else 1.0  # moves the bias of float64, 1023, down to 127
        return self._panels(bits, [(w, coefficient * unit) for _, w, coefficient in self._fields])

    def dot_lanes(self, places: Places, weights: Weights, out: np.ndarray, column_stride: int) -> None:
        """As ``dot`` where each column has its own activations (``base.Kernel``)."""
        bits = places.x.view(np.uint32)
        if self._kind == NATIVE:
            panels = native_panels(flushed(bits, self.smallest).view(np.float32))
        else:
            panels = self._panels(bits, [(x, 1.0) for x, _, _ in self._fields])
        run_lanes(
            self._kind, places._replace(x=panels), (weights.panels, bits.shape[1]), self._masks, out, column_stride
        )

    def takes_lanes(self, x: np.ndarray, w: np.ndarray) -> bool:
        """Whether all products are in the quick range and sums in float32."""
        ranges = (exponents(v.reshape(-1).view(np.uint32), self.smallest) for v in (x, w))
        return self.acc == np.float32 and self.is_quick(*ranges)

    def _panels(self, bits: np.ndarray, fields: list[tuple[int, float]]) -> np.ndarray:
        """Patterns uint32[K, N] in blocks of 16 columns, a field for each mask and factor: uint8[J, K, bytes]."""
        bits = in_blocks(bits)
        panels = aligned((bits.shape[1] // LANES, len(bits), self._kind.weight_bytes))
        values, patterns = panels.view(self._dtype), panels.view(np.uint32)
        for i, (mask, factor) in enumerate(fields):
            field = values[..., i * LANES : (i + 1) * LANES]
            cut_weights(bits, np.uint32(mask), factor, self._in_factors, self.smallest, field)
        if self._apart:
            tail = len(fields) * LANES * values.itemsize // 4
            scale_weights(bits, self._apart, self.smallest, patterns[..., tail : tail + LANES])
        return panels

    @property
    def _fields(self) -> list[tuple[int, int, float]]:
        """Masks and coefficient of each product; a kind for more products than terms takes some of zeros."""
        fields = [(term.x, term.w, float(term.coefficient)) for term in self._form.terms]
        return fields + [(0, 0, 0.0)] * (self._kind.terms - len(fields))
