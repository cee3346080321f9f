"""Adder, MACs, systolic arrays and matrix engines by name, in the sizes in which a regression runs them."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from axmac.model.spec import SCALABLE_DESIGNS, ScalableMac, catalog, looks_scalable, parse_scalable_id
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.arrays import Figures, verify_adder, verify_array, verify_engine, verify_mac
from axmac.sim.bins import CoverageReport
from axmac.sim.scalable import verify_scalable
from axmac.sim.scalable_products import verify_products

__all__ = ["ASSEMBLIES", "AssemblyReport", "is_assembly", "verify_assembly"]

_UNIT = "fp32_array_ama5_t4"
_SIZES = [(1, 1, 1), (3, 5, 7), (17, 33, 9), (2, 37, 1), (67, 3, 2), (2, 2, 2)]


def _adder(sim: str, n: int, seed: int) -> tuple[Figures, dict[str, Any]]:
    return verify_adder(sim, n, seed), {"latency": 3}


def _mac(sim: str, n: int, seed: int) -> tuple[Figures, dict[str, Any]]:
    return verify_mac(_UNIT, sim, n, seed), {"latency": 6}


def _array(dataflow: str) -> Callable[[str, int, int], tuple[Figures, dict[str, Any]]]:
    def verify(sim: str, _n: int, seed: int) -> tuple[Figures, dict[str, Any]]:
        figures = verify_array(_UNIT, 4, 4, dataflow, sim, seed)
        return figures, figures.pop("expected")

    return verify


def _engine(dataflow: str) -> Callable[[str, int, int], tuple[Figures, dict[str, Any]]]:
    def verify(sim: str, _n: int, seed: int) -> tuple[Figures, dict[str, Any]]:
        config = EngineConfig(catalog[_UNIT], 4, 4, dataflow, max_k=128, max_n=64)
        return verify_engine(config, sim, _SIZES, (2 * config.chunk_rows, 16, 16), seed), {}

    return verify


def _scalable(spec: ScalableMac) -> Callable[[str, int, int], tuple[Figures, dict[str, Any]]]:
    def verify(sim: str, n: int, seed: int) -> tuple[Figures, dict[str, Any]]:
        figures = verify_scalable(spec, sim, n, seed)
        return figures | {"products": verify_products(spec, sim, n=n, seed=seed)}, {"latency": 2}

    return verify


ASSEMBLIES: dict[str, Callable[[str, int, int], tuple[Figures, dict[str, Any]]]] = {
    "adder": _adder,
    "mac": _mac,
    "systolic-ws": _array("ws"),
    "systolic-os": _array("os"),
    "engine-ws": _engine("ws"),
    "engine-os": _engine("os"),
    **{spec.id: _scalable(spec) for spec in SCALABLE_DESIGNS},
}
"""By name what verifies it: (simulator, n, seed) gives the figures of its bench, and what full load must show.

``n`` counts random operands of adder and MACs; matrices have sizes of their own. The multiplier is that of ``ax_fpm``,
arrays have 4 x 4 elements. Precision-scalable MACs have all pairs of operands of up to 8 bits besides, in every lane.
"""


@dataclass(frozen=True)
class AssemblyReport:
    """What was compared (results: sums of products where they are that), and what came out; ``problem``: why not.

    ``exhaustive``: of a precision-scalable MAC, pairs of operands that every lane had, over precisions and signs.
    """

    compared: int
    exhaustive: int
    mismatches: int
    coverage: CoverageReport
    problem: str
    seconds: float


def is_assembly(name: str) -> bool:
    """Whether a name is one of `ASSEMBLIES` or begins as the ids of precision-scalable MACs do."""
    return name in ASSEMBLIES or looks_scalable(name)


def verify_assembly(name: str, sim: str, n: int, seed: int) -> AssemblyReport:
    """Check one of `ASSEMBLIES`, or any precision-scalable MAC by its id, against the golden model.

    Raises ``InputError`` for an id without a MAC, and what the functions of `axmac.sim.arrays` raise.
    """
    begin = time.monotonic()
    check = ASSEMBLIES[name] if name in ASSEMBLIES else _scalable(parse_scalable_id(name))
    figures, expected = check(sim, n, seed)
    coverage = figures.pop("coverage")
    tests = [test for test in figures.values() if "compared" in test]
    mismatches = sum(test["mismatches"] for test in tests)
    busy = figures["full_load"]
    wrong = [
        next((test["first"] for test in tests if test["mismatches"]), ""),
        "" if all(test.get("protocol_errors", 0) == 0 for test in tests) else "the stream contract is broken",
        "" if busy["bubbles"] == 0 else f"{busy['bubbles']} cycles without work at full load",
        *(f"{key} {busy[key]} instead of {value}" for key, value in expected.items() if busy[key] != value),
        coverage.problem,
    ]
    return AssemblyReport(
        compared=sum(test["compared"] for test in tests),
        exhaustive=sum(test.get("exhaustive", 0) for test in tests),
        mismatches=mismatches,
        coverage=coverage,
        problem=next((text for text in wrong if text), ""),
        seconds=time.monotonic() - begin,
    )
