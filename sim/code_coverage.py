"""Line and toggle coverage of the emitted Verilog, as Verilator counts it."""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path

from axmac.model.spec import Multiplier, as_spec
from axmac.rtl import DEFAULT_STAGES
from axmac.sim.harness import HARNESS
from axmac.sim.simulators import SimulationError, simulator_named
from axmac.sim.verify import build_folder, run_benches

__all__ = ["ModuleCoverage", "code_coverage"]

_POINT = re.compile(r"^C '(?P<fields>.*)' (?P<count>\d+)$", re.MULTILINE)
_OPTIONS = ["--coverage-line", "--coverage-toggle"]


@dataclass(frozen=True)
class ModuleCoverage:
    """Points of one kind (``line``, ``branch``, ``toggle``) in one Verilog module: all, hit, names of some not hit."""

    module: str
    kind: str
    points: int
    hit: int
    missed: tuple[str, ...]


def code_coverage(
    spec: Multiplier | str, n: int = 20_000, seed: int = 1, stages: int = DEFAULT_STAGES
) -> list[ModuleCoverage]:
    """Run the bench of ``axmac verify`` on Verilator with its counters, and read them; by module and kind.

    A toggle is one direction of one bit. Raises what `axmac.sim.verify.verify` raises.
    """
    spec = as_spec(spec)
    simulator = simulator_named("verilator")
    arguments = [*simulator.build["compile_args"], *_OPTIONS]
    simulator = replace(simulator, build=simulator.build | {"compile_args": arguments}, runtime_objects=())
    with build_folder(spec, simulator, stages, False) as folder:
        counters = folder / "coverage.dat"
        counters.unlink(missing_ok=True)
        settings = {"spec": repr(spec), "stages": stages, "n": n, "seed": seed, "directed": True}
        run_benches(simulator, folder, settings)
        if not counters.exists():
            raise SimulationError(f"Verilator left no {counters}; see {folder / 'sim.log'}")
        return _by_module(counters)


def _by_module(counters: Path) -> list[ModuleCoverage]:
    found: dict[tuple[str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for point in _POINT.finditer(counters.read_text(encoding="latin-1")):
        fields = dict(field.split("\x02", 1) for field in point["fields"].split("\x01") if "\x02" in field)
        kind, _, module = fields["page"].partition("/")
        if module != HARNESS:
            name = f"line {fields['l']}: {fields.get('o', '')}"
            found[module, kind.removeprefix("v_")][name] += int(point["count"])
    return [
        ModuleCoverage(
            module,
            kind,
            len(points),
            sum(count > 0 for count in points.values()),
            tuple(sorted(name for name, count in points.items() if not count)[:20]),
        )
        for (module, kind), points in sorted(found.items())
    ]
