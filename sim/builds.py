"""A folder per build, found again by the hash of what it is made of, and the cocotb benches that run in it."""

import contextlib
import fcntl
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axmac.sim.harness import HARNESS
from axmac.sim.simulators import SimulationError, Simulator, simulate

__all__ = ["BENCH_SETTINGS", "BUILD_ROOT", "Bench", "build_in", "run_in"]

BENCH_SETTINGS = "AXMAC_BENCH"
"""The environment variable that names the settings file of a bench."""

BUILD_ROOT = Path("build", "sim")
"""Where the folders are, below the working directory."""


@dataclass(frozen=True)
class Bench:
    """A cocotb module ``module``, and the ``tests`` in it that have to report."""

    module: str
    tests: tuple[str, ...]


@contextlib.contextmanager
def build_in(name: str, simulator: Simulator, sources: Mapping[str, str], waves: bool = False) -> Iterator[Path]:
    """The folder of a build with its ``sources`` (file name to text) in it, held against other processes.

    ``name`` begins the folder's name; its end is the hash of sources, simulator and options.
    """
    key = "\0".join([*sources.values(), simulator.version, str(simulator.build), str(waves)])
    folder = f"{name}-{simulator.name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    path = BUILD_ROOT.resolve() / folder
    path.mkdir(parents=True, exist_ok=True)
    with open(path / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for file_name, text in sources.items():
            source = path / file_name
            if not source.exists() or source.read_text() != text:
                source.write_text(text)
        yield path


def run_in(
    path: Path,
    simulator: Simulator,
    sources: tuple[str, ...],
    bench: Bench,
    settings: dict[str, Any],
    *,
    waves: bool = False,
) -> dict[str, dict]:
    """Build ``sources`` of the folder ``path``, run a bench, and return what each of its tests reported, by test.

    ``settings`` are plain values for the bench; the place of its ``report`` is added to them. Raises
    `SimulationError` for a simulation that does not build, and for one in which a test did not report.
    """
    report, settings_file = path / "report.json", path / "settings.json"
    report.unlink(missing_ok=True)
    settings_file.write_text(json.dumps(settings | {"report": str(report)}))
    files = [path / name for name in sources]
    simulate(simulator, HARNESS, files, bench.module, path, waves=waves, **{BENCH_SETTINGS: str(settings_file)})
    results = json.loads(report.read_text()) if report.exists() else {}
    missing = set(bench.tests) - results.keys()
    if missing:
        raise SimulationError(f"{path.name}: {', '.join(sorted(missing))} did not end; see {path / 'sim.log'}")
    return results
