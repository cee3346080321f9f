"""The definition of what a precision-scalable MAC computes: lane products, their sums, and the register of the sums.

Words are packed as `axmac.model.spec.ScalableMac` says; operands are uint16 for both widths.
"""

import numpy as np

from axmac.model.spec import InputError, ScalableMac

__all__ = [
    "SumRegister",
    "dot_product",
    "lane_products",
    "lane_values",
    "matrix_product",
    "pack",
    "product_words",
    "sums_of",
    "wrapped",
]


def pack(spec: ScalableMac, precision: int, values: np.ndarray) -> np.ndarray:
    """Operand words uint16 [...] of lane values int [..., lanes], lane 0 first; left-aligned for data gating.

    Raises ``InputError`` for a value that has no pattern of ``precision`` bits, signed or not.
    """
    values = np.asarray(values, np.int64)
    lanes, shift = spec.lanes(precision), spec.shift(precision)
    if values.shape[-1] != lanes:
        raise InputError(f"{spec.id} has {lanes} lanes of {precision} bits, not {values.shape[-1]}")
    if np.any((values < -(1 << precision - 1)) | (values >= 1 << precision)):
        raise InputError(f"an operand does not fit {precision} bits: its values are {values.min()} to {values.max()}")
    words = np.zeros(values.shape[:-1], np.int64)
    for lane in range(lanes):
        words |= (values[..., lane] & (1 << precision) - 1) << lane * precision + shift
    return words.astype(np.uint16)


def lane_values(spec: ScalableMac, precision: int, words: np.ndarray, *, signed: bool) -> np.ndarray:
    """The values int64 [..., lanes] that the unit reads in operand words [...], without bits that data gating drops."""
    width, shift = spec.lane_width(precision), spec.shift(precision)
    words = np.asarray(words).astype(np.int64)
    fields = np.stack([words >> lane * width & (1 << width) - 1 for lane in range(spec.lanes(precision))], axis=-1)
    values = np.where(signed & (fields >> width - 1 == 1), fields - (1 << width), fields)
    return values >> shift


def lane_products(spec: ScalableMac, precision: int, a: np.ndarray, b: np.ndarray, *, a_signed: bool) -> np.ndarray:
    """Products int64 [..., lanes] of operand words a (activation) and b (weight).

    Data gating to k of w bits, s = w - k: 2^(2s) * (a >> s) * (b >> s).
    """
    values = (lane_values(spec, precision, word, signed=sign) for word, sign in ((a, a_signed), (b, True)))
    first, second = values
    return (first * second) << 2 * spec.shift(precision)


def product_words(spec: ScalableMac, precision: int, a: np.ndarray, b: np.ndarray, *, a_signed: bool) -> np.ndarray:
    """The products of operand words a and b side by side as the array gives them, uint32 [...]; lane 0 lowest."""
    products = lane_products(spec, precision, a, b, a_signed=a_signed)
    width = 2 * spec.lane_width(precision)
    fields = (products & (1 << width) - 1) << width * np.arange(products.shape[-1])
    return fields.sum(axis=-1).astype(np.uint32)


def wrapped(values: np.ndarray, width: int) -> np.ndarray:
    """Integers int64 modulo 2^width, as two's complement of that width (at most 62)."""
    half = 1 << width - 1
    return (np.asarray(values, np.int64) + half & (1 << width) - 1) - half


def dot_product(spec: ScalableMac, precision: int, a: np.ndarray, b: np.ndarray, *, a_signed: bool) -> np.ndarray:
    """The sums int64 [..., lanes] of the products of words a and b [..., K]."""
    products = lane_products(spec, precision, a, b, a_signed=a_signed)
    return wrapped(products.sum(axis=-2), spec.sum_width(precision))


def matrix_product(
    spec: ScalableMac, precision: int, activations: np.ndarray, weights: np.ndarray, *, a_signed: bool
) -> np.ndarray:
    """The sums int64 [M, N] of integers activations [M, K] by weights [K, N], both of ``precision`` bits.

    Weights are signed, activations where ``a_signed``. Lane i takes every k with k modulo lanes = i; each lane's sum is
    one of its width, the lanes are added exactly, and what data gating shifted left is shifted back. Raises
    ``InputError`` for operands that do not fit.
    """
    lanes, width = spec.lanes(precision), spec.sum_width(precision)
    for name, values, signed in (("activations", activations, a_signed), ("weights", weights, True)):
        low, high = (-(1 << precision - 1), (1 << precision - 1) - 1) if signed else (0, (1 << precision) - 1)
        if np.any((values < low) | (values > high)):
            said = f"{name} of {precision} bits must be {low} to {high}"
            raise InputError(f"{said}, not {values.min()} to {values.max()}")
    rest = -activations.shape[1] % lanes
    a = np.pad(activations, ((0, 0), (0, rest))).reshape(len(activations), -1, lanes)
    b = np.pad(weights, ((0, rest), (0, 0))).reshape(-1, lanes, weights.shape[1]).transpose(2, 0, 1)
    a, b = pack(spec, precision, a), pack(spec, precision, b)
    first = lane_values(spec, precision, a, signed=a_signed)
    second = lane_values(spec, precision, b, signed=True)
    shift = 2 * spec.shift(precision)
    sums = [wrapped(first[..., i] @ second[..., i].T << shift, width) for i in range(lanes)]
    return sum(sums) >> shift


class SumRegister:
    """The register of the sums, bit by bit: what it holds after each product, whatever modes followed each other.

    ``word`` begins as 0. Bits that the mode of a product does not use stay as they were.
    """

    def __init__(self, spec: ScalableMac) -> None:
        self._spec = spec
        self.word = 0

    def add(self, precision: int, a: int, b: int, *, a_signed: bool, clear: bool) -> int:
        """The word after one pair of operand words; ``clear``: the lanes of this mode begin at 0."""
        spec = self._spec
        width = spec.sum_width(precision)
        mask = (1 << width) - 1
        products = lane_products(spec, precision, np.array(a), np.array(b), a_signed=a_signed)
        for lane, product in enumerate(products.tolist()):
            start = spec.sum_start(precision, lane)
            before = 0 if clear else self.word >> start & mask
            self.word = self.word & ~(mask << start) | (before + product & mask) << start
        return self.word

    def sums(self, precision: int) -> list[int]:
        """The sums of all lanes of a precision, as integers."""
        return sums_of(self._spec, precision, self.word)


def sums_of(spec: ScalableMac, precision: int, word: int) -> list[int]:
    """The sums of all lanes in a word of the register."""
    width = spec.sum_width(precision)
    fields = [word >> spec.sum_start(precision, lane) & (1 << width) - 1 for lane in range(spec.lanes(precision))]
    return [field - (field >> width - 1 << width) for field in fields]
