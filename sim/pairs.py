"""All pairs of operands of several integer units in one simulation: every unit of one width beside the others."""

from collections.abc import Sequence

from axmac.gen import generate
from axmac.gen.component import LINT_WAIVERS, ComponentText
from axmac.model.spec import InputError, IntMul, as_spec
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.int_stimulus import EXHAUSTIVE

__all__ = ["LANES", "verify_pairs"]

LANES = 4
"""Pairs that each unit multiplies in a time step."""

_TOP = "all_pairs"


def verify_pairs(units: Sequence[IntMul | str], sim: str = "verilator") -> dict[str, dict]:
    """The emitted combinational module of each unit against golden on all pairs of operands.

    Gives by id ``compared``, ``mismatches`` and ``first``, the first mismatch with golden's stages. Raises
    ``InputError`` for no unit, for units of other than one width up to 8 bits, and for a missing simulator.
    """
    specs = list(dict.fromkeys(as_spec(unit) for unit in units))
    if not specs or not all(isinstance(spec, IntMul) for spec in specs):
        raise InputError(f"units must be integer multipliers, at least one, not {list(units)!r}")
    widths = {spec.format.width for spec in specs}
    if len(widths) > 1 or max(widths) > EXHAUSTIVE:
        raise InputError(f"units must have one width of at most {EXHAUSTIVE} bits, not {sorted(widths)}")
    settings = {"units": [spec.id for spec in specs]}
    return run_bench(_component(specs), Bench("axmac.sim.bench_pairs", ("pairs",)), settings, sim)["pairs"]


def _component(specs: list[IntMul]) -> ComponentText:
    """The emitted Verilog, and a module with ``LANES`` of each; p begins with the first unit's products."""
    width, product = specs[0].format.width, specs[0].result_format.width
    size = {"a": LANES * width, "b": LANES * width, "p": LANES * product * len(specs)}
    instances = "\n".join(
        f"      {spec.id} unit_{k} (.a(a[n * {width} +: {width}]), .b(b[n * {width} +: {width}]), "
        f".p(p[({k * LANES} + n) * {product} +: {product}]));"
        for k, spec in enumerate(specs)
    )
    top = f"""
module {_TOP}(input [{size["a"] - 1}:0] a, input [{size["b"] - 1}:0] b, output [{size["p"] - 1}:0] p);
  genvar n;
  generate
    for (n = 0; n < {LANES}; n = n + 1) begin : lane
{instances}
    end
  endgenerate
endmodule
"""
    units = "\n".join(generate(spec) for spec in specs)
    ports = [
        {"name": name, "direction": "output" if name == "p" else "input", "width": bits} for name, bits in size.items()
    ]
    return ComponentText(f"{LINT_WAIVERS}{units}{top}", {"name": _TOP, "ports": ports})
