"""Replays layers on RTL: streams the operands of an exported layer through an array and compares every output bit.

The hand-over is by files: ``axmac.model.nn.export`` describes what is read; the outputs of the RTL are written beside.
The array makes the sums. The golden model adds the bias to them, and in int8 layers rounds them, as the layer does.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from axmac.model.golden import add, matmul, multiply, requantise, trace
from axmac.model.golden.int_mul import values_of
from axmac.model.golden.rounding import convert
from axmac.model.spec import FLOAT32, InputError, IntMul, Multiplier
from axmac.sim.array_rtl import ArrayRtl
from axmac.sim.layer_file import REMEDY, read_layer

__all__ = ["Difference", "Replay", "first_k", "replay"]

_ARRAYS = ("a", "b", "sums", "bias", "outputs")
_STEPS = ("scales", "out_scale")
"""What the file of an int8 layer holds besides."""
_ROWS = 1 << 14
"""Rows of which golden computes the sums at a time: bounds its memory."""
_PREFIXES = 64
"""Partial sums that one simulation computes in the search for the first k that differs."""


@dataclass(frozen=True)
class Difference:
    """An output (m, n) and its sums before the bias, by side: ``rtl``, ``golden``, ``fast``; patterns of 32 bits."""

    m: int
    n: int
    rtl: int
    golden: int
    fast: int


@dataclass(frozen=True)
class Replay:
    """What came of one layer.

    ``outputs`` counts the sums that were compared with ``fast`` and with ``golden``, all of them; ``differ_fast`` and
    ``differ_golden`` those in which the RTL differs from either. ``differ_output`` counts outputs that differ from the
    layer's own after the bias, which `axmac.model.golden.add` adds here, and of an integer unit after the rounding of
    `axmac.model.golden.requantise`. ``first`` is the first difference of a sum.
    ``results`` is the file ``<layer>.rtl.npz`` with ``sums`` and ``outputs`` uint32 [M, N] of the RTL.
    """

    layer: str
    m: int
    k: int
    n: int
    macs: int
    cycles: int
    seconds: float
    outputs: int
    differ_fast: int
    differ_golden: int
    differ_output: int
    first: Difference | None
    results: Path

    @property
    def passed(self) -> bool:
        """Every bit of every sum and output is the same on all sides."""
        return not (self.differ_fast or self.differ_golden or self.differ_output)

    @property
    def alarm(self) -> str:
        """What is wrong, in one line with the first sum that differs."""
        counts = {
            "fast": self.differ_fast,
            "golden": self.differ_golden,
            "the layer after the bias": self.differ_output,
        }
        text = "; ".join(f"{count} of {self.outputs} outputs differ from {side}" for side, count in counts.items())
        if self.first is not None:
            f = self.first
            text += f"; first (m={f.m}, n={f.n}): rtl=0x{f.rtl:08x} golden=0x{f.golden:08x} fast=0x{f.fast:08x}"
        return f"{self.layer}: {text}"

    def as_dict(self) -> dict:
        """As a result names it, without the file."""
        return {name: value for name, value in asdict(self).items() if name != "results"}


def replay(
    manifest: Path, rtl: ArrayRtl, progress: Callable[[int, int], object] = lambda _done, _total: None
) -> Replay:
    """Replays the layer of a manifest. progress(MACs done, MACs in all) is called from time to time.

    Raises ``InputError`` for files that do not belong together or to this array's unit, `SimulationError` for a
    simulation that does not end.
    """
    described, arrays = _read(manifest, rtl.spec)
    a, b = arrays["a"], arrays["b"]
    (m, k), n = a.shape, b.shape[1]
    before = rtl.cycles, rtl.seconds
    sums = rtl.matmul(a, b, lambda rows: progress(rows * k * n, m * k * n))
    golden = np.concatenate([matmul(rtl.spec, a[i : i + _ROWS], b) for i in range(0, m, _ROWS)])
    outputs = _outputs(rtl.spec, sums, arrays)
    results = manifest.with_suffix(".rtl.npz")
    with results.open("wb") as file:
        np.savez(file, sums=sums, outputs=outputs)
    wrong = (sums != arrays["sums"]) | (sums != golden)
    first = None
    if wrong.any():
        m_wrong, n_wrong = np.unravel_index(np.argmax(wrong), wrong.shape)
        place = int(m_wrong), int(n_wrong)
        first = Difference(*place, *(int(side[place]) for side in (sums, golden, arrays["sums"])))
    return Replay(
        described["layer"],
        m,
        k,
        n,
        m * k * n,
        rtl.cycles - before[0],
        rtl.seconds - before[1],
        sums.size,
        int(np.count_nonzero(sums != arrays["sums"])),
        int(np.count_nonzero(sums != golden)),
        int(np.count_nonzero(outputs != arrays["outputs"])),
        first,
        results,
    )


def first_k(
    manifest: Path, rtl: ArrayRtl, difference: Difference, expected: dict[str, np.ndarray]
) -> tuple[int | None, str]:
    """The k at which the RTL's partial sums of an output begin to differ, and a text that shows both sides.

    ``expected`` has the emulator's ``a``, ``b`` and ``partial`` of that output, arrays [K]; where emulator and RTL
    agree on the output, golden's partial sums stand for the emulator's. The RTL multiplies rows of the file that are +0
    from k + 1 on. k is None where the RTL computes all of these sums as expected, so that the fault depends on what the
    array did before or on its neighbours. Of an imported unit, what golden makes of these +0 is taken off again.
    """
    _, arrays = _read(manifest, rtl.spec)
    m, n = difference.m, difference.n
    a, b = arrays["a"][m], np.ascontiguousarray(arrays["b"][:, n])
    of_zeros = _of_zeros(rtl.spec, b)
    if difference.rtl == difference.fast:
        prefixes = np.tril(np.broadcast_to(a, (len(a), len(a)))).astype(a.dtype)
        expected = {"a": a, "b": b, "partial": matmul(rtl.spec, prefixes, b[:, None])[:, 0] - of_zeros}
    partial: dict[int, int] = {-1: 0}
    low, high = -1, len(a)
    while high - low > 1:
        last = min(high, len(a) - 1)
        ends = np.unique(np.linspace(low + 1, last, min(_PREFIXES, last - low)).astype(int))
        rows = np.where(np.arange(len(a)) <= ends[:, None], a, 0).astype(a.dtype)
        sums = rtl.matmul(rows, b[:, None])[:, 0] - of_zeros[ends]
        partial |= dict(zip(ends.tolist(), sums.tolist(), strict=True))
        wrong = np.flatnonzero(sums != expected["partial"][ends])
        if high == len(a) and not len(wrong):
            return None, f"output ({m}, {n}) alone is right on the RTL: the fault depends on the waves around it"
        if len(wrong):
            low, high = (int(ends[wrong[0] - 1]) if wrong[0] else low), int(ends[wrong[0]])
        else:
            low = int(ends[-1])
    return high, _both_sides(rtl.spec, high, (a, b, partial), expected)


def _outputs(spec: Multiplier, sums: np.ndarray, arrays: dict[str, np.ndarray]) -> np.ndarray:
    """What the layer makes of its sums, by golden; float32 patterns uint32 [M, N]."""
    if isinstance(spec, IntMul):
        return requantise(sums, arrays["bias"], arrays["scales"], float(arrays["out_scale"]))
    return add(FLOAT32, sums, np.broadcast_to(arrays["bias"], sums.shape))


def _of_zeros(spec: Multiplier, b: np.ndarray) -> np.ndarray:
    """What activations 0 and the weights after each k add to a sum, uint32 [K]: 0 but for imported units."""
    if not isinstance(spec, IntMul):
        return np.zeros(len(b), np.uint32)
    products = values_of(spec.result_format, multiply(spec, np.zeros_like(b), b))
    return (products.sum() - products.cumsum()).astype(np.uint32)


def _both_sides(
    spec: Multiplier, k: int, of_rtl: tuple[np.ndarray, np.ndarray, dict[int, int]], expected: dict[str, np.ndarray]
) -> str:
    """Operands, sums and the stages of the product at k, as the RTL's file and as the emulator has them."""
    a, b, partial = of_rtl
    before = int(expected["partial"][k - 1]) if k else 0
    lines = [f"partial sums first differ at k={k} of {len(a)}"]
    lines.append(f"before k: rtl=0x{partial.get(k - 1, before):08x} expected=0x{before:08x}")
    lines.append(f"after k:  rtl=0x{partial[k]:08x} expected=0x{int(expected['partial'][k]):08x}")
    pairs = {
        "the RTL": (a[k : k + 1], b[k : k + 1]),
        "the emulator": (expected["a"][k : k + 1], expected["b"][k : k + 1]),
    }
    for side, operands in pairs.items():
        total = _added(spec, np.array([before], np.uint32), multiply(spec, *operands))
        lines.append(f"golden on the operands of {side}: sum after k 0x{int(total[0]):08x}, product:")
        lines.append(trace(spec, *operands).describe())
        if np.array_equal(*pairs.values()):
            lines.append("both sides have these operands")
            break
    return "\n".join(lines)


def _added(spec: Multiplier, acc: np.ndarray, product: np.ndarray) -> np.ndarray:
    """The next partial sum."""
    if isinstance(spec, IntMul):
        return acc + values_of(spec.result_format, product).astype(np.uint32)
    return add(
        FLOAT32, acc, product if spec.result_format == FLOAT32 else convert(spec.result_format, FLOAT32, product)
    )


def _read(manifest: Path, spec: Multiplier) -> tuple[dict, dict[str, np.ndarray]]:
    """Manifest and arrays of a layer. ``InputError`` where a file is missing or is not of this unit."""

    def check(described: dict) -> None:
        unit = described["spec"]
        if unit["sha256"] != spec.sha256:
            raise InputError(f"{manifest}: is a layer of {unit['id']}, not of {spec.id}: {REMEDY}")

    return read_layer(manifest, _ARRAYS + _STEPS * isinstance(spec, IntMul), check)
