"""Compares what a device under test gave with what the golden model says, block by block."""

from dataclasses import asdict, dataclass, field

import numpy as np

from axmac.model.golden import multiply, trace
from axmac.model.golden.rounding import pattern_dtype
from axmac.model.spec import Multiplier
from axmac.sim.coverage import Coverage

__all__ = ["Scoreboard"]

_BLOCK = 8192


@dataclass
class Scoreboard:
    """Products in order: `observe_input` is called by the input monitor, `observe_output` by the output monitor.

    ``compared`` and ``mismatches`` count products; ``first`` shows the first mismatch, bits first, then all stages of
    the golden model. `finish` compares the rest; products that are missing or too many are mismatches, too.
    ``coverage`` counts every compared product.
    """

    spec: Multiplier
    coverage: Coverage | None = None
    compared: int = 0
    mismatches: int = 0
    first: str = ""
    _inputs: list[tuple[int, int]] = field(default_factory=list)
    _outputs: list[int] = field(default_factory=list)

    def observe_input(self, a: int, b: int) -> None:
        """Take one pair of operands."""
        self._inputs.append((a, b))

    def observe_output(self, p: int) -> None:
        """Take one product; compares when a block is full."""
        self._outputs.append(p)
        if len(self._outputs) >= _BLOCK:
            self._compare()

    def finish(self, expected: int) -> None:
        """Compare what is left, and see whether all ``expected`` products came."""
        self._compare()
        for count, what in ((expected - self.compared, "missing"), (len(self._outputs), "more than operand pairs")):
            if count > 0:
                self._record(count, f"{count} of {expected} products are {what}")

    def as_dict(self) -> dict:
        """The counts and the first mismatch; the coverage where it was counted."""
        figures = {"compared": self.compared, "mismatches": self.mismatches, "first": self.first}
        return figures | ({"coverage": asdict(self.coverage.report())} if self.coverage else {})

    def compare(self, a: np.ndarray, b: np.ndarray, dut: np.ndarray, golden: np.ndarray) -> None:
        """Count products of patterns a and b against the golden ones."""
        wrong = np.flatnonzero(golden != dut)
        self.compared += a.size
        if self.coverage:
            self.coverage.update(a, b)
        if len(wrong):
            k = wrong[0]
            digits = -(-self.spec.format.width // 4), -(-self.spec.result_format.width // 4)
            bits = f"a=0x{a[k]:0{digits[0]}x} b=0x{b[k]:0{digits[0]}x}"
            bits += f" golden=0x{golden[k]:0{digits[1]}x} dut=0x{dut[k]:0{digits[1]}x}"
            self._record(len(wrong), f"{bits}\n{trace(self.spec, a[k : k + 1], b[k : k + 1]).describe()}")

    def _compare(self) -> None:
        count = min(len(self._inputs), len(self._outputs))
        if not count:
            return
        operands = np.array(self._inputs[:count], np.uint64).astype(pattern_dtype(self.spec.format))
        dut = np.array(self._outputs[:count], np.uint64)
        del self._inputs[:count], self._outputs[:count]
        a, b = operands[:, 0], operands[:, 1]
        self.compare(a, b, dut, multiply(self.spec, a, b))

    def _record(self, count: int, text: str) -> None:
        self.mismatches += count
        self.first = self.first or text
