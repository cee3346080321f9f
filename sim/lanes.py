"""Many products per time step: a unit's combinational module side by side behind wide ports."""

import time
from dataclasses import asdict, dataclass

from axmac.gen import generate
from axmac.gen.component import LINT_WAIVERS, ComponentText
from axmac.model.spec import InputError, Multiplier, as_spec
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench

__all__ = ["DEFAULT_LANES", "LanesReport", "verify_lanes"]

DEFAULT_LANES = 64


@dataclass(frozen=True)
class LanesReport:
    """What was compared, and products per second.

    ``rate`` is that of driver, simulator, golden model and comparison together; ``simulator_rate`` and ``golden_rate``
    are those of the time spent in one of them, the former with the wide ports. ``seconds`` includes the build.
    """

    spec: str
    simulator: str
    seed: int
    lanes: int
    compared: int
    mismatches: int
    first_mismatch: str
    rate: float
    simulator_rate: float
    golden_rate: float
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether something was compared and every product agrees."""
        return self.compared > 0 and self.mismatches == 0

    def as_dict(self) -> dict:
        """All fields, and whether the unit passed."""
        return asdict(self) | {"passed": self.passed}


def verify_lanes(
    spec: Multiplier | str, sim: str = "verilator", n: int = 1_000_000, seed: int = 1, lanes: int = DEFAULT_LANES
) -> LanesReport:
    """Compare ``n`` random products, rounded up to blocks of 65,536, ``lanes`` of them in each time step.

    Before them all 65,536 pairs of significands where these have 8 bits. Raises ``TypeError``, and ``InputError`` for a
    bad argument or a missing simulator.
    """
    spec = as_spec(spec)
    for name, value in (("n", n), ("seed", seed), ("lanes", lanes)):
        if not isinstance(value, int):
            raise TypeError(f"{name} must be an integer, not {value!r}")
    if n < 1 or seed < 0 or not 1 <= lanes <= 1024 or lanes & lanes - 1:
        raise InputError(f"n must be at least 1, seed at least 0, lanes a power of two: {n}, {seed}, {lanes}")
    begin = time.monotonic()
    settings = {"spec": repr(spec), "n": n, "seed": seed, "lanes": lanes}
    found = run_bench(_component(spec, lanes), Bench("axmac.sim.bench_lanes", ("lanes",)), settings, sim)["lanes"]
    seconds, compared = found["seconds"], found["compared"]
    return LanesReport(
        spec=spec.id,
        simulator=sim,
        seed=seed,
        lanes=lanes,
        compared=compared,
        mismatches=found["mismatches"],
        first_mismatch=found["first"],
        rate=compared / seconds["all"],
        simulator_rate=compared / seconds["simulator"],
        golden_rate=compared / seconds["golden"],
        seconds=time.monotonic() - begin,
    )


def _component(spec: Multiplier, lanes: int) -> ComponentText:
    """The emitted Verilog, and a module with ``lanes`` combinational multipliers, lane 0 in the low bits."""
    name = f"{spec.id}_lanes"
    width = {"a": lanes * spec.format.width, "b": lanes * spec.format.width, "p": lanes * spec.result_format.width}
    connections = ", ".join(f".{port}({port}[k * {bits // lanes} +: {bits // lanes}])" for port, bits in width.items())
    top = f"""
module {name}(input [{width["a"] - 1}:0] a, input [{width["b"] - 1}:0] b, output [{width["p"] - 1}:0] p);
  genvar k;
  generate
    for (k = 0; k < {lanes}; k = k + 1) begin : lane
      {spec.id} unit ({connections});
    end
  endgenerate
endmodule
"""
    ports = [
        {"name": port, "direction": "output" if port == "p" else "input", "width": bits} for port, bits in width.items()
    ]
    return ComponentText(f"{LINT_WAIVERS}{generate(spec)}{top}", {"name": name, "ports": ports})
