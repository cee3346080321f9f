"""Multipliers: the combinational core and the pipelined component with valid/ready streams."""

from amaranth.hdl import Module, Signal, ValueLike
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from axmac.model.spec import FpMul, InputError, IntMul, Multiplier, PlainSig
from axmac.rtl.blocks import Hierarchy, Level, Values, chain, comb_level
from axmac.rtl.exponent import Exponent
from axmac.rtl.gradual import AlignShift, ShiftDistance
from axmac.rtl.integer import integer_path, integer_stages
from axmac.rtl.normalise import Normalise
from axmac.rtl.pack import Pack
from axmac.rtl.rounding import Round
from axmac.rtl.significand import significand_levels
from axmac.rtl.special import SpecialCases
from axmac.rtl.unpack import Unpack

__all__ = ["DEFAULT_STAGES", "MultiplierCore", "MultiplierPipeline", "check_stages", "max_stages"]

DEFAULT_STAGES = 3


def multiplier_levels(spec: FpMul) -> list[Level]:
    """The data path of a floating-point multiplier from ``a`` and ``b`` to ``p``; a register may follow each level.

    unpack | terms of the product, exponent, special cases | their sum | normalise | round | pack.
    Truncation needs no level of its own, a plain product no sum, and IEEE 754 normalises in two levels.
    """
    significand = significand_levels(spec.significand, spec.format.sig_width)
    significand[0] |= {"exponent": Exponent(spec), "special": SpecialCases()}
    if spec.subnormals == "ieee":
        align = AlignShift(spec)
        normalise = [{"shift_distance": ShiftDistance(spec)}, {"align": align}]
        rounding = Round(spec, len(align.fraction))
    else:
        to_normal = Normalise(spec)
        normalise = [{"normalise": to_normal}]
        rounding = Round(spec, len(to_normal.fraction))
    if spec.rounding == "rtz":
        normalise[-1]["round"] = rounding
    else:
        normalise.append({"round": rounding})
    return [{"unpack": Unpack(spec)}, *significand, *normalise, {"pack": Pack(spec)}]


def max_stages(spec: Multiplier) -> int:
    """The largest number of pipeline stages: one register after each level of the data path."""
    if isinstance(spec, IntMul):
        return integer_stages(spec)
    sum_of_terms = not isinstance(spec.significand, PlainSig)
    return 4 + sum_of_terms + (spec.subnormals == "ieee") + (spec.rounding == "rne")


def check_stages(spec: Multiplier, stages: int) -> None:
    """Raise ``TypeError`` for stages that are no integer, ``InputError`` for less than 1 or more than `max_stages`."""
    if not isinstance(stages, int) or isinstance(stages, bool):
        raise TypeError(f"stages must be an integer, not {stages!r}")
    if not 1 <= stages <= max_stages(spec):
        raise InputError(f"stages must be 1 to {max_stages(spec)} for {spec.id}, not {stages!r}")


def _path(spec: Multiplier, a: ValueLike, b: ValueLike) -> tuple[list[Level], Values, str]:
    """The levels of the data path, the values that it starts from, and the name of the port that it ends in."""
    if isinstance(spec, IntMul):
        return integer_path(spec, a, b)
    return multiplier_levels(spec), {"a": a, "b": b}, "p"


class MultiplierCore(wiring.Component):
    """A multiplier without registers.

    Ports: ``a`` in, the activation; ``b`` in, the weight, patterns of ``spec.format``; ``p`` out, the product, a
    pattern of ``spec.result_format``. Rounding and special cases as ``spec`` says.
    """

    def __init__(self, spec: Multiplier) -> None:
        self._spec = spec
        super().__init__({"a": In(spec.format.width), "b": In(spec.format.width), "p": Out(spec.result_format.width)})

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Chain the levels of the data path."""
        m = Module()
        levels, inputs, output = _path(self._spec, self.a, self.b)
        results = chain(m, platform, levels, inputs, {output}, comb_level)
        m.d.comb += self.p.eq(results[output])
        return m


class MultiplierPipeline(wiring.Component):
    """The same multiplier with ``stages`` registers between the levels of its data path.

    Ports: ``clk``; ``rst``, synchronous, high; input stream ``in_valid`` in, ``in_ready`` out, ``in_a`` (activation)
    and ``in_b`` (weight) in; output stream ``out_valid`` out, ``out_ready`` in, ``out_p`` out.
    A transfer happens at a rising edge with valid and ready high. A product leaves ``stages`` cycles after its
    operands, later where ``out_ready`` is low; one product per cycle at full load. ``out_valid`` does not fall and
    ``out_p`` does not change before a transfer. ``in_ready`` follows ``out_ready`` in the same cycle;
    neither depends on ``in_valid``.
    Raises what `check_stages` raises.
    """

    def __init__(self, spec: Multiplier, stages: int = DEFAULT_STAGES) -> None:
        check_stages(spec, stages)
        self._spec = spec
        self._stages = stages
        super().__init__(
            {
                "in_valid": In(1),
                "in_ready": Out(1),
                "in_a": In(spec.format.width),
                "in_b": In(spec.format.width),
                "out_valid": Out(1),
                "out_ready": In(1),
                "out_p": Out(spec.result_format.width),
            }
        )

    def elaborate(self, platform: Hierarchy | None) -> Module:
        """Chain the levels of the data path with a register after some."""
        m = Module()
        levels, inputs, output = _path(self._spec, self.in_a, self.in_b)
        assert len(levels) == max_stages(self._spec)
        stage_after = {-(-len(levels) * k // self._stages) - 1: k for k in range(1, self._stages + 1)}
        valid = [self.in_valid] + [Signal(name=f"valid_s{k}") for k in range(1, self._stages + 1)]
        ready = [Signal(name=f"ready_s{k}") for k in range(1, self._stages + 1)] + [self.out_ready]

        def register(index: int, values: Values) -> Values:
            if index not in stage_after:
                return values
            return self._stage(m, stage_after[index], values, valid, ready)

        results = chain(m, platform, levels, inputs, {output}, register)
        m.d.comb += [self.in_ready.eq(ready[0]), self.out_valid.eq(valid[-1]), self.out_p.eq(results[output])]
        return m

    def _stage(self, m: Module, k: int, values: Values, valid: list[Signal], ready: list[Signal]) -> Values:
        """The registers of stage ``k``: they take new values where they are empty or the next stage takes theirs."""
        held = {name: Signal.like(value, name=f"{name}_s{k}", reset_less=True) for name, value in values.items()}
        m.d.comb += ready[k - 1].eq(ready[k] | ~valid[k])
        with m.If(ready[k - 1]):
            m.d.sync += valid[k].eq(valid[k - 1])
            m.d.sync += [held[name].eq(value) for name, value in values.items()]
        return held
