"""Plants faults in a multiplier, one at a time, and sees whether the bench finds each."""

import time
from collections import Counter
from dataclasses import asdict, dataclass

from axmac.model.spec import InputError, Multiplier, as_spec
from axmac.rtl import DEFAULT_STAGES, check_stages
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.equivalence import same_products
from axmac.sim.mutants import mutant_component
from axmac.sim.planting import Mutant
from axmac.sim.simulators import SimulationError

__all__ = ["MutantResult", "MutationReport", "mutate", "result_of"]


@dataclass(frozen=True)
class MutantResult:
    """A fault, its kind, ``outcome`` (``killed``, ``equivalent`` or ``survived``), and what shows it."""

    what: str
    kind: str
    outcome: str
    evidence: str


@dataclass(frozen=True)
class MutationReport:
    """Every mutant of a unit; ``seconds`` is the time of emission, build and simulation."""

    spec: str
    simulator: str
    seed: int
    stages: int
    n: int
    seconds: float
    mutants: list[MutantResult]

    def count(self, outcome: str, kind: str | None = None) -> int:
        """How many mutants came out so; of one kind, or of all."""
        return sum(mutant.outcome == outcome and kind in (None, mutant.kind) for mutant in self.mutants)

    @property
    def passed(self) -> bool:
        """Whether there were mutants and none survived."""
        return bool(self.mutants) and self.count("survived") == 0

    def as_dict(self) -> dict:
        """All fields with the counts, in all and by kind."""
        outcomes = ("killed", "equivalent", "survived")
        kinds = Counter(mutant.kind for mutant in self.mutants)
        by_kind = {kind: {outcome: self.count(outcome, kind) for outcome in outcomes} for kind in kinds}
        return asdict(self) | {outcome: self.count(outcome) for outcome in outcomes} | {"kinds": by_kind}


def mutate(
    spec: Multiplier | str, sim: str = "verilator", n: int = 20_000, seed: int = 1, stages: int = DEFAULT_STAGES
) -> MutationReport:
    """Build the unit once with all its faults and run the bench on each; ``n`` random pairs beside the directed ones.

    Kinds: a truth-table bit, sum and carry swapped, a partial product dropped, operand order, exponent off by one,
    normalisation, sticky or guard dropped, special case or DAZ removed, and in the pipeline ready ignored, reset
    ignored, a register missing or doubled. A fault that nothing finds is ``equivalent`` where a proof says so.
    Raises ``TypeError``, ``InputError`` for a bad argument, `SimulationError` where the unit fails without a fault.
    """
    spec = as_spec(spec)
    if not isinstance(n, int) or not isinstance(seed, int):
        raise TypeError(f"n and seed must be integers, not {n!r} and {seed!r}")
    if n < 1 or seed < 0:
        raise InputError(f"n must be at least 1 and seed at least 0, not {n} and {seed}")
    check_stages(spec, stages)
    begin = time.monotonic()
    component, mutants = mutant_component(spec, stages)
    proofs = {mutant.number: mutant.proof or same_products(spec, mutant.significand) for mutant in mutants}
    settings = {
        "spec": repr(spec),
        "n": n,
        "seed": seed,
        "stages": stages,
        "mutants": [[mutant.number, mutant.in_core, bool(proofs[mutant.number])] for mutant in mutants],
    }
    found = run_bench(component, Bench("axmac.sim.bench_mutants", ("mutants",)), settings, sim)["mutants"]
    if found["0"]:
        raise SimulationError(f"{spec.id} is wrong without a planted fault: {found['0']}")
    results = [result_of(mutant, found[str(mutant.number)], proofs[mutant.number]) for mutant in mutants]
    return MutationReport(spec.id, sim, seed, stages, n, time.monotonic() - begin, results)


def result_of(mutant: Mutant, found: str, proof: str) -> MutantResult:
    """What became of a mutant that the bench ``found`` something of, or nothing."""
    outcome = "killed" if found else "equivalent" if proof else "survived"
    return MutantResult(mutant.what, mutant.kind, outcome, found or proof)
