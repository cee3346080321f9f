"""Tables of all significand products of a narrow unit, built from golden and kept in the user's cache folder.

A file lies under a hash of the significand multiplier, its width and the source text of golden's significands, and
ends in its own SHA-256; one that does not fit its hash is built again. ``AXMAC_CACHE`` names another folder; where
nothing can be written, tables are built again in every process.
"""

import contextlib
import hashlib
import os
from functools import lru_cache
from pathlib import Path

import numpy as np

from axmac.model.golden import multiply, planes, significand
from axmac.model.golden.int_mul import values_of
from axmac.model.spec import FpMul, InputError, IntMul
from axmac.model.spec.files import write_whole
from axmac.model.spec.significand import SignificandSpec

__all__ = ["WIDEST", "cache_folder", "integer_table", "product_table"]

WIDEST = 8
"""Bits of the widest significands that are tabulated."""
_INDEX_WIDTH = 5
"""Narrower significands take the table of this width, so that a row has at least 16 entries."""
_SIG_WIDTH = 24
_DIGEST = 32


def cache_folder() -> Path:
    """``AXMAC_CACHE``, else ``axmac`` in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("AXMAC_CACHE") or Path(base) / "axmac")


def product_table(spec: FpMul) -> np.ndarray:
    """Significand products int64[S, S] by fraction of the weight, then of the activation, S = 2^(width - 1) >= 16.

    A product stands as ``careful`` wants it: at the upper end of 48 bits.
    """
    width = spec.format.sig_width
    index_width = max(width, _INDEX_WIDTH)
    sigs = np.arange(1 << (index_width - 1), 1 << index_width) >> (index_width - width)
    return _load(spec.significand, width, tuple(sigs.tolist())).astype(np.int64) << (2 * (_SIG_WIDTH - width))


def integer_table(unit: IntMul | SignificandSpec) -> np.ndarray:
    """Products int32[256, 256] of all 8-bit integers, by the pattern of the weight, then of the activation.

    Those of an integer multiplier are computed in every process: they take no time. ``InputError`` for other widths.
    """
    if not isinstance(unit, IntMul):
        return _load(unit, WIDEST, tuple(range(1 << WIDEST))).astype(np.int32)
    if unit.format.width != WIDEST:
        raise InputError(f"{unit.id}: the kernels multiply integers of {WIDEST} bits")
    patterns = np.arange(1 << WIDEST, dtype=np.uint8)
    return values_of(unit.result_format, multiply(unit, patterns, patterns[:, None])).astype(np.int32)


@lru_cache(maxsize=64)
def _load(sig: SignificandSpec, width: int, operands: tuple[int, ...]) -> np.ndarray:
    """uint32[S, S]: products of S operands, by weight, then activation."""
    shape = (len(operands),) * 2
    path = cache_folder() / "tables" / f"{_key(sig, width, operands)}.bin"
    with contextlib.suppress(OSError):
        whole = path.read_bytes()
        content, digest = whole[:-_DIGEST], whole[-_DIGEST:]
        if hashlib.sha256(content).digest() == digest and len(content) == 4 * shape[0] * shape[1]:
            return np.frombuffer(content, "<u4").reshape(shape)
    x, w = np.meshgrid(np.array(operands, np.uint64), np.array(operands, np.uint64))
    table = significand.significand_product(sig, width, x.reshape(-1), w.reshape(-1)).reshape(shape)
    content = table.astype("<u4").tobytes()
    with contextlib.suppress(OSError):
        write_whole(path, content + hashlib.sha256(content).digest())
    return table.astype(np.uint32)


def _key(sig: SignificandSpec, width: int, operands: tuple[int, ...]) -> str:
    text = hashlib.sha256(f"{sig!r} {width} {operands}\n".encode())
    for module in (significand, planes):
        text.update(Path(module.__file__).read_bytes())
    return text.hexdigest()
