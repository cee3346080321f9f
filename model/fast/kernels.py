"""The kernels: each multiplies element by element, and computes rows of a matrix product, both on the calling thread.

A matrix product is given by places: product k of row m takes ``x[rows[m] + steps[k]]``, and the result of row m and
column n goes to ``out[results[m] + n * column_stride]``. In a convolution these are the places of a patch, so that no
patch is copied. A kernel adds sequentially, in the accumulator that ``acc`` names; float64 goes through the careful
loops.
"""

from functools import cached_property
from typing import NamedTuple, Protocol

import numpy as np

from axmac.model import golden
from axmac.model.fast.careful import add_products, dot_rows_careful, finish_products, limits_of, products_careful
from axmac.model.fast.forms import Form
from axmac.model.fast.microkernel import (
    NATIVE,
    RECORD_BYTES,
    SPLIT32,
    SPLIT64,
    SPLIT64_3,
    SPLIT64_4,
    WEIGHT_BYTES,
    dot_rows,
    dot_rows_native,
)
from axmac.model.fast.operands import from_patterns, to_patterns
from axmac.model.fast.slicedkernel import BLOCK, outer_products, pair_products
from axmac.model.fast.split import (
    cut_weights,
    cut_x,
    exponents,
    flushed,
    index_weights,
    index_x,
    scale_weights,
    scale_x,
)
from axmac.model.fast.tablekernel import dot_rows_direct, dot_rows_sheets
from axmac.model.fast.tables import product_table
from axmac.model.fast.vectors import LANES
from axmac.model.spec import FpMul

__all__ = ["ClosedForm", "Golden", "Kernel", "Native", "Places", "Sliced", "Tabulated"]

_FLOAT32_EXP = (-126, 127)
_NO_MASKS = (np.uint32(0), np.uint32(0))
_BLOCK_PRODUCTS = 1 << 20


class Places(NamedTuple):
    """Where operands and results lie (see above): x float32[:], rows int64[M], steps int64[K], results int64[M]."""

    x: np.ndarray
    rows: np.ndarray
    steps: np.ndarray
    results: np.ndarray


class Kernel(Protocol):
    """What a kernel offers. Arrays are contiguous; operands already have values of the operand format."""

    name: str
    piece: int
    """Elements of x that one task should hold, at most."""
    shares: int
    """Tasks for each thread, at least."""

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] of float32[n] and float32[n]."""

    def prepare(self, w: np.ndarray) -> object:
        """Weights float32[K, N] as ``dot`` takes them."""

    def dot(self, places: Places, weights: object, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out`` float32[:] (module docstring)."""


class _Pieces:
    """Small pieces, as the records of x stay in the second-level cache."""

    piece, shares = (2 << 20) // 24, 4


