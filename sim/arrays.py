"""Checks adders, MACs, systolic arrays and matrix engines against the golden model, on a simulator.

Every function builds one component and returns what the tests of its bench measured, by test: ``compared`` and
``mismatches`` count results, ``first`` shows the first mismatch in hex, ``protocol_errors`` counts cycles in which a
stream's valid fell or its payload changed before the transfer; at full load ``latency``, ``waves``, ``cycles`` and
``bubbles`` are counted in clock cycles. ``coverage`` is the `CoverageReport` of all tests together.
Raises ``TypeError``, ``InputError`` and `SimulationError`.
"""

from typing import Any

from axmac.gen.component import component_text
from axmac.model.spec import FLOAT32, IntMul, Multiplier, as_spec
from axmac.rtl.accumulate import DEFAULT_ADD_STAGES
from axmac.rtl.engine import MatmulEngine
from axmac.rtl.engine_config import DATAFLOWS, EngineConfig
from axmac.rtl.fp_add import FpAddPipeline
from axmac.rtl.int_mac import IntMac
from axmac.rtl.mac import FpMac
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.systolic_os import OutputStationaryArray
from axmac.rtl.systolic_ws import WeightStationaryArray, check_array
from axmac.sim.bins import merged, report_of
from axmac.sim.builds import Bench
from axmac.sim.components import run_bench
from axmac.sim.coverage import ONE_STAGE, excluded_bins
from axmac.sim.directed_sums import unreachable_sums

__all__ = ["Figures", "verify_adder", "verify_array", "verify_engine", "verify_mac"]

Figures = dict[str, Any]

_ARITHMETIC = Bench("axmac.sim.bench_arithmetic", ("stalls", "full_load"))
_ENGINE = Bench("axmac.sim.bench_engine", ("products", "full_load", "registers", "reset"))
_STANDS_STILL = {"output stalled": "nothing moves while a result waits, so that in_ready is out_ready then"}
_ELEMENTS = {"ws": "weight_stationary_pe", "os": "output_stationary_pe"}


def verify_adder(
    sim: str, n: int, seed: int = 1, stages: int = DEFAULT_ADD_STAGES, *, directed: bool = True
) -> Figures:
    """The float32 adder on all pairs of classes, on those that close the coverage (both where ``directed``), and on at
    least ``n`` pairs of `axmac.sim.add_stimulus`.
    """
    unit = component_text(FpAddPipeline(FLOAT32, stages), f"fp32_add_s{stages}")
    settings = {"mul": "", "n": n, "seed": seed, "directed": directed}
    return _covered(run_bench(unit, _ARITHMETIC, settings, sim), _one_stage(stages))


def verify_mac(
    mul: Multiplier | str,
    sim: str,
    n: int,
    seed: int = 1,
    mul_stages: int = DEFAULT_STAGES,
    add_stages: int | None = None,
    *,
    directed: bool = True,
) -> Figures:
    """A MAC on all pairs of operand classes, on what closes the coverage (both where ``directed``), and on ``n`` random
    pairs. The sum of integers takes one stage, whatever ``add_stages`` says.
    """
    spec = as_spec(mul)
    if isinstance(spec, IntMul):
        unit = component_text(IntMac(spec, mul_stages), f"mac_{spec.id}_s{mul_stages}_1")
    else:
        add_stages = DEFAULT_ADD_STAGES if add_stages is None else add_stages
        unit = component_text(FpMac(spec, mul_stages, add_stages), f"mac_{spec.id}_s{mul_stages}_{add_stages}")
    settings = {"mul": spec.id, "n": n, "seed": seed, "directed": directed}
    constant, unreachable = ({f"multiplier, {name}": why for name, why in bins.items()} for bins in excluded_bins(spec))
    constant |= {f"streams: {name}": why for name, why in _STANDS_STILL.items()}
    unreachable |= {} if isinstance(spec, IntMul) else unreachable_sums(spec)
    return _covered(run_bench(unit, _ARITHMETIC, settings, sim), unreachable, constant)


def verify_array(
    mul: Multiplier | str,
    rows: int,
    cols: int,
    dataflow: str,
    sim: str,
    seed: int = 1,
    mul_stages: int = DEFAULT_STAGES,
    add_stages: int | None = None,
) -> Figures:
    """A systolic array with random pauses, with a slow sink, at full load, and (``os``) with one slot in use.

    ``add_stages``: None is what the array takes itself.
    """
    spec, add_stages = check_array(as_spec(mul), rows, cols, mul_stages, add_stages)
    settings = {"mul": spec.id, "rows": rows, "cols": cols, "dataflow": dataflow, "seed": seed}
    settings["add_stages"] = add_stages
    tests = ("stalls", "slow_sink", "full_load")
    if dataflow == "ws":
        array = WeightStationaryArray(spec, rows, cols, mul_stages, add_stages)
        settings["min_waves"] = max(array.min_waves, array.latency + 1)  # or as long as a partial sum needs to return
    else:
        array = OutputStationaryArray(spec, rows, cols, mul_stages, add_stages)
        settings["min_steps"] = array.min_steps
        tests = (*tests, "fewer_slots")
    unit = component_text(array, f"systolic_{spec.id}_{dataflow}_{rows}x{cols}_s{mul_stages}_{add_stages}")
    figures = run_bench(unit, Bench("axmac.sim.bench_array", tests), settings, sim, _ELEMENTS[dataflow])
    tied = {f"waves: {name}": why for name, why in _STANDS_STILL.items()} if dataflow == "ws" else {}
    return _covered(figures, constant=tied) | {"expected": {"latency": array.latency}}


def verify_engine(
    config: EngineConfig,
    sim: str,
    sizes: list[tuple[int, int, int]],
    full_load: tuple[int, int, int],
    seed: int = 1,
) -> Figures:
    """A matrix engine: products of ``sizes`` (M, K, N) with random pauses on all streams; ``full_load`` without pauses;
    and its registers.
    """
    c = config
    settings = {
        "mul": c.mul.id,
        "seed": seed,
        "sizes": sizes,
        "full_load": full_load,
        "array": c.rows | c.cols << 8 | DATAFLOWS.index(c.dataflow) << 16 | c.add_stages << 24,
        "limits": c.max_k | c.max_n << 16,
        "unit": c.mul.sha256,
        "config": {field: getattr(c, field) for field in c.__dataclass_fields__ if field != "mul"},
    }
    unit = component_text(MatmulEngine(c), f"engine_{c.name}_s{c.mul_stages}_{c.add_stages}")
    return _covered(run_bench(unit, _ENGINE, settings, sim, _ELEMENTS[c.dataflow]))


def _one_stage(stages: int) -> dict[str, str]:
    return {"streams: output stalled": ONE_STAGE} if stages == 1 else {}


def _covered(
    figures: Figures, unreachable: dict[str, str] | None = None, constant: dict[str, str] | None = None
) -> Figures:
    """The figures of all tests, with one report in place of the hits of each."""
    hits = merged(test["bins"] for test in figures.values())
    tests = {name: {key: value for key, value in test.items() if key != "bins"} for name, test in figures.items()}
    return tests | {"coverage": report_of(hits, unreachable, constant)}
