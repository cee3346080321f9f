"""Patterns of any width side by side on a wide port, the first in the low bits; and back from the port's text."""

import numpy as np

from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import Multiplier

__all__ = ["port_values", "products_of", "words_of"]


def port_values(patterns: np.ndarray, width: int, count: int) -> list[int]:
    """What a port of ``count * width`` bits takes in each time step for unsigned patterns [n]; 0 fills the last one."""
    steps = -(-patterns.size // count)
    padded = np.zeros(steps * count, patterns.dtype.newbyteorder("<"))
    padded[: patterns.size] = patterns
    bits = np.unpackbits(padded.view(np.uint8).reshape(padded.size, -1), axis=1, count=width, bitorder="little")
    rows = np.packbits(bits.reshape(steps, count * width), axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in rows]


def products_of(texts: list[str], spec: Multiplier, count: int) -> np.ndarray:
    """The products [steps * count] in the texts of a port; see `words_of`."""
    return words_of(texts, spec.result_format.width, count, spec.id).astype(pattern_dtype(spec.result_format))


def words_of(texts: list[str], width: int, count: int, name: str) -> np.ndarray:
    """Words uint32 [steps * count] of up to 32 bits in the texts of a port: digits, that of the highest bit first.

    Raises ``ValueError`` for a digit of unit ``name`` that is neither 0 nor 1, such as x or z.
    """
    digits = np.frombuffer("".join(texts).encode(), np.uint8) ^ ord("0")
    if (digits > 1).any():
        raise ValueError(f"{name}: a product has digits that are neither 0 nor 1")
    bits = np.zeros((len(texts), count, 32), np.uint8)
    bits[:, :, 32 - width :] = digits.reshape(len(texts), count, width)
    words = np.packbits(bits, axis=-1).view(">u4").reshape(len(texts), count)
    return words[:, ::-1].astype(np.uint32).ravel()
