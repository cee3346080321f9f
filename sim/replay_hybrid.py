"""Replays layers of hybrid networks on the RTL of an array of precision-scalable MACs, sum by sum.

The hand-over is by files: `axmac.model.nn.hybrid_export` describes what is read; sums of the RTL are written beside.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from axmac.model.spec import InputError, ScalableMac
from axmac.sim.layer_file import REMEDY, read_layer
from axmac.sim.scalable_array import run

__all__ = ["HybridReplay", "replay_hybrid"]

_ARRAYS = ("a", "b", "sums")


@dataclass(frozen=True)
class HybridReplay:
    """What came of one layer of ``bits`` bits, which ran in ``precision`` with ``lanes`` products at a time.

    ``outputs`` counts the sums, all of which were compared: with golden (``differ_golden``) and with those of the
    network (``differ_layer``). ``first`` is the first difference, "" for none. ``results`` is the file
    ``<layer>.rtl.npz`` with ``sums`` int64 [M, N] of the RTL.
    """

    layer: str
    bits: int
    a_signed: bool
    precision: int
    lanes: int
    m: int
    k: int
    n: int
    macs: int
    cycles: int
    seconds: float
    outputs: int
    differ_golden: int
    differ_layer: int
    first: str
    results: Path

    @property
    def passed(self) -> bool:
        """Every sum is the same on all sides."""
        return not (self.differ_golden or self.differ_layer)

    @property
    def alarm(self) -> str:
        """What is wrong, in one line."""
        return (
            f"{self.layer}: {self.differ_golden} of {self.outputs} sums differ from golden, {self.differ_layer} from "
            f"the network's; first: {self.first}"
        )

    def as_dict(self) -> dict:
        """As a result names it, without the file."""
        return {name: value for name, value in asdict(self).items() if name != "results"}


def replay_hybrid(manifest: Path, spec: ScalableMac, rows: int, cols: int, sim: str) -> HybridReplay:
    """Replays the layer of a manifest, in the lowest precision of the unit that holds it.

    Raises ``InputError`` for files that do not belong together and layers that the unit does not hold,
    `SimulationError` for a simulation that does not end.
    """

    def check(described: dict) -> None:
        if not {"bits", "a_signed"} <= described.keys():
            raise InputError(f"{manifest}: is no layer of a hybrid network: {REMEDY}")

    described, arrays = read_layer(manifest, _ARRAYS, check)
    bits, a_signed = described["bits"], described["a_signed"]
    precision = spec.width_for(bits)
    begin = time.monotonic()
    found = run(spec, rows, cols, precision, a_signed, arrays["a"], arrays["b"], sim)
    seconds = time.monotonic() - begin
    results = manifest.with_suffix(".rtl.npz")
    with results.open("wb") as file:
        np.savez(file, sums=found.sums)
    wrong = np.argwhere(found.sums != arrays["sums"])
    first = found.first
    if len(wrong) and not first:
        m, n = wrong[0]
        first = f"(m={m}, n={n}): rtl={found.sums[m, n]} network={arrays['sums'][m, n]}"
    (m, k), n = arrays["a"].shape, arrays["b"].shape[1]
    return HybridReplay(
        described["layer"],
        bits,
        a_signed,
        precision,
        found.lanes,
        m,
        k,
        n,
        found.macs,
        found.cycles,
        seconds,
        found.sums.size,
        found.mismatches,
        len(wrong),
        first,
        results,
    )
