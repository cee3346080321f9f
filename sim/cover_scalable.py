"""What the bench of a precision-scalable MAC must have seen: modes, signs, operands at the ends, switches, clears."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from axmac.model.golden.scalable import lane_products, lane_values, sums_of
from axmac.model.spec import ScalableMac

__all__ = ["MacInput", "corner_classes", "mac_bins"]

MacInput = tuple[int, int, int, int, int]
"""Mode, a_signed, clear, a, b: what the unit took in one cycle."""


def corner_classes(bits: int, *, signed: bool) -> dict[str, int | None]:
    """Classes of the values of an operand of ``bits`` bits: name and value; None is any other one."""
    named = {"0": 0, "1": 1}
    if signed:
        named = {"lowest": -(1 << bits - 1), "-1": -1, "0": 0, "1": 1, "highest": (1 << bits - 1) - 1}
    else:
        named["highest"] = (1 << bits) - 1
    lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    classes: dict[str, int | None] = {}
    for name, value in named.items():
        if lowest <= value <= highest and value not in classes.values():
            classes[name] = value
    return classes | ({"other": None} if highest - lowest + 1 > len(classes) else {})


def mac_bins(spec: ScalableMac, taken: list[MacInput], words: list[int], *, wraps: bool) -> dict[str, int]:
    """Hits by bin of the inputs that a unit took, and of the golden words of the sums after them.

    ``wraps``: with bins for sums that wrap, which many guard bits put out of reach of a short test.
    """
    hits = dict.fromkeys(_names(spec), 0)
    if wraps:
        hits |= {
            f"{_sums(k, lane)} {what}": 0 for k in spec.precisions for lane in range(spec.lanes(k)) for what in _WRAPS
        }
    for name in _seen(spec, taken):
        hits[name] += 1
    for name in _wrapped(spec, taken, words) if wraps else ():
        hits[name] += 1
    return hits


def _label(precision: int, signed: int) -> str:
    return f"{precision} bits, {'signed' if signed else 'unsigned'} activation"


def _names(spec: ScalableMac) -> Iterator[str]:
    for k in spec.precisions:
        for signed in (0, 1):
            for lane in range(spec.lanes(k)):
                for a in corner_classes(k, signed=bool(signed)):
                    yield from (f"{_label(k, signed)}, lane {lane}: {a} x {b}" for b in corner_classes(k, signed=True))
        if spec.shift(k):
            yield from (f"{k} bits: dropped bits of {x} are not 0" for x in ("a", "b"))
        yield from (f"mode: {before} to {k} bits, {how}" for before in spec.precisions for how in _HOW)
    yield from (f"activation: {before} to {after}" for before in _SIGNS for after in _SIGNS)


_HOW = ("goes on", "clear")
_SIGNS = ("unsigned", "signed")
_WRAPS = ("wraps upwards", "wraps downwards")


def _sums(precision: int, lane: int) -> str:
    return f"sums of {precision} bits: lane {lane}"


def _seen(spec: ScalableMac, taken: list[MacInput]) -> Iterator[str]:
    """Every bin of operands and switches that was hit, once for each hit."""
    for before, (mode, signed, clear, *_) in pairwise(taken):
        yield f"mode: {spec.precisions[before[0]]} to {spec.precisions[mode]} bits, {_HOW[clear]}"
        yield f"activation: {_SIGNS[before[1]]} to {_SIGNS[signed]}"
    for mode, signed, _, a, b in taken:
        k = spec.precisions[mode]
        signs = signed == 1, True
        values = (lane_values(spec, k, np.array(x), signed=s).tolist() for x, s in zip((a, b), signs, strict=True))
        for lane, pair in enumerate(zip(*values, strict=True)):
            classes = (_class(k, value, signed=s) for value, s in zip(pair, signs, strict=True))
            yield f"{_label(k, signed)}, lane {lane}: {' x '.join(classes)}"
        for name, word in zip("ab", (a, b), strict=True):
            if word & (1 << spec.shift(k)) - 1:
                yield f"{k} bits: dropped bits of {name} are not 0"


def _wrapped(spec: ScalableMac, taken: list[MacInput], words: list[int]) -> Iterator[str]:
    """The bin of every sum that wrapped."""
    for before, word, (mode, signed, clear, a, b) in zip([0, *words], words, taken, strict=False):
        k = spec.precisions[mode]
        products = lane_products(spec, k, np.array(a), np.array(b), a_signed=signed == 1).tolist()
        sums = zip(sums_of(spec, k, 0 if clear else before), products, sums_of(spec, k, word), strict=True)
        for lane, (start, product, after) in enumerate(sums):
            if start + product != after:
                yield f"{_sums(k, lane)} {_WRAPS[product < 0]}"


def _class(bits: int, value: int, *, signed: bool) -> str:
    classes = corner_classes(bits, signed=signed)
    return next((name for name, known in classes.items() if known == value), "other")
