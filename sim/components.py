"""Builds any emitted component on a simulator and runs a cocotb bench on it."""

import fcntl
import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from axmac.gen.component import ComponentText
from axmac.sim.harness import HARNESS, harness
from axmac.sim.simulators import SimulationError, Simulator, simulate, simulator_named

__all__ = ["BENCH_SETTINGS", "Bench", "run_bench"]

BENCH_SETTINGS = "AXMAC_BENCH"
"""The environment variable that names the settings file of a bench."""

_BUILD_ROOT = Path("build", "sim")


@dataclass(frozen=True)
class Bench:
    """A cocotb module ``module``, and the ``tests`` in it that have to report."""

    module: str
    tests: tuple[str, ...]


def run_bench(
    component: ComponentText, bench: Bench, settings: dict[str, Any], sim: str, repeated: str = ""
) -> dict[str, dict]:
    """Simulate a component and return what the tests of its bench reported, by test.

    ``settings`` are plain values for the bench, which writes its figures to the file ``settings["report"]``.
    ``repeated`` ends the name of modules that stand in the component many times: Verilator compiles them once.
    Builds are kept in ``build/sim`` and found again by the hash of what they are made of. Raises ``InputError`` for a
    missing simulator and `SimulationError` for a simulation that does not build or end.
    """
    simulator = simulator_named(sim)
    name = component.module["name"]
    sources = {"unit.v": component.text, "harness.v": harness([component.module])}
    if repeated and sim == "verilator":
        sources["hierarchy.vlt"] = f'`verilator_config\nhier_block -module "{name}_{repeated}"\n'
        # Of a block that is compiled alone each output seems to follow each input in the same cycle: no loop is real.
        hierarchical = ["--hierarchical", "-Wno-UNOPTFLAT", "--build", "-j", "2"]
        arguments = [*simulator.build["compile_args"], *hierarchical]
        simulator = replace(simulator, build=simulator.build | {"compile_args": arguments})
    key = "\0".join([*sources.values(), simulator.version, str(simulator.build)])
    path = _BUILD_ROOT.resolve() / f"{name}-{sim}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    path.mkdir(parents=True, exist_ok=True)
    with open(path / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for file_name, text in sources.items():
            source = path / file_name
            if not source.exists() or source.read_text() != text:
                source.write_text(text)
        return _simulate(simulator, path, [path / file for file in sources], bench, settings)


def _simulate(
    simulator: Simulator, path: Path, sources: list[Path], bench: Bench, settings: dict[str, Any]
) -> dict[str, dict]:
    report, settings_file = path / "report.json", path / "settings.json"
    report.unlink(missing_ok=True)
    settings_file.write_text(json.dumps(settings | {"report": str(report)}))
    simulate(simulator, HARNESS, sources, bench.module, path, waves=False, **{BENCH_SETTINGS: str(settings_file)})
    results = json.loads(report.read_text()) if report.exists() else {}
    missing = set(bench.tests) - results.keys()
    if missing:
        raise SimulationError(f"{path.name}: {', '.join(sorted(missing))} did not end; see {path / 'sim.log'}")
    return results
