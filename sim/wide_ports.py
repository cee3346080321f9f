"""Patterns of any width side by side on a wide port, the first in the low bits; and back from the port's text."""

import numpy as np

from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import Multiplier

__all__ = ["port_values", "products_of"]


def port_values(patterns: np.ndarray, width: int, count: int) -> list[int]:
    """What a port of ``count * width`` bits takes in each time step for unsigned patterns [n]; 0 fills the last one."""
    steps = -(-patterns.size // count)
    padded = np.zeros(steps * count, patterns.dtype.newbyteorder("<"))
    padded[: patterns.size] = patterns
    bits = np.unpackbits(padded.view(np.uint8).reshape(padded.size, -1), axis=1, count=width, bitorder="little")
    rows = np.packbits(bits.reshape(steps, count * width), axis=1, bitorder="little")
    return [int.from_bytes(row.tobytes(), "little") for row in rows]


def products_of(texts: list[str], spec: Multiplier, count: int) -> np.ndarray:
    """The products [steps * count] in the texts of a port: digits 0 and 1, that of the highest bit first.

    Raises ``ValueError`` for a digit that is neither, such as x or z.
    """
    width, dtype = spec.result_format.width, pattern_dtype(spec.result_format)
    digits = np.frombuffer("".join(texts).encode(), np.uint8) ^ ord("0")
    if (digits > 1).any():
        raise ValueError(f"{spec.id}: a product has digits that are neither 0 nor 1")
    bits = np.zeros((len(texts), count, 8 * dtype.itemsize), np.uint8)
    bits[:, :, bits.shape[2] - width :] = digits.reshape(len(texts), count, width)
    words = np.packbits(bits, axis=-1).view(dtype.newbyteorder(">")).reshape(len(texts), count)
    return words[:, ::-1].astype(dtype).ravel()
