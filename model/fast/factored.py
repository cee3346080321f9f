"""Sums of factored products by torch's own float32 operators, every bit exact.

A term of ``factors`` is a convolution of f(x) with g(w), whole numbers. float32 adds whole numbers without rounding, in
any order, fused or not, as long as no product and no partial sum leaves +-2^24: the channels are split until the
operands of this call cannot, and the parts are added in int32.

That holds for sums of products only. A convolution is therefore asked of oneDNN by name, where torch names the direct
algorithm: torch's own choice may be Winograd's or a Fourier transform. Where a setting lets float32 operators round
their operands (``may_round``), or there is no oneDNN, this kernel is not to be used.
"""

import os
from collections.abc import Sequence
from itertools import groupby
from math import prod
from operator import attrgetter
from typing import NamedTuple

import numba
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from axmac.model.fast.drive import ranges
from axmac.model.fast.factors import Factors
from axmac.model.fast.geometry import Geometry
from axmac.model.fast.lookup import look_up
from axmac.model.fast.threads import run_all

__all__ = ["LARGEST_SUM", "Part", "add_conv", "add_matmul", "conv_parts", "matmul_parts", "may_round"]

LARGEST_SUM = 1 << 24
"""Magnitude up to which float32 holds every whole number."""
_BLOCK = 1 << 18
"""Elements of operand or result, for each thread, that are multiplied at a time: the sums are still in the second-level
cache when they become int32. Measured: 2^18 is quickest."""
_SHARE = 1 << 20
"""Operands that are worth a task of their own."""
_CHANNELS = 16
"""Channels that oneDNN takes together: parts hold a multiple of them where they hold more."""
_STRICT = ("none", "ieee")


class Part(NamedTuple):
    """A term, and the channels of each group (of a matrix: the steps of K) from ``first`` to before ``last``."""

    term: int
    first: int
    last: int


def may_round() -> bool:
    """Whether torch may round float32 operands to fewer bits, by a setting, or has no oneDNN."""
    if not torch.backends.mkldnn.is_available():
        return True
    modes = (os.environ.get(f"{name}_DEFAULT_FPMATH_MODE", "STRICT") for name in ("ONEDNN", "DNNL"))
    settings = (torch.backends.mkldnn.conv.fp32_precision, torch.backends.mkldnn.matmul.fp32_precision)
    return any(mode.upper() != "STRICT" for mode in modes) or any(setting not in _STRICT for setting in settings)


