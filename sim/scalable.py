"""Checks the multiply-accumulate unit of a precision-scalable MAC against the golden model, on a simulator."""

from typing import Any

from axmac.gen.component import ComponentText
from axmac.gen.scalable import scalable_text
from axmac.model.spec import ScalableMac
from axmac.sim.bins import merged, report_of
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench

__all__ = ["verify_scalable"]

_BENCH = Bench("axmac.sim.bench_scalable", ("stalls", "full_load", "long_sums"))
_STANDS_STILL = {"streams: output stalled": "nothing moves while a result waits, so that in_ready is out_ready then"}


def verify_scalable(
    spec: ScalableMac, sim: str = "verilator", n: int = 1000, seed: int = 1, *, long: bool = False
) -> dict[str, Any]:
    """The emitted module ``<id>``: modes, signs and clears drawn for every product; at full load; sums at their ends.

    What the tests measured, by test: ``compared`` and ``mismatches`` count words of sums, ``first`` shows the first
    mismatch; ``protocol_errors``, ``latency`` and ``bubbles`` as in `axmac.sim.arrays`. ``coverage`` is the
    `CoverageReport` of all tests together. ``n``: random products besides all pairs of classes. With ``long`` sums of
    extreme products run until they wrap, for every mode and sign, and ``held`` has how many of them the lanes held;
    that takes about 2^(guard + 1) cycles each. Raises ``InputError`` and `SimulationError`.
    """
    text, modules = scalable_text(spec)
    settings = {"mac": spec.id, "n": n, "seed": seed, "long": long}
    figures = run_bench(ComponentText(text, modules[1]), _BENCH, settings, sim)
    hits = merged(test.pop("bins") for test in figures.values())
    return figures | {"coverage": report_of(hits, constant=_STANDS_STILL)}
