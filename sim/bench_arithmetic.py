"""The cocotb bench of the float32 adder and of MACs: runs inside the simulator, started by `axmac.sim.arrays`.

Settings: ``mul``, the id of a MAC's multiplier, empty for the adder; ``n``, ``seed``, ``directed``.
"""

import cocotb
import numpy as np
from cocotb.handle import HierarchyObject

from axmac.model.golden import add, multiply, trace
from axmac.model.golden.int_mul import values_of
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, IntMul, as_float_spec, as_spec
from axmac.sim.add_stimulus import add_stimulus
from axmac.sim.bins import PointHits
from axmac.sim.coverage import cover_points
from axmac.sim.coverpoints_add import Addition, add_points, product_classes, reaches_the_ends
from axmac.sim.directed import directed_pairs
from axmac.sim.directed_sums import directed_macs, directed_sums, float32_products
from axmac.sim.pins import first_difference, read_settings, write
from axmac.sim.stimulus import random_pairs, stimulus
from axmac.sim.streamed import Streamed, streamed

__all__ = ["Adder", "IntegerMac", "Mac", "full_load", "measure", "stalls"]

_FULL_LOAD = 500


@cocotb.test()
async def stalls(dut: HierarchyObject) -> None:
    """All of the stimulus, with random pauses on both streams."""
    settings = read_settings()
    await _run(dut, settings, "stalls", pause=0.1)


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """Without pauses: latency and bubbles."""
    await _run(dut, read_settings(), "full_load", pause=0, at_most=_FULL_LOAD)


