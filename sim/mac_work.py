"""A mapped precision-scalable MAC at work: streams of products, sums against golden, transitions per cycle."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axmac.model.golden.scalable import lane_products, pack, wrapped
from axmac.model.spec import ScalableMac
from axmac.model.spec.files import write_whole
from axmac.sim.clocked import Clocked
from axmac.sim.netlist import Netlist
from axmac.sim.netlist_words import packed, unpacked

__all__ = ["MacAgreement", "layer_operands", "run_mac"]

_RESET_CYCLES = 2


@dataclass(frozen=True)
class MacAgreement:
    """How many lane sums left the MAC, how many differ from golden, the first that does; ``products`` in the counted
    cycles, those of all lanes; ``glitches``: the share of transitions that settled values alone do not need."""

    compared: int
    mismatches: int
    first: str
    products: int
    glitches: float


def layer_operands(bits: int, shape: tuple[int, ...], rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Activations and weights int64 of a layer of ``bits`` bits, uniform over their codes.

    Activations have no sign, 0 to 2^bits - 1; weights are symmetric, of magnitudes up to 2^(bits-1) - 1, and for one
    bit -1 or 1.
    """
    activations = rng.integers(0, 1 << bits, shape)
    most = (1 << bits - 1) - 1
    weights = rng.integers(-most, most + 1, shape) if bits > 1 else 2 * rng.integers(0, 2, shape) - 1
    return activations, weights


def run_mac(
    spec: ScalableMac,
    bits: int,
    netlist: Netlist,
    delays: Mapping[str, float],
    steps: int,
    streams: int,
    seed: int,
    out: Path,
) -> MacAgreement:
    """Add up ``steps`` products a lane of a layer of ``bits`` bits in each of ``streams``, one every cycle.

    The lowest precision that holds the layer is used; a standard MAC reads narrow operands as they are, its lowest bits
    first. ``delays``: ns by driver pin. ``out`` becomes transitions per cycle by driver pin; the first product, which
    follows the reset, is not counted.
    """
    precision = spec.width_for(bits)
    rng = np.random.default_rng(seed)
    words = [
        pack(spec, precision, values) for values in layer_operands(bits, (steps, streams, spec.lanes(precision)), rng)
    ]
    mac = Clocked(netlist, streams, delays)
    ports, ones = netlist.inputs, mac.ones
    still = {"out_ready": [ones]}
    if "in_mode" in ports:
        mode = spec.mode_of(precision)
        still["in_mode"] = [ones * (mode >> bit & 1) for bit in range(len(ports["in_mode"]))]
    inputs = [{"rst": [ones]}] * _RESET_CYCLES
    for step, (a, b) in enumerate(zip(*words, strict=True)):
        operands = {name: [packed(word, bit) for bit in range(spec.width)] for name, word in (("in_a", a), ("in_b", b))}
        inputs.append({"in_valid": [ones], "in_clear": [ones * (step == 0)], **operands})
    found = []
    for cycle, given in enumerate([*inputs, {}, {}]):
        counted = _RESET_CYCLES < cycle < len(inputs)
        values = {name: [0] * len(nets) for name, nets in ports.items()} | still | given
        changes = {net: word for name, nets in ports.items() for net, word in zip(nets, values[name], strict=True)}
        mac.settle(mac.edge() | changes, counted=counted)
        if mac.words[netlist.outputs["out_valid"][0]]:
            found.append([mac.words[net] for net in netlist.outputs["out_acc"]])
    actual = np.stack([_sums(spec, precision, word, streams) for word in found])
    products = lane_products(spec, precision, *words, a_signed=False)
    expected = wrapped(products.cumsum(axis=0), spec.sum_width(precision))
    wrong = np.argwhere(actual != expected)
    first = ""
    if len(wrong):
        place = tuple(wrong[0])
        first = f"product {place[0]} lane {place[2]}: golden={expected[place]} netlist={actual[place]}"
    content = {"per_cycle": mac.per_cycle(), "lanes": streams}
    write_whole(out, (json.dumps(content) + "\n").encode())
    counted = mac.cycles * mac.lanes * spec.lanes(precision)
    return MacAgreement(expected.size, len(wrong), first, counted, mac.glitches)


def _sums(spec: ScalableMac, precision: int, word: list[int], streams: int) -> np.ndarray:
    """The lane sums int64 [streams, lanes] in the words of port ``out_acc``."""
    width = spec.sum_width(precision)
    sums = np.zeros((streams, spec.lanes(precision)), np.int64)
    for lane in range(sums.shape[1]):
        start = spec.sum_start(precision, lane)
        for bit in range(width):
            sums[:, lane] |= unpacked(word[start + bit], streams).astype(np.int64) << bit
    return wrapped(sums, width)
