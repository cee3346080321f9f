"""Columns of bits as one integer: bit k of a word belongs to product or lane k."""

import numpy as np

__all__ = ["packed", "unpacked"]


def packed(values: np.ndarray, bit: int) -> int:
    """Bit ``bit`` of each value of a vector, as a word."""
    bits = (values.astype(np.uint64) >> np.uint64(bit)).astype(np.uint8) & 1
    return int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")


def unpacked(word: int, count: int) -> np.ndarray:
    """The first ``count`` bits of a word, uint8."""
    content = np.frombuffer(word.to_bytes(-(-count // 8), "little"), np.uint8)
    return np.unpackbits(content, count=count, bitorder="little")