class Adder:
    """total = a + b. ``operands`` are all pairs of classes and random ones, after those that close the coverage."""

    inputs, output = ("a", "b"), "out_total"

    def __init__(self, settings: dict) -> None:
        parts = [add_stimulus(settings["n"], settings["seed"], classes=settings["directed"])]
        parts += [directed_sums()] if settings["directed"] else []
        self.operands = [np.concatenate(operand) for operand in zip(*reversed(parts), strict=True)]

    def golden(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """The sums."""
        return add(FLOAT32, a.astype(np.uint32), b.astype(np.uint32))

    def bins(self, a: np.ndarray, b: np.ndarray) -> dict[str, int]:
        """Hits by bin."""
        hits = PointHits(add_points())
        hits.update(Addition.of(a.astype(np.uint32), b.astype(np.uint32), self.golden(a, b)))
        return hits.by_bin()


class Mac:
    """sum = acc + a * b; half of the accumulators are near the product's negative, the others of any class."""

    inputs, output = ("a", "b", "acc"), "out_sum"

    def __init__(self, settings: dict) -> None:
        self._spec = spec = as_float_spec(settings["mul"])
        drawn = stimulus if settings["directed"] else random_pairs
        parts = [drawn(spec, settings["n"], settings["seed"])]
        parts += [directed_pairs(spec)] if settings["directed"] else []
        a, b = (np.concatenate(operand) for operand in zip(*reversed(parts), strict=True))
        rng = np.random.default_rng(settings["seed"])
        near = (float32_products(spec, a, b) ^ np.uint32(1 << 31)) + rng.integers(-3, 4, len(a)).astype(np.uint32)
        anything = rng.permutation(add_stimulus(len(a), settings["seed"])[0])[: len(a)]
        drawn = a, b, np.where(rng.random(len(a)) < 0.5, near, anything)
        parts = [directed_macs(spec), drawn] if settings["directed"] else [drawn]
        self.operands = [np.concatenate(operand) for operand in zip(*parts, strict=True)]

    def golden(self, a: np.ndarray, b: np.ndarray, acc: np.ndarray) -> np.ndarray:
        """The sums."""
        return add(FLOAT32, acc.astype(np.uint32), float32_products(self._spec, a, b))

    def bins(self, a: np.ndarray, b: np.ndarray, acc: np.ndarray) -> dict[str, int]:
        """Hits by bin, those of the multiplier among them."""
        spec, acc = self._spec, acc.astype(np.uint32)
        sums = PointHits(add_points(product_classes(spec), ends=reaches_the_ends(spec)))
        sums.update(Addition.of(acc, float32_products(spec, a, b), self.golden(a, b, acc)))
        products, dtype = PointHits(cover_points(spec)), pattern_dtype(spec.format)
        products.update(trace(spec, a.astype(dtype), b.astype(dtype), tiles=False))
        return sums.by_bin() | {f"multiplier, {name}": count for name, count in products.by_bin().items()}


class IntegerMac:
    """sum = acc + a * b modulo 2^32; accumulators are random, or near the ends of int32 and of the product."""

    inputs, output = ("a", "b", "acc"), "out_sum"

    def __init__(self, settings: dict) -> None:
        self._spec = spec = as_spec(settings["mul"])
        drawn = stimulus if settings["directed"] else random_pairs
        parts = [drawn(spec, settings["n"], settings["seed"])]
        parts += [directed_pairs(spec)] if settings["directed"] else []
        a, b = (np.concatenate(operand) for operand in zip(*reversed(parts), strict=True))
        rng = np.random.default_rng(settings["seed"])
        anything = rng.integers(0, 1 << 32, len(a), dtype=np.uint32)
        ends = rng.choice([0, 1 << 31, (1 << 31) - 1, (1 << 32) - 1], len(a)).astype(np.uint32)
        self.operands = [a, b, np.where(rng.random(len(a)) < 0.5, ends, anything)]

    def golden(self, a: np.ndarray, b: np.ndarray, acc: np.ndarray) -> np.ndarray:
        """The sums."""
        dtype = pattern_dtype(self._spec.format)
        product = values_of(self._spec.result_format, multiply(self._spec, a.astype(dtype), b.astype(dtype)))
        return acc.astype(np.uint32) + product.astype(np.uint32)

    def bins(self, a: np.ndarray, b: np.ndarray, _acc: np.ndarray) -> dict[str, int]:
        """Hits by bin of the multiplier."""
        products, dtype = PointHits(cover_points(self._spec)), pattern_dtype(self._spec.format)
        products.update(trace(self._spec, a.astype(dtype), b.astype(dtype)))
        return {f"multiplier, {name}": count for name, count in products.by_bin().items()}


Unit = Adder | Mac | IntegerMac


async def measure(
    dut: HierarchyObject, unit: Unit, operands: list, seed: int, pause: float
) -> tuple[np.ndarray, np.ndarray, Streamed]:
    """Send all operands: those that were taken, uint64 [n, ports], results uint32 [n], and what the monitors saw.

    What has not come after a long time is missing.
    """
    columns = zip(*(values.tolist() for values in operands), strict=True)
    items = [dict(zip(unit.inputs, values, strict=True)) for values in columns]
    found = await streamed(dut, items, unit.output, seed, pause)
    seen = np.array(found.taken, np.uint64).reshape(-1, len(unit.inputs))
    return seen, np.array(found.results, np.uint64).reshape(-1).astype(np.uint32), found


async def _run(dut: HierarchyObject, settings: dict, key: str, *, pause: float, at_most: int | None = None) -> None:
    unit = _unit(settings)
    operands = [values[:at_most] for values in unit.operands]
    seen, results, found = await measure(dut, unit, operands, settings["seed"], pause)
    golden = unit.golden(*seen.T)
    wrong, first = first_difference(golden, results)
    if wrong and golden.shape == results.shape:
        operands_seen = seen[np.flatnonzero(golden != results)[0]].tolist()
        first += f" of {[hex(value) for value in operands_seen]}"
    write(settings, key, found.figures(wrong, first, unit.bins(*seen.T)))
    assert wrong == 0, first


def _unit(settings: dict) -> Unit:
    if not settings["mul"]:
        return Adder(settings)
    return IntegerMac(settings) if isinstance(as_spec(settings["mul"]), IntMul) else Mac(settings)