class Native(_Pieces):
    """The machine's own float32 product and addition: IEEE 754, so that this is the exact unit."""

    name = "native float32"

    def __init__(self, acc: str = "float32") -> None:
        self._acc = np.dtype(acc)

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n], NaN canonical."""
        with np.errstate(all="ignore"):
            result = x * w
        result[np.isnan(result)] = np.nan
        return result

    def prepare(self, w: np.ndarray) -> tuple[np.ndarray, int]:
        """Blocks of 16 columns uint8[J, K, 64], and N; for a float64 accumulator the weights themselves."""
        return (w, w.shape[1]) if self._acc == np.float64 else (_native_panels(w), w.shape[1])

    def dot(self, places: Places, weights: tuple[np.ndarray, int], out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        if self._acc == np.float64:
            dot_rows_native(tuple(places), weights[0], out, column_stride)
        else:
            _run_micro(NATIVE, places, weights, _NO_MASKS, out, column_stride)


class _Careful(_Pieces):
    """What closed forms and tables share: the careful kernel, and the range where the quick one is as good."""

    def __init__(self, spec: FpMul, source: np.ndarray, acc: str) -> None:
        self.source, self.limits, self.acc = source, limits_of(spec), np.dtype(acc)
        self.smallest = np.uint32(self.limits[-1])
        low, high = int(self.limits[3]), int(self.limits[4])
        self.exp_range = max(low, _FLOAT32_EXP[0]), min(high, _FLOAT32_EXP[1])

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n] by the careful kernel."""
        out = np.empty(x.size, np.uint32)
        products_careful(x.view(np.uint32), w.view(np.uint32), self.source, self.limits, out)
        return out.view(np.float32)

    def prepare(self, w: np.ndarray) -> "_Weights":
        """Weights that are cut when a quick product first asks for it."""
        return _Weights(self, w.view(np.uint32))

    def dot(self, places: Places, weights: "_Weights", out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``."""
        bits = places.x.view(np.uint32)
        if self.acc == np.float32 and self.is_quick(exponents(bits, self.smallest), weights.exponents):
            self.dot_quick(places, bits, weights, out, column_stride)
        else:
            acc = np.empty(weights.bits.shape[1], self.acc)
            where = tuple(places._replace(x=bits))
            dot_rows_careful(where, weights.bits, self.source, self.limits, acc, out, column_stride)


class _Weights:
    """Weights of a careful kernel, patterns uint32[K, N], and what is made of them when first needed."""

    def __init__(self, kernel: _Careful, bits: np.ndarray) -> None:
        self.bits = bits
        self._kernel = kernel

    @cached_property
    def exponents(self) -> tuple[int, int]:
        return exponents(self.bits.reshape(-1), self._kernel.smallest)

    @cached_property
    def panels(self) -> np.ndarray:
        return self._kernel.panels(self.bits)


class ClosedForm(_Careful):
    """A few float products and their sum for each product of the unit, in the narrowest float type that is exact.

    Operands whose products might leave the normal range, operands that are not finite, and forms whose rounding no
    float does take the careful kernel instead.
    """

    def __init__(self, spec: FpMul, form: Form, acc: str = "float32") -> None:
        super().__init__(spec, form.constants(), acc)
        self._form = form
        if form.native:
            self._kind = NATIVE
        elif form.exact_in_float32:
            self._kind = SPLIT32
        else:
            self._kind = {3: SPLIT64_3, 4: SPLIT64_4}.get(len(form.terms), SPLIT64)
        self._dtype = np.float64 if self._kind in (SPLIT64, SPLIT64_3, SPLIT64_4) else np.float32
        kept, two = (1 << 32) - (1 << int(self.limits[2])), 0x40000000
        fixed = form.exponent_is_fixed
        self._masks = (np.uint32(kept & 0x7FFFFF), np.uint32(two)) if fixed else (np.uint32(kept), np.uint32(0))
        quick = form.native or form.quick
        self._is_quick = quick
        self.name = f"closed form, {self._dtype.__name__ if quick else 'integer'}"

    def is_quick(self, x: tuple[int, int], w: tuple[int, int]) -> bool:
        """Whether every product of values with these exponents is a normal number that the quick kernel computes."""
        low, high = self.exp_range
        return self._is_quick and x[0] + w[0] >= low and x[1] + w[1] + 2 <= high

    def dot_quick(self, places: Places, bits: np.ndarray, weights: _Weights, out: np.ndarray, stride: int) -> None:
        """Writes M x N results to ``out``, all operands in the quick range."""
        records = places._replace(x=self._cut(bits))
        _run_micro(self._kind, records, (weights.panels, weights.bits.shape[1]), self._masks, out, stride)

    def _cut(self, bits: np.ndarray) -> np.ndarray:
        if self._kind == NATIVE:
            return flushed(bits, self.smallest)
        records = np.empty((bits.size, RECORD_BYTES[self._kind]), np.uint8)
        values, patterns = records.view(self._dtype), records.view(np.uint32)
        fields = self._fields
        for i, (x, _, _) in enumerate(fields):
            cut_x(bits, np.uint32(x), values[:, i])
        scale_x(bits, self.smallest, patterns[:, len(fields) * values.itemsize // 4])
        return records

    def panels(self, bits: np.ndarray) -> np.ndarray:
        """Blocks of 16 columns of weights uint32[K, N]: uint8[J, K, WEIGHT_BYTES]."""
        if self._kind == NATIVE:
            return _native_panels(flushed(bits, self.smallest).view(np.float32))
        steps, columns = bits.shape
        panels = _aligned((-(-columns // LANES), steps, WEIGHT_BYTES[self._kind]))
        values, patterns = panels.view(self._dtype), panels.view(np.uint32)
        unit = 1.0 if self._kind == SPLIT32 else 2.0**-896  # moves the bias of float64, 1023, down to 127
        fields = self._fields
        for i, (_, w, coefficient) in enumerate(fields):
            cut_weights(bits, np.uint32(w), coefficient * unit, values[..., i * LANES : (i + 1) * LANES])
        tail = len(fields) * LANES * values.itemsize // 4
        scale_weights(bits, self.smallest, patterns[..., tail : tail + LANES])
        return panels

    @property
    def _fields(self) -> list[tuple[int, int, float]]:
        """Masks and coefficient of each product; the kernels with two products take one of zeros for a single term."""
        fields = [(term.x, term.w, float(term.coefficient)) for term in self._form.terms]
        return fields if len(fields) > 1 else [*fields, (0, 0, 0.0)]


class Tabulated(_Careful):
    """All products of two significands of at most 8 bits from a table that golden made.

    Many rows take one line of a sheet for each 16 products (``tablekernel``), few rows the table itself.
    """

    piece, shares = 1 << 20, 1  # a sheet costs as much as about 100 rows

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        super().__init__(spec, product_table(spec), acc)
        size = len(self.source)
        self.name = f"table, {size} x {size}"
        self._shift = np.uint32(24 - size.bit_length())
        self.values = self._values(spec)
        self._growth = [int(np.frexp(f(self.values))[1]) - 1 for f in (np.min, np.max)]

    def _values(self, spec: FpMul) -> np.ndarray:
        """float32[S, S]: the rounded products of values in [1, 2), by fraction of the weight, then the activation."""
        size = len(self.source)
        one = np.uint32(0x3F800000) + (np.arange(size, dtype=np.uint32) << self._shift)
        w, x = (np.ascontiguousarray(grid).reshape(-1) for grid in np.meshgrid(one, one, indexing="ij"))
        out = np.empty(x.size, np.uint32)
        products_careful(x, w, self.source, limits_of(spec, bounded=False), out)
        return out.view(np.float32).reshape(size, size)

    def is_quick(self, x: tuple[int, int], w: tuple[int, int]) -> bool:
        """Whether every product of values with these exponents is a normal number, and so are its two factors."""
        (low, high), (least, most) = self.exp_range, self._growth
        return x[0] + w[0] + least >= low and max(x[1], 0) + w[1] + most <= high

    def dot_quick(self, places: Places, bits: np.ndarray, weights: _Weights, out: np.ndarray, stride: int) -> None:
        """Writes M x N results to ``out``, all operands in the quick range."""
        size = len(self.source)
        records = np.empty((bits.size, 2), np.uint32)
        scale_x(bits, self.smallest, records[:, 0])
        panels = weights.panels, weights.bits.shape[1]
        if len(places.rows) < size:
            index_x(bits, self._shift, np.uint32(1), records[:, 1])
            where = (records.view(np.float32), *places[1:])
            dot_rows_direct(where, panels, np.ascontiguousarray(self.values.T), out, stride)
            return
        index_x(bits, self._shift, np.uint32(4 * LANES), records[:, 1])
        where = (records.view(np.uint8).reshape(-1), places.rows * 8, places.steps * 8, places.results)
        dot_rows_sheets(where, panels, self.values, out, stride)

    def panels(self, bits: np.ndarray) -> np.ndarray:
        """Blocks of 16 columns of weights uint32[K, N]: float32[J, K, 32] as ``dot_rows_sheets`` takes them."""
        steps, columns = bits.shape
        panels = np.zeros((-(-columns // LANES), steps, 2 * LANES), np.uint32)
        scale_weights(bits, self.smallest, panels[..., :LANES])
        index_weights(bits, self._shift, np.uint32(len(self.source)), panels[..., LANES:])
        return panels.view(np.float32)


class Sliced(_Pieces):
    """Any array of cells, compiled: each wire of the array is a vector of 512 products (``slicedkernel``)."""

    name = "bit-sliced, 512 products at a time"
    piece, shares = 1 << 20, 1  # vectors are filled by rows

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        sig = spec.significand
        self._limits, self._acc = limits_of(spec), np.dtype(acc)
        self._shape = (spec.format.sig_width, sig.tile, int(sig.topology == "csa"))
        self._activation_rows = sig.rows == "activation"
        self._table = np.zeros(((sig.tile - 1) * sig.tile, 16), np.uint64)
        for place, words in enumerate(self._table):
            cell = sig.cell_at(1 + place // sig.tile, place % sig.tile)
            for k in range(8):
                meets = {"p": k >> 2, "s": k >> 1 & 1, "c": k & 1}
                a, b, cin = (meets[letter] for letter in sig.wiring)
                for start, column in ((0, cell.sum), (8, cell.cout)):
                    words[start + k] = 0xFFFFFFFFFFFFFFFF * int(column[4 * a + 2 * b + cin])

    def products(self, x: np.ndarray, w: np.ndarray) -> np.ndarray:
        """Products float32[n]."""
        x, w = x.view(np.uint32), w.view(np.uint32)
        significands, out = np.empty(x.size, np.int64), np.empty(x.size, np.uint32)
        rows, columns = (x, w) if self._activation_rows else (w, x)
        pair_products(rows, columns, self._shape, self._table, significands)
        finish_products(significands, x, w, self._limits, out)
        return out.view(np.float32)

    def prepare(self, w: np.ndarray) -> np.ndarray:
        """Weights as patterns [K, N]."""
        return w.view(np.uint32)

    def dot(self, places: Places, weights: np.ndarray, out: np.ndarray, column_stride: int) -> None:
        """Writes M x N results to ``out``: the longer side makes the vectors if it fills them, otherwise pairs do."""
        bits, columns = places.x.view(np.uint32), weights.shape[1]
        step = max(1, _BLOCK_PRODUCTS // max(1, columns))
        for first in range(0, len(places.rows), step):
            rows, results = places.rows[first : first + step], places.results[first : first + step]
            by_rows, longest = len(rows) >= columns, max(len(rows), columns)
            pairs = longest % BLOCK and longest < 3 * BLOCK
            shape = (1, len(rows) * columns) if pairs else (columns, len(rows)) if by_rows else (len(rows), columns)
            acc, significands = np.zeros(shape, self._acc), np.empty(shape, np.int64)
            for k, place in enumerate(places.steps):
                x, w = bits[rows + place], weights[k]
                if pairs:
                    self._add_pairs(np.repeat(x, columns), np.tile(w, len(x)), significands[0], acc[0])
                else:
                    self._add_outer(x, w, by_rows, significands, acc)
            acc = acc.reshape(len(rows), columns) if pairs else acc.T if by_rows else acc
            _scatter(acc, results, out, column_stride)

    def _add_outer(
        self, x: np.ndarray, w: np.ndarray, by_rows: bool, significands: np.ndarray, acc: np.ndarray
    ) -> None:
        lanes, scalars = (x, w) if by_rows else (w, x)
        outer_products(lanes, scalars, by_rows == self._activation_rows, self._shape, self._table, significands)
        add_products(significands, lanes, scalars, self._limits, acc)

    def _add_pairs(self, x: np.ndarray, w: np.ndarray, significands: np.ndarray, acc: np.ndarray) -> None:
        rows, columns = (x, w) if self._activation_rows else (w, x)
        pair_products(rows, columns, self._shape, self._table, significands)
        patterns = np.empty(x.size, np.uint32)
        finish_products(significands, x, w, self._limits, patterns)
        with np.errstate(all="ignore"):
            acc += patterns.view(np.float32)


class Golden(_Pieces):
    """Any unit, by the golden model in blocks: correct and slow."""

    name = "golden, bit-sliced"

    def __init__(self, spec: FpMul, acc: str = "float32") -> None:
        self._spec, self._acc = spec, np.dtype(acc)

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
        step = max(1, _BLOCK_PRODUCTS // max(1, weights.size))
        for start in range(0, len(places.rows), step):
            block = slice(start, start + step)
            operands = patterns[places.rows[block, None] + places.steps]
            products = golden.multiply(self._spec, operands[:, :, None], weights)
            values = from_patterns(self._spec.result_format, products)
            acc = np.zeros((len(operands), weights.shape[1]), self._acc)
            with np.errstate(all="ignore"):
                for k in range(len(weights)):
                    acc += values[:, k]
            _scatter(acc, places.results[block], out, column_stride)


def _scatter(acc: np.ndarray, results: np.ndarray, out: np.ndarray, column_stride: int) -> None:
    """Writes accumulators [M, N] to their places, NaN canonical."""
    with np.errstate(all="ignore"):
        values = acc.astype(np.float32)
    values[np.isnan(values)] = np.nan
    out[results[:, None] + np.arange(acc.shape[1]) * column_stride] = values


def _native_panels(w: np.ndarray) -> np.ndarray:
    steps, columns = w.shape
    panels = _aligned((-(-columns // LANES), steps, WEIGHT_BYTES[NATIVE]))
    for j, block in enumerate(panels.view(np.float32)):
        part = w[:, j * LANES : (j + 1) * LANES]
        block[:, : part.shape[1]] = part
    return panels


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
