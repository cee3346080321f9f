"""Bit planes: 64 operands in one machine word, so that a cell is one word-wide Boolean expression."""

import numpy as np

__all__ = ["from_planes", "to_planes"]


def to_planes(values: np.ndarray, width: int) -> np.ndarray:
    """Bits 0..width-1 of ``values`` uint64[n] as uint64[width, ceil(n / 64)]; operand m is bit m % 64 of its word."""
    size = values.size
    padded = np.zeros(-(-size // 64) * 64, np.uint64)
    padded[:size] = values
    bits = [
        np.packbits((padded >> np.uint64(i) & np.uint64(1)).astype(np.uint8), bitorder="little") for i in range(width)
    ]
    return np.stack(bits).view("<u8")


def from_planes(planes: np.ndarray, size: int) -> np.ndarray:
    """The inverse: ``planes`` uint64[..., width, words] as values uint64[..., size]."""
    bits = np.unpackbits(np.ascontiguousarray(planes).view(np.uint8), axis=-1, count=size, bitorder="little")
    values = np.zeros((*bits.shape[:-2], size), np.uint64)
    for i in range(bits.shape[-2]):
        values |= bits[..., i, :].astype(np.uint64) << np.uint64(i)
    return values
