"""All units and assemblies on all simulators, several at a time, with a JUnit report."""

import multiprocessing
import os
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

from axmac.model.spec import InputError, catalog, looks_scalable, parse_scalable_id
from axmac.sim.assemblies import ASSEMBLIES, is_assembly, verify_assembly
from axmac.sim.simulators import SIMULATORS, SimulationError, simulator_named
from axmac.sim.verify import verify

__all__ = ["RegressResult", "junit", "regress"]

_ICARUS_SHARE = 10


@dataclass(frozen=True)
class RegressResult:
    """One unit, or one of `ASSEMBLIES`, on one simulator: what was compared, and ``problem``, empty where it passed.

    ``exhaustive`` counts the pairs of significands among the compared ones, where those are all pairs, and for a
    precision-scalable MAC the pairs of operands.
    """

    unit: str
    simulator: str
    n: int
    seed: int
    compared: int
    exhaustive: int
    mismatches: int
    bins: int
    hit: int
    unreachable: int
    seconds: float
    problem: str

    @property
    def passed(self) -> bool:
        """Whether there was no problem."""
        return not self.problem

    @property
    def command(self) -> str:
        """The command that runs this unit on this simulator once more."""
        if is_assembly(self.unit):
            n = self.n * _ICARUS_SHARE if self.simulator == "icarus" else self.n
            return f"axmac regress {self.unit} --sim {self.simulator} --n {n} --seed {self.seed}"
        return f"axmac verify {self.unit} --sim {self.simulator} --n {self.n} --seed {self.seed}"


def regress(
    units: Sequence[str] = (),
    sims: Sequence[str] = tuple(SIMULATORS),
    n: int = 20_000,
    seed: int = 1,
    jobs: int | None = None,
) -> Iterator[RegressResult]:
    """Verify every unit on every simulator, in ``jobs`` processes; results in the order in which they come.

    No units stand for the whole catalog and all of `ASSEMBLIES`, no jobs for one per core; other precision-scalable
    MACs than those go by their ids. Icarus gets a tenth of the ``n`` random products.
    Raises ``InputError`` for a bad argument or a missing simulator before anything runs; what goes wrong after that is
    the problem of its result.
    """
    names = [_name(unit) for unit in units or (*catalog, *ASSEMBLIES)]
    for sim in sims:
        simulator_named(sim)
    jobs = jobs or len(os.sched_getaffinity(0))
    if n < 1 or seed < 0 or jobs < 1:
        raise InputError(f"n and jobs must be at least 1 and seed at least 0, not {n}, {jobs} and {seed}")
    shares = {"icarus": max(1, n // _ICARUS_SHARE)}
    context = multiprocessing.get_context("spawn")  # each simulation changes the environment of its process
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting = [pool.submit(_one, name, sim, shares.get(sim, n), seed) for name in names for sim in sims]
        for done in as_completed(waiting):
            yield done.result()


def _name(unit: str) -> str:
    if looks_scalable(unit):
        return parse_scalable_id(unit).id
    return unit if unit in ASSEMBLIES else catalog[unit].id


def _one(unit: str, sim: str, n: int, seed: int) -> RegressResult:
    begin = time.monotonic()
    try:
        if is_assembly(unit):
            report = verify_assembly(unit, sim, n, seed)
            problem, found = report.problem, [report.coverage]
        else:
            report = verify(unit, sim, n, seed)
            problem, found = report.alarm, [*report.coverage.values()]
    except (SimulationError, InputError) as error:
        return RegressResult(unit, sim, n, seed, 0, 0, 0, 0, 0, 0, time.monotonic() - begin, str(error))
    return RegressResult(
        unit=unit,
        simulator=sim,
        n=n,
        seed=seed,
        compared=report.compared,
        exhaustive=report.exhaustive,
        mismatches=report.mismatches,
        bins=sum(coverage.bins for coverage in found),
        hit=sum(coverage.hit for coverage in found),
        unreachable=sum(len(coverage.unreachable) for coverage in found),
        seconds=report.seconds,
        problem=problem,
    )


def junit(results: Sequence[RegressResult], path: Path) -> None:
    """Write a JUnit XML file; a failure's message is the command that reruns it."""
    failures = sum(not result.passed for result in results)
    seconds = sum(result.seconds for result in results)
    counts = {"tests": str(len(results)), "failures": str(failures), "time": f"{seconds:.1f}"}
    suite = ET.Element("testsuite", name="axmac regress", **counts)
    for result in results:
        case = ET.SubElement(
            suite, "testcase", classname=result.simulator, name=result.unit, time=f"{result.seconds:.1f}"
        )
        if not result.passed:
            ET.SubElement(case, "failure", message=result.command).text = result.problem
    ET.indent(suite)
    path.parent.mkdir(parents=True, exist_ok=True)
    ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
