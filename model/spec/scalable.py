"""Precision-scalable multiply-accumulate units: data gating, and subword parallelism as in DVAFS.

Sources: Panda, QUANOS (2020), section III and figure 1(c); Moons et al., Energy-efficient ConvNets through approximate
computing, WACV 2016 (data gating); Moons et al., Envision, ISSCC 2017 (DVAFS).
"""

import hashlib
import re
from dataclasses import dataclass

from axmac.model.spec.errors import InputError

__all__ = ["SCALABLE_DESIGNS", "ScalableMac", "looks_scalable", "parse_scalable_id"]

_KINDS = ("standard", "dg", "dvafs")
_WIDTHS = (8, 16)
_DEFAULT_GUARD = 13
_GUARDS = range(1, 25)
_MOST_LANES = 4
_ID = re.compile(r"mac(8|16)_(standard|dg|dvafs)(?:_g([1-9][0-9]?))?")
_LOOKS_SCALABLE = re.compile(r"mac[0-9]+_.*", re.DOTALL)


@dataclass(frozen=True)
class ScalableMac:
    """A MAC of ``width`` bits (8 or 16) whose precision is chosen at run time, product by product.

    ``standard``: ``width`` bits only. ``dg``, data gating: any k from 1 to ``width``; the low width - k bits of both
    operands are read as 0, so that operands of k bits stand left-aligned; one product at a time. ``dvafs``: 1, 2 or 4
    lanes of ``width``, width / 2 and width / 4 bits side by side, lane i at bits [i*k, (i+1)*k) of both operands, and a
    sum for each lane.

    The weight is in two's complement; so is the activation where the run-time input ``a_signed`` is 1, else it has no
    sign and all k bits for its magnitude. A lane's sum is in two's complement and has 2k + ``guard`` bits (``dg``: 2 *
    width + ``guard``), modulo which it is right. Raises ``TypeError`` and ``InputError``.
    """

    kind: str
    width: int
    guard: int = _DEFAULT_GUARD

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("kind", self.kind, _KINDS),
            ("width", self.width, _WIDTHS),
            ("guard", self.guard, _GUARDS),
        ):
            if not isinstance(value, type(allowed[0])) or isinstance(value, bool):
                raise TypeError(f"{name} must be of type {type(allowed[0]).__name__}, not {value!r}")
            if value not in allowed:
                choice = (
                    f"{allowed[0]} to {allowed[-1]}" if isinstance(allowed, range) else ", ".join(map(str, allowed))
                )
                raise InputError(f"{name} of a precision-scalable MAC must be {choice}, not {value!r}")

    @property
    def id(self) -> str:
        """The name of files, Verilog modules, table rows and command-line arguments; no two specs share one."""
        return f"mac{self.width}_{self.kind}" + (f"_g{self.guard}" if self.guard != _DEFAULT_GUARD else "")

    @property
    def sha256(self) -> str:
        """SHA-256 of the text that constructs this spec."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def precisions(self) -> tuple[int, ...]:
        """The precisions in bits, the highest first; the run-time input ``mode`` is an index of this tuple."""
        if self.kind == "standard":
            return (self.width,)
        if self.kind == "dg":
            return tuple(range(self.width, 0, -1))
        return self.width, self.width // 2, self.width // _MOST_LANES

    @property
    def most_lanes(self) -> int:
        """Lanes of the lowest precision."""
        return _MOST_LANES if self.kind == "dvafs" else 1

    def mode_of(self, precision: int) -> int:
        """The value of ``mode`` for a precision. Raises ``InputError`` for one that the unit does not have."""
        if precision not in self.precisions:
            known = ", ".join(map(str, self.precisions))
            raise InputError(f"{self.id} has no precision of {precision!r} bits: use one of {known}")
        return self.precisions.index(precision)

    def width_for(self, bits: int) -> int:
        """The lowest precision that holds a layer of ``bits`` bits.

        The codes of a weight of one bit are -1 and +1: such a layer needs 2 bits. Raises ``InputError`` for a layer
        that is too wide.
        """
        fitting = [precision for precision in self.precisions if precision >= max(bits, 2)]
        if bits < 1 or not fitting:
            raise InputError(f"{self.id} holds layers of 1 to {self.width} bits, not of {bits!r}")
        return fitting[-1]

    def lanes(self, precision: int) -> int:
        """Products at a time."""
        self.mode_of(precision)
        return self.width // precision if self.kind == "dvafs" else 1

    def shift(self, precision: int) -> int:
        """Bits by which operands stand left of the lane's lowest bit: those that data gating reads as 0, else 0."""
        self.mode_of(precision)
        return self.width - precision if self.kind == "dg" else 0

    def lane_width(self, precision: int) -> int:
        """Bits of an operand in its lane."""
        self.mode_of(precision)
        return precision if self.kind == "dvafs" else self.width

    def sum_width(self, precision: int) -> int:
        """Bits of the sum of a lane."""
        return 2 * self.lane_width(precision) + self.guard

    @property
    def slot_width(self) -> int:
        """Bits of the sum of the narrowest lane: the register of the sums consists of ``most_lanes`` such slots."""
        return self.sum_width(self.precisions[-1])

    @property
    def word_width(self) -> int:
        """Bits of the register of the sums, wide enough for the narrowest lanes."""
        return self.most_lanes * self.slot_width

    def sum_start(self, precision: int, lane: int) -> int:
        """The place of a lane's sum: wider lanes lie over as many slots as narrow ones, their upper bits unused."""
        return lane * self.word_width // self.lanes(precision)

    def headroom(self, precision: int, *, a_signed: bool) -> int:
        """How many products of any operands a lane's sum always holds; one more can wrap."""
        k, shift = precision, self.shift(precision)
        half = 1 << k - 1
        largest_a = half if a_signed else (1 << k) - 1
        lowest = -(half - 1 if a_signed else largest_a) * half
        highest = half * half if a_signed else largest_a * (half - 1)
        limit = 1 << self.sum_width(precision) - 1
        counts = [(limit - 1) // (highest << 2 * shift)] if highest else []
        counts += [limit // (-lowest << 2 * shift)] if lowest else []
        return min(counts)


def looks_scalable(text: str) -> bool:
    """Whether a text begins as the ids of precision-scalable MACs do."""
    return _LOOKS_SCALABLE.fullmatch(text) is not None


def parse_scalable_id(text: str) -> ScalableMac:
    """The spec that an id names, such as ``mac16_dvafs`` or ``mac8_dg_g20``. Raises ``InputError``."""
    found = _ID.fullmatch(text)
    if not found:
        raise InputError(
            f"unknown MAC {text!r}: use mac8_ or mac16_ and {', '.join(_KINDS)}, then _g<guard bits> or not"
        )
    spec = ScalableMac(found[2], int(found[1]), int(found[3] or _DEFAULT_GUARD))
    if spec.id != text:
        raise InputError(f"unknown MAC {text!r}: its id is {spec.id}")
    return spec


SCALABLE_DESIGNS = tuple(ScalableMac(kind, width) for width in _WIDTHS for kind in _KINDS)
"""The named ones: both widths of every kind, with 13 guard bits."""
