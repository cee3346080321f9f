"""The cocotb bench of a precision-scalable MAC: runs inside the simulator, started by `axmac.sim.scalable`.

Settings: ``mac``, the unit's id; ``n``, ``seed``; ``long``, whether sums run until they wrap. Every test begins with a
reset and a product without ``clear``, so that what the test before left would be seen.
"""

import random
from collections.abc import Callable

import cocotb
from cocotb.handle import HierarchyObject

from axmac.model.golden.scalable import SumRegister, sums_of
from axmac.model.spec import ScalableMac, parse_scalable_id
from axmac.sim.cover_scalable import mac_bins
from axmac.sim.pins import read_settings, write
from axmac.sim.scalable_stimulus import class_items, random_items, switch_items, to_the_end
from axmac.sim.streamed import Streamed, streamed

__all__ = ["difference", "full_load", "long_sums", "measure", "stalls"]

_FULL_LOAD = 300
_PAUSE = 0.1

Item = dict[str, int]


@cocotb.test()
async def stalls(dut: HierarchyObject) -> None:
    """All pairs of classes and random operands in random order of modes, with random pauses on both streams."""
    settings = read_settings()
    spec = parse_scalable_id(settings["mac"])
    items = class_items(spec, settings["seed"]) + random_items(spec, settings["n"], settings["seed"])
    random.Random(settings["seed"]).shuffle(items)
    await _run(dut, settings, "stalls", items, _PAUSE)


@cocotb.test()
async def full_load(dut: HierarchyObject) -> None:
    """Without pauses: latency and bubbles; every mode after every other."""
    settings = read_settings()
    spec = parse_scalable_id(settings["mac"])
    await _run(dut, settings, "full_load", random_items(spec, _FULL_LOAD, 2) + switch_items(spec, 3), 0)


@cocotb.test()
async def long_sums(dut: HierarchyObject) -> None:
    """Extreme products on all lanes until the sums have wrapped; ``held``: how many of them every lane added right."""
    settings = read_settings()
    spec = parse_scalable_id(settings["mac"])
    held, items, ends = {}, random_items(spec, 1, 3), []
    for k in spec.precisions if settings["long"] else ():
        for signed in (False, True):
            for product, run in to_the_end(spec, k, a_signed=signed):
                ends.append((k, signed, product, len(items), len(items) + len(run)))
                items += run

    def held_of(words: list[int]) -> dict[str, int]:
        for k, signed, product, first, end in ends:
            sums = [sums_of(spec, k, word) for word in words[first:end]]
            right = [set(lanes) == {product * count} for count, lanes in enumerate(sums, start=1)]
            name = f"{k} {'signed' if signed else 'unsigned'}"
            held[name] = min(held.get(name, len(right)), [*right, False].index(False))
        return held

    await _run(dut, settings, "long_sums", items, 0, lambda words: {"held": held_of(words)})


async def measure(
    dut: HierarchyObject, spec: ScalableMac, items: list[Item], seed: int, pause: float
) -> tuple[list[tuple[int, ...]], list[int], Streamed]:
    """Stream the items, the first one without ``clear``; the products taken, (number of the precision, a_signed, clear,
    a, b) each, the words of the sums that golden makes of them, and what the monitors saw.
    """
    items[0]["clear"] = 0
    if len(spec.precisions) == 1:
        items = [{name: value for name, value in item.items() if name != "mode"} for item in items]
    found = await streamed(dut, items, "out_acc", seed, pause)
    last = len(spec.precisions) - 1
    taken = [(min(item[0], last), *item[1:]) if last else (0, *item) for item in found.taken]
    register = SumRegister(spec)
    golden = [
        register.add(spec.precisions[mode], a, b, a_signed=signed == 1, clear=clear == 1)
        for mode, signed, clear, a, b in taken
    ]
    return taken, golden, found


async def _run(
    dut: HierarchyObject,
    settings: dict,
    key: str,
    items: list[Item],
    pause: float,
    more: Callable[[list[int]], dict] = lambda _words: {},
) -> None:
    """Stream the items and write what came of them; the golden model computes from what the monitor saw.

    ``more``: further figures, of the words of the sums.
    """
    spec = parse_scalable_id(settings["mac"])
    taken, golden, found = await measure(dut, spec, items, settings["seed"], pause)
    wrong, first = difference(spec, golden, found.results, taken)
    figures = found.figures(wrong, first, mac_bins(spec, taken, golden, wraps=settings["long"]))
    write(settings, key, figures | more(found.results))
    assert wrong == 0, first


def difference(spec: ScalableMac, golden: list[int], results: list[int], taken: list[tuple]) -> tuple[int, str]:
    """How many words differ, and the first one with what went in."""
    wrong = [index for index, pair in enumerate(zip(golden, results, strict=False)) if pair[0] != pair[1]]
    missing = abs(len(golden) - len(results))
    if not wrong:
        return missing, f"{len(results)} of {len(golden)} results came" if missing else ""
    index = wrong[0]
    mode, signed, clear, a, b = taken[index]
    text = f"{spec.id}, product {index}: {spec.precisions[mode]} bits, a_signed={signed} clear={clear} a=0x{a:04x} "
    return len(wrong) + missing, f"{text}b=0x{b:04x} golden=0x{golden[index]:x} dut=0x{results[index]:x}"
