"""The definition of a floating-point product: unpack, significand product, normalise, round, special cases, pack."""

from dataclasses import dataclass

import numpy as np

from axmac.model.golden.rounding import check_patterns, fields, pattern_dtype, round_nearest_even, value_of
from axmac.model.golden.significand import partial_products, significand_product, tile_products
from axmac.model.spec import ArraySig, FloatFormat, FpMul, as_float_spec

__all__ = ["BLOCK", "Trace", "multiply", "trace"]

BLOCK = 1 << 16
"""Operand pairs that are computed at a time: bounds the memory of the bit planes."""


@dataclass(frozen=True)
class Trace:
    """Every stage of n products, arrays of length n (int64 unless stated), also where a special case overrides them.

    ``tile_sums`` uint64[width/t, width/t, n] is empty where the significand multiplier has no tiles. ``hidden_bit`` is
    the position in ``product`` that becomes the hidden bit. ``exp`` and ``frac`` are the biased exponent and fraction
    before rounding, ``exp_final`` and ``frac_final`` after it, ``dropped`` the product bits below ``frac``. ``result``
    holds patterns of the result format. For ``subnormals='ieee'`` the stages after ``product`` are those of one
    rounding of an exact value and are left empty.
    """

    spec: FpMul
    a: np.ndarray
    b: np.ndarray
    sign: np.ndarray
    exp_a: np.ndarray
    exp_b: np.ndarray
    sig_a: np.ndarray
    sig_b: np.ndarray
    tile_sums: np.ndarray
    product: np.ndarray
    hidden_bit: np.ndarray
    exp: np.ndarray
    frac: np.ndarray
    dropped: np.ndarray
    frac_final: np.ndarray
    exp_final: np.ndarray
    result: np.ndarray

    def pp(self, index: int = 0) -> list[list[int]]:
        """AND array ``pp[j][i]`` of one pair over the full significand width; empty without an array."""
        if not isinstance(self.spec.significand, ArraySig):
            return []
        width = self.spec.format.sig_width
        return partial_products(self.spec.significand, width, int(self.sig_a[index]), int(self.sig_b[index]))

    def describe(self, index: int = 0) -> str:
        """The stages of one pair as lines of text, patterns in hex."""
        spec, digits = self.spec, -(-self.spec.format.width // 4)
        lines = [f"{spec.id}  a=0x{int(self.a[index]):0{digits}x}  b=0x{int(self.b[index]):0{digits}x}"]
        for name in ("a", "b"):
            exp, sig = int(getattr(self, f"exp_{name}")[index]), int(getattr(self, f"sig_{name}")[index])
            lines.append(f"unpack {name}     biased_exp={exp} sig=0x{sig:x}")
        for u in range(self.tile_sums.shape[0]):
            sums = " ".join(f"{int(value):0{-(-spec.significand.tile // 2)}x}" for value in self.tile_sums[u, :, index])
            lines.append(f"tiles a[{u}]     {sums}")
        lines.append(f"product        0x{int(self.product[index]):x}")
        if self.hidden_bit.size:
            lines.append(
                f"normalise      hidden_bit={int(self.hidden_bit[index])} biased_exp={int(self.exp[index])} "
                f"frac=0x{int(self.frac[index]):x} dropped=0x{int(self.dropped[index]):x}"
            )
            rounded = f"biased_exp={int(self.exp_final[index])} frac=0x{int(self.frac_final[index]):x}"
            lines.append(f"round ({spec.rounding})    {rounded}")
        result_digits = -(-spec.result_format.width // 4)
        lines.append(f"result         0x{int(self.result[index]):0{result_digits}x}")
        return "\n".join(lines)


def multiply(spec: FpMul | str, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Products of patterns a (activation) and b (weight), any broadcastable shapes.

    Operands are unsigned arrays of the format's patterns (uint32 for float32, uint16 for bfloat16); the result holds
    patterns of ``spec.result_format`` in the broadcast shape. Raises ``TypeError`` for another dtype.
    """
    spec, a, b = _checked(spec, a, b)
    shape = a.shape
    flat_a, flat_b = a.reshape(-1), b.reshape(-1)
    result = np.empty(flat_a.size, pattern_dtype(spec.result_format))
    for start in range(0, flat_a.size, BLOCK):
        block = slice(start, start + BLOCK)
        result[block] = _stages(spec, flat_a[block], flat_b[block], keep_tiles=False).result
    return result.reshape(shape)


def trace(spec: FpMul | str, a: np.ndarray, b: np.ndarray, *, tiles: bool = True) -> Trace:
    """Every stage of the products of patterns a and b, flattened; arguments and errors as ``multiply``.

    ``tiles=False`` leaves ``tile_sums`` empty and saves the time that they take.
    """
    spec, a, b = _checked(spec, a, b)
    return _stages(spec, a.reshape(-1), b.reshape(-1), keep_tiles=tiles)


def _checked(spec: FpMul | str, a: np.ndarray, b: np.ndarray) -> tuple[FpMul, np.ndarray, np.ndarray]:
    spec = as_float_spec(spec)
    check_patterns(spec.format, a, b)
    return spec, *np.broadcast_arrays(a, b)


def _stages(spec: FpMul, a: np.ndarray, b: np.ndarray, *, keep_tiles: bool) -> Trace:
    fmt, sig = spec.format, spec.significand
    sign_a, exp_a, _ = fields(fmt, a)
    sign_b, exp_b, _ = fields(fmt, b)
    sign = sign_a ^ sign_b
    (sig_a, ulp_a), (sig_b, ulp_b) = value_of(fmt, a), value_of(fmt, b)
    operands = sig_a.astype(np.uint64), sig_b.astype(np.uint64)
    tiles = np.empty((0, 0, a.size), np.uint64)
    if keep_tiles and isinstance(sig, ArraySig):
        tiles = tile_products(sig, fmt.sig_width, *operands)
    product = significand_product(sig, fmt.sig_width, *operands).astype(np.int64)
    empty = np.empty(0, np.int64)
    if spec.subnormals == "ieee":
        hidden_bit = exp = frac = dropped = frac_final = exp_final = empty
        finite = round_nearest_even(spec.result_format, sign, product, ulp_a + ulp_b)
    else:
        hidden_bit, exp = _normalise(spec, product, exp_a + exp_b)
        frac, dropped = _split(spec.result_format, product, hidden_bit)
        frac_final, exp_final = _round(spec, hidden_bit, exp, frac, dropped)
        finite = _pack(spec.result_format, sign, exp_final, frac_final)
    result = _special_cases(spec, a, b, sign, finite)
    return Trace(
        spec, a, b, sign, exp_a, exp_b, sig_a, sig_b, tiles, product,
        hidden_bit, exp, frac, dropped, frac_final, exp_final, result,
    )  # fmt: skip


def _normalise(spec: FpMul, product: np.ndarray, exp_sum: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Position of the hidden bit and biased exponent: facts of the product's two top bits, no leading-zero count."""
    top = 2 * spec.format.sig_width
    extra = product >= 1 << top
    upper = product >= 1 << (top - 1)
    hidden_bit = np.where(extra, top, np.where(upper, top - 1, top - 2))
    counted = 2 if spec.extra_carry == "counted" else 1
    exp = exp_sum - 2 * spec.format.bias + spec.result_format.bias
    return hidden_bit, exp + np.where(extra, counted, upper.astype(np.int64))


def _split(target: FloatFormat, product: np.ndarray, hidden_bit: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The fraction below the hidden bit and the bits that do not fit it, the latter still at their place."""
    right = np.maximum(hidden_bit - target.frac_width, 0)
    left = np.maximum(target.frac_width - hidden_bit, 0)
    frac = (product >> right) << left & target.frac_mask
    return frac, product & ((np.int64(1) << right) - 1)


def _round(
    spec: FpMul, hidden_bit: np.ndarray, exp: np.ndarray, frac: np.ndarray, dropped: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    if spec.rounding == "rtz":
        return frac, exp
    right = np.maximum(hidden_bit - spec.result_format.frac_width, 0)
    twice = dropped << 1
    unit = np.int64(1) << right
    up = (right > 0) & ((twice > unit) | ((twice == unit) & (frac & 1 == 1)))
    rounded = frac + up
    carry = rounded >> spec.result_format.frac_width
    return rounded & spec.result_format.frac_mask, exp + carry


def _pack(target: FloatFormat, sign: np.ndarray, exp: np.ndarray, frac: np.ndarray) -> np.ndarray:
    normal = exp << target.frac_width | frac
    magnitude = np.where(exp < 1, 0, np.where(exp >= target.exp_special, target.inf, normal))
    return magnitude | sign << (target.width - 1)


def _special_cases(spec: FpMul, a: np.ndarray, b: np.ndarray, sign: np.ndarray, finite: np.ndarray) -> np.ndarray:
    """The table of special operands: NaN and inf x 0 first, then inf, then zero; flushed subnormals are zeros."""
    target = spec.result_format
    zero, inf, nan = [], [], []
    for operand in (a, b):
        _, exp, frac = fields(spec.format, operand)
        zero.append((exp == 0) if spec.subnormals == "flush" else (exp == 0) & (frac == 0))
        inf.append((exp == spec.format.exp_special) & (frac == 0))
        nan.append((exp == spec.format.exp_special) & (frac != 0))
    signed_zero = sign << (target.width - 1)
    result = np.where(zero[0] | zero[1], signed_zero, finite)
    result = np.where(inf[0] | inf[1], target.inf | signed_zero, result)
    invalid = nan[0] | nan[1] | (inf[0] & zero[1]) | (zero[0] & inf[1])
    return np.where(invalid, target.nan, result).astype(pattern_dtype(target))
