"""The faults that `axmac mutate` plants at the ports of the blocks of the float32 adder."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Mux, Value

from axmac.model.spec import FLOAT32
from axmac.rtl.add_blocks import AddAlign, AddDistance, AddOrder, AddPack, AddShift, AddSum
from axmac.sim.fault import Fault, Ports

__all__ = ["adder_faults"]

_HIDDEN = 1 << FLOAT32.frac_width
_SIGN = 1 << (FLOAT32.width - 1)
_GUARD, _BELOW_GUARD = 0b1000, 0b0111
"""Of the normalised sum, which has 4 bits below the last place."""


def adder_faults(block: object) -> list[Fault]:
    """The faults of a block; none for a block that is not one of the adder's."""
    tables = _TABLES.get(type(block), {})
    return [Fault(f"adder: {what}", kind, changes) for kind, table in tables.items() for what, changes in table.items()]


def _is_nan(pattern: Value) -> Value:
    return pattern[:-1] > FLOAT32.inf


def _finite(p: Ports) -> Value:
    return ~(p["is_nan"] | p["is_inf"])


def _where(condition: Callable[[Ports], Value], wrong: Callable[[Ports], Value]) -> dict:
    return {"total": lambda p: Mux(condition(p), wrong(p), p["total"])}


_ORDER = {
    "operand order": {
        "operands not put in order": {"sig_large": lambda p: p["sig_small"], "sig_small": lambda p: p["sig_large"]},
        "sign of the first operand": {"sign": lambda p: p["a"][-1]},
        "subtraction not seen": {"subtract": lambda _: Const(0)},
    },
    "exponent off by one": {
        "exponent +1": {"exp_large": lambda p: p["exp_large"] + 1},
        "alignment +1": {"distance": lambda p: p["distance"] + 1},
        "alignment -1": {"distance": lambda p: p["distance"] - p["distance"].any()},
    },
    "special case removed": {
        "inf - inf is inf": {"is_nan": lambda p: _is_nan(p["a"]) | _is_nan(p["b"])},
        "NaN of the second operand not seen": {"is_nan": lambda p: p["is_nan"] & ~_is_nan(p["b"])},
        "inf not seen": {"is_inf": lambda _: Const(0)},
        "hidden bit of a subnormal set": {"sig_small": lambda p: p["sig_small"] | _HIDDEN},
        "subnormals read as zero": {
            "sig_large": lambda p: Mux(p["sig_large"][-1], p["sig_large"], 0),
            "sig_small": lambda p: Mux(p["sig_small"][-1], p["sig_small"], 0),
        },
    },
}
_ALIGN = {
    "sticky or guard dropped": {
        "sticky bit of the alignment dropped": {"aligned": lambda p: p["aligned"] & ~1},
        "round bit of the alignment dropped": {"aligned": lambda p: p["aligned"] & ~0b010},
        "guard bit of the alignment dropped": {"aligned": lambda p: p["aligned"] & ~0b100},
    }
}
_SUM = {
    "sum": {
        "complement without 1": {"raw_sum": lambda p: p["raw_sum"] - p["subtract"]},
        "subtraction adds": {"subtract": lambda _: Const(0)},
        "carry lost": {"raw_sum": lambda p: p["raw_sum"][:-1]},
    }
}
_DISTANCE = {
    "normalisation": {
        "left shift one short": {"shift": lambda p: p["shift"] - p["shift"].any()},
        "left shift one far": {"shift": lambda p: p["shift"] + 1},
        "shift below the least exponent": {"exp_large": lambda p: p["exp_large"] | 0x80},
    },
    "exponent off by one": {
        "exponent after shift +1": {"exp_norm": lambda p: p["exp_norm"] + 1},
        "exponent after shift -1": {"exp_norm": lambda p: p["exp_norm"] - 1},
    },
}
_SHIFT = {
    "normalisation": {"shift ignores its highest bit": {"shift": lambda p: p["shift"] & 0xF}},
}
_PACK = {
    "sticky or guard dropped": {
        "guard bit dropped": {"norm_sum": lambda p: p["norm_sum"] & ~_GUARD},
        "sticky bits dropped": {"norm_sum": lambda p: p["norm_sum"] & ~_BELOW_GUARD},
        "ties away from zero": {"norm_sum": lambda p: p["norm_sum"] | 1},
    },
    "special case removed": {
        "x - x has a sign": {"subtract": lambda _: Const(0)},
        "-0 + -0 is +0": _where(lambda p: ~p["norm_sum"].any() & _finite(p), lambda _: Const(0, FLOAT32.width)),
        "NaN keeps the sign": _where(lambda p: p["is_nan"], lambda p: Cat(Const(FLOAT32.nan, 31), p["sign"])),
        "NaN is inf": {"is_nan": lambda _: Const(0), "is_inf": lambda p: p["is_inf"] | p["is_nan"]},
        "sign of inf lost": _where(lambda p: p["is_inf"], lambda _: Const(FLOAT32.inf, FLOAT32.width)),
        "overflow is the largest number": _where(
            lambda p: _finite(p) & (p["total"][:-1] == FLOAT32.inf), lambda p: p["total"] - 1
        ),
        "subnormal result is zero": _where(
            lambda p: _finite(p) & (p["total"][FLOAT32.frac_width : -1] == 0), lambda p: p["total"] & _SIGN
        ),
    },
}

_TABLES = {
    AddOrder: _ORDER,
    AddAlign: _ALIGN,
    AddSum: _SUM,
    AddDistance: _DISTANCE,
    AddShift: _SHIFT,
    AddPack: _PACK,
}
"""By class of block, by kind of fault: what is wrong, and the ports that it changes."""
