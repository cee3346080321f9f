"""The parts that a MAC and the elements of a systolic array share: a product, and its sum with an accumulator.

Products of floats are summed in float32, each sum rounded to nearest even; those of integers in int32, modulo 2^32, by
one adder with one register.
"""

from amaranth.hdl import Module, Signal, Value, ValueLike

from axmac.model.spec import FpMul, InputError, IntMul, Mac, Multiplier
from axmac.rtl.blocks import Hierarchy, Level
from axmac.rtl.fp_add import ADD_MAX_STAGES, adder_levels
from axmac.rtl.integer import integer_path
from axmac.rtl.multiplier import max_stages, multiplier_levels
from axmac.rtl.staging import check_range, staged
from axmac.rtl.widen import Widen, check_result

__all__ = ["DEFAULT_ADD_STAGES", "SUM_WIDTH", "check_mac", "product_levels", "product_of", "sum_of"]

DEFAULT_ADD_STAGES = 3
"""Registers of the float32 adder; that of int32 has one."""
SUM_WIDTH = 32
"""Bits of a sum: float32, or int32."""


def check_mac(mac: Mac | Multiplier, mul_stages: int, add_stages: int | None) -> tuple[Multiplier, int]:
    """The multiplier of a MAC and the stages of its adder, after a check of its sums and of both numbers of stages.

    None stands for `DEFAULT_ADD_STAGES`, of integers for 1. Raises ``TypeError`` and ``InputError``.
    """
    mac = mac if isinstance(mac, Mac) else Mac(mac)
    if mac != Mac(mac.mul):
        raise InputError(f"{mac.id} cannot be built: the RTL sums in float32 in the order of k, use {Mac(mac.mul).id}")
    check_range("mul_stages", mul_stages, max_stages(mac.mul))
    if isinstance(mac.mul, IntMul):
        if add_stages not in (None, 1):
            raise InputError(f"add_stages must be 1 for {mac.mul.id}, whose sums are integers, not {add_stages!r}")
        return mac.mul, 1
    check_result(mac.mul)
    add_stages = DEFAULT_ADD_STAGES if add_stages is None else add_stages
    check_range("add_stages", add_stages, ADD_MAX_STAGES)
    return mac.mul, add_stages


def product_levels(spec: FpMul) -> list[Level]:
    """The data path from ``a`` and ``b`` to ``product``, a float32 pattern; as many levels as the multiplier has."""
    levels = multiplier_levels(spec)
    levels[-1] |= {"widen": Widen(spec)}
    return levels


def product_of(
    m: Module, platform: Hierarchy | None, spec: Multiplier, a: Value, b: Value, stages: int, enable: ValueLike = 1
) -> Value:
    """The product of ``a`` and ``b`` after ``stages`` registers: float32, or an integer, signed as its operands are."""
    if isinstance(spec, IntMul):
        levels, operands, output = integer_path(spec, a, b)
    else:
        levels, operands, output = product_levels(spec), {"a": a, "b": b}, "product"
    product = Value.cast(staged(m, platform, levels, operands, output, stages, prefix="mul", enables=[enable] * stages))
    return product.as_signed() if isinstance(spec, IntMul) and spec.format.signed else product


def sum_of(
    m: Module,
    platform: Hierarchy | None,
    spec: Multiplier,
    acc: Value,
    product: Value,
    stages: int,
    *,
    enable: ValueLike = 1,
    last_register: bool = True,
) -> Value:
    """``acc`` + `product_of`, `SUM_WIDTH` bits, after ``stages`` registers.

    ``last_register=False`` leaves the last one to the caller.
    """
    if isinstance(spec, IntMul):
        if not last_register:
            return (acc + product)[:SUM_WIDTH]
        total = Signal(SUM_WIDTH, reset_less=True)
        with m.If(enable):
            m.d.sync += total.eq(acc + product)
        return total
    addends, enables = {"a": acc, "b": product}, [enable] * stages
    levels, options = adder_levels(), {"prefix": "add", "enables": enables, "last_register": last_register}
    return Value.cast(staged(m, platform, levels, addends, "total", stages, **options))
