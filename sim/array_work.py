"""A mapped systolic array at work: streams of waves through its netlist, sums against golden, transitions per cycle.

The element's netlist is simulated once for all elements of all streams: each is a lane. The frame around them, skew,
control and ports, has a lane a stream. Both go on together, clock cycle by clock cycle: all that leaves an element
leaves a register, so that elements are settled after the frame.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axmac.model.golden import convert, matmul
from axmac.model.golden.int_mul import patterns_of
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import FLOAT32, IntMul, Multiplier
from axmac.model.spec.files import write_whole
from axmac.sim.clocked import Clocked
from axmac.sim.netlist import Netlist, Words
from axmac.sim.netlist_words import packed, unpacked

__all__ = ["ArrayAgreement", "run_array"]

COUNTED = 16
"""Cycles of full work in which transitions are counted."""

_RESET_CYCLES = 2
_ACC_WIDTH = 32


@dataclass(frozen=True)
class ArrayAgreement:
    """How many sums left the array, how many differ from golden, the first that does; ``macs``: products in counted
    cycles; ``glitches``: the share of the elements' transitions that settled values alone do not need."""

    compared: int
    mismatches: int
    first: str
    macs: int
    glitches: float


def run_array(
    spec: Multiplier,
    size: tuple[int, int],
    latency: int,
    netlists: tuple[Netlist, Netlist],
    delays: tuple[Mapping[str, float], Mapping[str, float]],
    sums: int,
    seed: int,
    out: Path,
) -> ArrayAgreement:
    """Load random weights, send waves of random activations without a pause, and compare at least ``sums`` sums.

    ``size``: rows and columns; ``netlists`` and ``delays`` in ns by driver pin: of the element, and of the frame, whose
    parts are the elements. ``out`` becomes transitions per cycle by driver pin, of one element and of the frame.
    Floats are drawn from [-1, 1), integers from the whole format.
    """
    rows, cols = size
    waves = latency + COUNTED
    streams = max(8, -(-sums // (waves * cols)))
    rng = np.random.default_rng(seed)
    a, weights = _drawn(spec, (streams, waves, rows), rng), _drawn(spec, (streams, rows, cols), rng)
    array = _Array(*netlists, size, streams, delays)
    width = spec.format.width
    found = []
    for inputs, counted in array.driven(_words(a, width), _words(weights, width), latency):
        array.cycle(inputs, counted=counted)
        if array.output("out_valid")[0]:
            found.append(array.output("out_psum"))
        if len(found) == waves:
            break
    actual = np.zeros((streams, waves, cols), np.uint32)
    for wave, bits in enumerate(found):
        for place, word in enumerate(bits):
            values = unpacked(word, streams).astype(np.uint32)
            actual[:, wave, place // _ACC_WIDTH] |= values << np.uint32(place % _ACC_WIDTH)
    expected = np.stack([matmul(spec, a[s], weights[s]) for s in range(streams)])
    wrong = np.argwhere(actual != expected)
    first = ""
    if len(wrong):
        s, wave, col = wrong[0]
        first = f"wave {wave} column {col}: golden={expected[s, wave, col]:#010x} netlist={actual[s, wave, col]:#010x}"
    content = {"element": array.elements.per_cycle(), "frame": array.frame.per_cycle(), "lanes": array.elements.lanes}
    write_whole(out, (json.dumps(content) + "\n").encode())
    macs = array.elements.cycles * array.elements.lanes
    return ArrayAgreement(actual.size, len(wrong), first, macs, array.elements.glitches)


def _drawn(spec: Multiplier, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    if isinstance(spec, IntMul):
        f = spec.format
        return patterns_of(f, rng.integers(f.min, f.max, shape, endpoint=True))
    values = rng.uniform(-1, 1, shape).astype(np.float32).view(np.uint32)
    return convert(FLOAT32, spec.format, values).astype(pattern_dtype(spec.format))


def _words(values: np.ndarray, width: int) -> list[list[int]]:
    """Patterns [streams, steps, elements] as the words of a vector port, step by step."""
    return [
        [packed(vector[:, element], bit) for element in range(vector.shape[1]) for bit in range(width)]
        for vector in values.swapaxes(0, 1)
    ]


class _Array:
    """Elements and frame, with the wires between them."""

    def __init__(
        self,
        element: Netlist,
        frame: Netlist,
        size: tuple[int, int],
        streams: int,
        delays: tuple[Mapping[str, float], Mapping[str, float]],
    ) -> None:
        self._places = [f"pe_{row}_{col}" for row in range(size[0]) for col in range(size[1])]
        self._streams = streams
        self.elements = Clocked(element, streams * len(self._places), delays[0])
        self.frame = Clocked(frame, streams, delays[1])

    def driven(
        self, a: list[list[int]], weights: list[list[int]], latency: int
    ) -> Iterator[tuple[dict[str, list[int]], bool]]:
        """What the ports get in each cycle, and whether it is one of full work; reads the ready outputs."""
        one, ports = self.frame.ones, self.frame.netlist.inputs
        idle = {name: [0] * len(nets) for name, nets in ports.items()} | {"out_ready": [one]}
        for _ in range(_RESET_CYCLES):
            yield idle | {"rst": [one]}, False
        for row in weights:
            yield idle | {"weight_valid": [one], "weight_row": row}, False
            while not self.output("weight_ready")[0]:
                yield idle | {"weight_valid": [one], "weight_row": row}, False
        for wave, vector in enumerate(a):
            inputs = idle | {"in_valid": [one], "in_a": vector, "in_swap": [one * (wave == 0)]}
            yield inputs, wave >= latency
            while not self.output("in_ready")[0]:
                yield inputs, False
        for _ in range(latency):
            yield idle, False

    def cycle(self, inputs: Mapping[str, list[int]], *, counted: bool) -> None:
        """One clock cycle with these words at the ports."""
        elements, frame = self.elements.edge(), self.frame.edge()
        ports = self.frame.netlist.inputs
        frame |= {net: word for name, words in inputs.items() for net, word in zip(ports[name], words, strict=True)}
        frame |= self._out_of(elements)
        self.frame.settle(frame, counted=counted)
        self.elements.settle(elements | self._into(), counted=counted)

    def output(self, name: str) -> list[int]:
        """The words of an output port of the array."""
        return [self.frame.words[net] for net in self.frame.netlist.outputs[name]]

    def _out_of(self, elements: Words) -> Words:
        """By net of the frame what its lanes of the elements' outputs are after the edge."""
        found = {}
        mask, width = self.frame.ones, self._streams
        for port in self.frame.netlist.part_outputs:
            for bit, net in enumerate(self.elements.netlist.outputs[port]):
                word = elements[net] if net in elements else self.elements.words[net]
                for place, name in enumerate(self._places):
                    nets = self.frame.netlist.parts[name].get(port)
                    if nets:
                        found[nets[bit]] = word >> (place * width) & mask
        return found

    def _into(self) -> Words:
        """By net of the element's inputs the words of all places, from the settled frame."""
        found = {}
        for port, nets in self.elements.netlist.inputs.items():
            for bit, net in enumerate(nets):
                word = 0
                for place, name in enumerate(self._places):
                    word |= self.frame.words[self.frame.netlist.parts[name][port][bit]] << (place * self._streams)
                found[net] = word
        return found
