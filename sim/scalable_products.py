"""The products of a precision-scalable MAC without registers against golden: every mode, both signs."""

from typing import Any

from axmac.gen.component import ComponentText
from axmac.gen.scalable import scalable_text
from axmac.model.spec import ScalableMac
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench

__all__ = ["COPIES", "verify_products"]

COPIES = 4
"""Products that the simulated module makes in a time step."""

_TOP = "many_products"


def verify_products(
    spec: ScalableMac,
    sim: str = "verilator",
    precisions: tuple[int, ...] | None = None,
    n: int = 2000,
    seed: int = 1,
) -> dict[str, Any]:
    """The emitted ``<id>_product`` on the operands of `axmac.sim.scalable_stimulus`, for the precisions named (all).

    ``compared`` and ``mismatches`` count words, ``exhaustive`` pairs of which each lane had all, over modes and signs;
    ``first`` is the first mismatch. Raises ``InputError`` and `SimulationError`.
    """
    wanted = spec.precisions if precisions is None else precisions
    settings = {"mac": spec.id, "precisions": wanted, "n": n, "seed": seed}
    bench = Bench("axmac.sim.bench_scalable_products", ("products",))
    return run_bench(_component(spec), bench, settings, sim)["products"]


def _component(spec: ScalableMac) -> ComponentText:
    """The emitted Verilog, and a module with ``COPIES`` of the products, all of one mode."""
    text, modules = scalable_text(spec)
    shared = [port for port in modules[0]["ports"] if port["name"] in ("mode", "a_signed")]
    sizes = {"a": spec.width, "b": spec.width, "product": 2 * spec.width}
    ports = shared + [
        {"name": name, "direction": "output" if name == "product" else "input", "width": COPIES * width}
        for name, width in sizes.items()
    ]
    wires = [f".{port['name']}({port['name']})" for port in shared]
    wires += [f".{name}({name}[n * {width} +: {width}])" for name, width in sizes.items()]
    declared = ", ".join(f"{port['direction']} [{port['width'] - 1}:0] {port['name']}" for port in ports)
    top = f"""
module {_TOP}({declared});
  genvar n;
  generate
    for (n = 0; n < {COPIES}; n = n + 1) begin : copy
      {spec.id}_product unit ({", ".join(wires)});
    end
  endgenerate
endmodule
"""
    return ComponentText(text + top, {"name": _TOP, "ports": ports})