def matmul_parts(factors: Factors, x: Tensor, w: Tensor) -> list[Part] | None:
    """Parts of the product of x [M, K] and w [K, N], both not empty, by the ranges of their values; None if none do.

    x and w hold the operands' values, int8 or uint8.
    """
    parts, depth = [], len(w)
    for term, (f, g) in enumerate(zip(_range(factors.x, x), _range(factors.w, w), strict=True)):
        most = max(abs(a * b) for a in f for b in g)
        step = min(depth, LARGEST_SUM // most) if most else depth
        if step < 1:
            return None
        parts += [Part(term, *piece) for piece in ranges(depth, step)]
    return parts


def conv_parts(factors: Factors, x: Tensor, w: Tensor) -> list[Part] | None:
    """Parts of the convolution of x [B, C, *D] with w [O, C/groups, *kernel], both not empty; None if none do.

    By the ranges of their values and, where these need more than a part for each term, by the weights themselves.
    """
    taps, channels = prod(w.shape[2:]), w.shape[1]
    patterns = w.view(torch.uint8).reshape(len(w), channels, taps).contiguous().numpy()
    parts = []
    for term, (f, g) in enumerate(zip(_range(factors.x, x), _range(factors.w, w), strict=True)):
        if max(abs(a * b) for a in f for b in g) * taps * channels <= LARGEST_SUM:
            parts.append(Part(term, 0, channels))
            continue
        reach = np.zeros((2, len(w), channels + 1))
        up, down = (np.maximum(sign * factors.w[term], 0) for sign in (1, -1))
        _reach(patterns, up, down, *f, reach[..., 1:])
        reach = reach.cumsum(axis=2).reshape(-1, channels + 1)
        first = 0
        while first < channels:
            furthest = (reach[:, first:] - reach[:, first, None]).max(axis=0)
            count = int(np.searchsorted(furthest, LARGEST_SUM, side="right")) - 1
            if count < 1:
                return None
            last = first + count
            if last < channels and count > _CHANNELS:
                last -= count % _CHANNELS
            parts.append(Part(term, first, last))
            first = last
    return parts


def add_matmul(factors: Factors, parts: Sequence[Part], x: Tensor, w: Tensor, out: Tensor) -> None:
    """Fills ``out`` int32 [M, N] with the products of x [M, K] and w [K, N]."""
    x, w = x.view(torch.uint8), w.view(torch.uint8)
    rows = ranges(len(x), max(1, _BLOCK * torch.get_num_threads() // max(w.shape)))
    first_of_all = True
    with torch.autocast("cpu", enabled=False):
        for term, of_term in groupby(parts, attrgetter("term")):
            right = _looked_up(factors.w[term], w)
            pieces = list(of_term)
            for start, stop in rows:
                left = _looked_up(factors.x[term], x[start:stop])
                for i, (_, first, last) in enumerate(pieces):
                    _add(out[start:stop], left[:, first:last] @ right[first:last], first=first_of_all and i == 0)
            first_of_all = False


def add_conv(factors: Factors, parts: Sequence[Part], x: Tensor, w: Tensor, geometry: Geometry, out: Tensor) -> None:
    """Fills ``out`` int32 [B, O, *D'] with the convolution of x and w; padding is multiplied as 0."""
    stride, padding, dilation, groups = geometry
    x, w = x.view(torch.uint8), w.view(torch.uint8)
    if factors.x[:, 0].any():
        x, padding = F.pad(x, [p for p in reversed(padding) for _ in range(2)]), (0,) * len(padding)
    kernels = [_looked_up(factors.w[term], w[:, first:last]) for term, first, last in parts]
    by_group = x.unflatten(1, (groups, -1))
    step = max(1, _BLOCK * torch.get_num_threads() // max(prod(x.shape[1:]), prod(out.shape[1:])))
    with torch.autocast("cpu", enabled=False):
        for start, stop in ranges(len(x), step):
            for i, (term, first, last) in enumerate(parts):
                images = _looked_up(factors.x[term], by_group[start:stop, :, first:last].flatten(1, 2))
                sums = torch.mkldnn_convolution(images, kernels[i], None, padding, stride, dilation, groups)
                _add(out[start:stop], sums, first=i == 0)


def _range(values: np.ndarray, operands: Tensor) -> list[tuple[int, int]]:
    """For each term the least and the largest factor of these operands and of 0, and 0 itself."""
    low, high = (int(end(operands.numpy())) for end in (np.min, np.max))
    chosen = values[:, np.arange(low, high + 1) & 0xFF]
    ends = (end(axis=1, initial=0).astype(int).tolist() for end in (chosen.min, chosen.max))
    return list(zip(*ends, strict=True))


def _add(out: Tensor, sums: Tensor, *, first: bool) -> None:
    """Adds whole numbers float32 to int32, or puts them there."""
    if first:
        out.copy_(sums)
    else:
        out.add_(sums.to(torch.int32))


def _looked_up(values: np.ndarray, patterns: Tensor) -> Tensor:
    """float32 of the shape of patterns uint8, in the order of their places in memory where that has no gaps."""
    turned = patterns.ndim == 2 and patterns.T.is_contiguous()
    source = (patterns.T if turned else patterns).contiguous()
    out = torch.empty(source.shape)
    flat, target = source.reshape(-1).numpy(), out.reshape(-1).numpy()
    step = max(_SHARE, -(-flat.size // torch.get_num_threads()))
    run_all(lambda start, stop: look_up(values, flat[start:stop], target[start:stop]), ranges(flat.size, step))
    return out.T if turned else out


@numba.njit(nogil=True, cache=True)
def _reach(patterns, up, down, low, high, out):
    """How far up and how far down sums of a channel's products can go, to out float64[2, O, C], both not negative.

    Weights uint8[O, C, taps], float32[256] of their positive factors and of the magnitudes of the negative ones, 0 for
    the others, and the range of the other factor, which holds 0.
    """
    for o in range(patterns.shape[0]):
        for c in range(patterns.shape[1]):
            above, below = 0.0, 0.0
            for pattern in patterns[o, c]:
                above += up[pattern]
                below += down[pattern]
            out[0, o, c] = high * above - low * below
            out[1, o, c] = high * below - low * above
