"""Checks the emitted Verilog of a multiplier against the golden model, on a simulator."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from axmac.gen import emit
from axmac.model.spec import InputError, Multiplier, as_spec
from axmac.rtl import DEFAULT_STAGES, check_stages
from axmac.sim.bins import CoverageReport
from axmac.sim.builds import BUILD_ROOT, Bench, build_in, run_in
from axmac.sim.harness import harness
from axmac.sim.simulators import Simulator, simulator_named

__all__ = ["VerifyReport", "build_folder", "run_benches", "verify"]

_BENCH = Bench("axmac.sim.bench", ("core", "pipeline", "full_load"))
_SOURCES = ("harness.v", "unit.v")


@dataclass(frozen=True)
class VerifyReport:
    """What was compared, and what came out.

    ``core``, ``pipeline`` and ``full_load`` count compared products of the combinational module, of the pipelined one
    with random pauses, and of it without pauses; ``mismatches`` all wrong, missing and surplus ones; ``first_mismatch``
    shows one: bits, then the stages of the golden model. ``latency`` is measured in cycles, ``bubbles`` counts cycles
    without a product at full load, ``protocol_errors`` cycles in which the output changed while it waited.
    ``exhaustive`` of the products of ``core`` are all pairs of significands, 0 where those have more than 8 bits.
    ``coverage`` holds a `CoverageReport` for ``core`` and one for ``pipeline``.
    ``seconds`` is the time of emission, build and simulation; ``waves`` the wave file, empty without one.
    """

    spec: str
    simulator: str
    version: str
    seed: int
    stages: int
    core: int
    pipeline: int
    full_load: int
    exhaustive: int
    mismatches: int
    first_mismatch: str
    latency: int
    bubbles: int
    protocol_errors: int
    coverage: dict[str, CoverageReport]
    seconds: float
    waves: str

    @property
    def compared(self) -> int:
        """All compared products."""
        return self.core + self.pipeline + self.full_load

    @property
    def passed(self) -> bool:
        """Whether every product agrees, the streams keep their contract, and nothing was left out."""
        kept = self.latency == self.stages and self.bubbles == 0 and self.protocol_errors == 0
        covered = all(report.closed for report in self.coverage.values())
        return self.compared > 0 and self.mismatches == 0 and kept and covered

    @property
    def alarm(self) -> str:
        """One line that says why the unit did not pass, a mismatch with its stages; empty where it did."""
        if self.passed:
            return ""
        if self.mismatches:
            return self.first_mismatch
        if all(report.closed for report in self.coverage.values()):
            return "the stream contract is broken"
        return "; ".join(f"{test}: {report.problem}" for test, report in self.coverage.items() if not report.closed)

    def as_dict(self) -> dict:
        """All fields, and whether the unit passed."""
        return asdict(self) | {"passed": self.passed}


def verify(
    spec: Multiplier | str,
    sim: str = "verilator",
    n: int = 100_000,
    seed: int = 1,
    waves: bool = False,
    stages: int = DEFAULT_STAGES,
    directed: bool = True,
) -> VerifyReport:
    """Emit the unit, build it on simulator ``sim``, and compare it with the golden model.

    Core and pipeline each compute all pairs of operand classes, the pairs that close the coverage, and ``n`` random
    pairs from ``seed``; the core also all pairs of significands where these have at most 8 bits. With
    ``directed=False`` the random ones only. Builds are kept in ``build/sim`` and found again
    by the hash of what they are made of.
    Raises ``TypeError``, ``InputError`` for a bad argument or a missing simulator, and `SimulationError` for a
    simulation that does not build or end; a mismatch is no exception but in the report.
    """
    spec = as_spec(spec)
    if not isinstance(n, int) or not isinstance(seed, int):
        raise TypeError(f"n and seed must be integers, not {n!r} and {seed!r}")
    if n < 1 or seed < 0:
        raise InputError(f"n must be at least 1 and seed at least 0, not {n} and {seed}")
    check_stages(spec, stages)
    simulator = simulator_named(sim)
    begin = time.monotonic()
    try:
        with build_folder(spec, simulator, stages, waves) as build_dir:
            settings = {"spec": repr(spec), "stages": stages, "n": n, "seed": seed, "directed": directed}
            results = run_benches(simulator, build_dir, settings, waves=waves)
    except OSError as error:
        raise InputError(f"cannot write to {str(BUILD_ROOT)!r}: {error.strerror}; run in another folder") from error
    tests = (results["core"], results["pipeline"], results["full_load"])
    return VerifyReport(
        spec=spec.id,
        simulator=simulator.name,
        version=simulator.version,
        seed=seed,
        stages=stages,
        core=results["core"]["compared"],
        pipeline=results["pipeline"]["compared"],
        full_load=results["full_load"]["compared"],
        exhaustive=results["core"]["exhaustive"],
        mismatches=sum(test["mismatches"] for test in tests),
        first_mismatch=next((test["first"] for test in tests if test["first"]), ""),
        latency=results["full_load"]["latency"],
        bubbles=results["full_load"]["bubbles"],
        protocol_errors=results["pipeline"]["protocol_errors"] + results["full_load"]["protocol_errors"],
        coverage={test: CoverageReport(**results[test]["coverage"]) for test in ("core", "pipeline")},
        seconds=time.monotonic() - begin,
        waves=str(build_dir / simulator.wave_file) if waves else "",
    )


@contextlib.contextmanager
def build_folder(spec: Multiplier, simulator: Simulator, stages: int, waves: bool) -> Iterator[Path]:
    """The folder of a build, with ``unit.v`` and ``harness.v`` in it, held against other processes."""
    emitted = emit(spec, BUILD_ROOT.resolve() / "verilog" / f"{spec.id}_s{stages}", stages)
    modules = json.loads(emitted.manifest.read_text())["modules"]
    sources = {"unit.v": emitted.verilog.read_text(), "harness.v": harness(modules)}
    with build_in(f"{spec.id}_s{stages}", simulator, sources, waves) as path:
        yield path


def run_benches(
    simulator: Simulator, folder: Path, settings: dict[str, Any], *, waves: bool = False
) -> dict[str, dict[str, Any]]:
    """Simulate the unit in a `build_folder`; what each cocotb test of `axmac.sim.bench` reported, by test.

    ``settings`` are those of `axmac.sim.bench.Settings` without the place of the report.
    """
    return run_in(folder, simulator, _SOURCES, _BENCH, settings, waves=waves)
