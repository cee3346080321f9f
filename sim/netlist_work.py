"""Mapped netlists at work: golden vectors that they must agree with, and the transitions of operands that matter.

Both are handed over as files: vectors ``.npz`` with ``a``, ``b`` (patterns or significands) and ``expected``; activity
``.json`` with transitions per product by driver pin.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from axmac.model.golden import convert, multiply
from axmac.model.golden.int_mul import patterns_of
from axmac.model.golden.rounding import fields
from axmac.model.golden.significand import significand_product
from axmac.model.spec import FLOAT32, FpMul, InputError, IntMul, Multiplier
from axmac.model.spec.files import write_whole
from axmac.sim.netlist import Netlist
from axmac.sim.netlist_words import packed, unpacked
from axmac.sim.stimulus import significand_pairs, stimulus
from axmac.sim.transitions import count_transitions, read_delays

__all__ = ["Agreement", "check_netlist", "drivers_of", "uniform_operands", "write_activity", "write_vectors"]

_PORTS = {"core": ("a", "b", "p"), "significand": ("sig_a", "sig_b", "product")}


@dataclass(frozen=True)
class Agreement:
    """How many vectors ran on a netlist, how many results differ from golden, and the first that does."""

    compared: int
    mismatches: int
    first: str


def write_vectors(spec: Multiplier, part: str, path: Path, n: int, seed: int) -> Path:
    """Write all pairs of classes and ``n`` random ones with golden's results, for ``core`` or ``significand``.

    Of integers of at most 8 bits all pairs of operands in their place.
    """
    a, b = significand_pairs(spec) if isinstance(spec, IntMul) else ((), ())
    if not len(a):
        a, b = stimulus(spec, n, seed)
    if part == "significand":
        a, b = (_significands(spec, operand) for operand in (a, b))
        expected = significand_product(spec.significand, spec.format.sig_width, a, b)
    else:
        expected = multiply(spec, a, b)
    with path.open("wb") as file:
        np.savez(file, a=a, b=b, expected=expected)
    return path


def check_netlist(netlist: Path, top: str, part: str, vectors: Path) -> Agreement:
    """Run vectors on a netlist. ``InputError`` for a netlist that cannot be simulated."""
    with np.load(vectors, allow_pickle=False) as file:
        a, b, expected = (file[name] for name in ("a", "b", "expected"))
    simulated = Netlist(netlist, top)
    count = len(a)
    words = simulated.settled(_words(simulated, part, a, b), count)
    actual = np.zeros(count, np.uint64)
    for bit, net in enumerate(simulated.outputs[_PORTS[part][2]]):
        actual |= unpacked(words[net], count).astype(np.uint64) << np.uint64(bit)
    wrong = np.flatnonzero(actual != expected.astype(np.uint64))
    first = ""
    if len(wrong):
        k = wrong[0]
        first = f"a={int(a[k]):#x} b={int(b[k]):#x} golden={int(expected[k]):#x} netlist={int(actual[k]):#x}"
    return Agreement(count, len(wrong), first)


def drivers_of(netlist: Path, top: str) -> list[str]:
    """The output pins of all cells, ``cell/pin``, in an order of evaluation."""
    return [gate.pin for gate in Netlist(netlist, top).gates]


def uniform_operands(spec: Multiplier, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``n`` pairs drawn uniformly, one operand independent of the other and of the pair before.

    float32 of [-1, 1) for a floating-point unit; for integers patterns of all values of the format.
    """
    rng = np.random.default_rng(seed)
    if isinstance(spec, IntMul):
        f = spec.format
        return tuple(patterns_of(f, rng.integers(f.min, f.max, n, endpoint=True)) for _ in range(2))
    a, b = (rng.uniform(-1, 1, n).astype(np.float32) for _ in range(2))
    return a, b


def write_activity(
    spec: Multiplier,
    part: str,
    netlist: Path,
    top: str,
    sdf: Path,
    operands: tuple[np.ndarray, np.ndarray] | Path,
    out: Path,
) -> float:
    """Simulate operands, in their order, and write transitions per product; return the share of glitches.

    ``operands`` are two arrays float32, or an ``.npz`` that has them as ``a`` and ``b``; they are rounded to the unit's
    format. Of integers two arrays of patterns.
    """
    a, b = _loaded(operands) if isinstance(operands, Path) else operands
    patterns = [a, b]
    if not isinstance(spec, IntMul):
        patterns = [convert(FLOAT32, spec.format, np.ascontiguousarray(values).view(np.uint32)) for values in (a, b)]
    if part == "significand":
        patterns = [_significands(spec, operand) for operand in patterns]
    simulated = Netlist(netlist, top)
    found = count_transitions(simulated, _words(simulated, part, *patterns), len(a), read_delays(sdf))
    content = {"products": found.products, "glitches": found.glitches}
    content |= {"per_product": found.per_product, "duty": found.duty}
    write_whole(out, (json.dumps(content) + "\n").encode())
    return found.glitches


def _loaded(path: Path) -> tuple[np.ndarray, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as file:
            a, b = file["a"], file["b"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise InputError(
            f"{path}: holds no operands ({error}): an .npz with float32 arrays a and b is needed"
        ) from error
    if a.dtype != np.float32 or a.shape != b.shape or a.dtype != b.dtype or a.ndim != 1 or len(a) < 2:
        raise InputError(f"{path}: a and b must be float32 arrays of one length, at least 2")
    return a, b


def _significands(spec: FpMul, patterns: np.ndarray) -> np.ndarray:
    """What the unit's significand multiplier reads: fraction and hidden bit, which flushed units always set."""
    _, exp, frac = fields(spec.format, patterns)
    hidden = (exp > 0) | (spec.subnormals == "flush")
    return (frac | hidden.astype(np.int64) << spec.format.frac_width).astype(np.uint64)


def _words(netlist: Netlist, part: str, a: np.ndarray, b: np.ndarray) -> dict[str, list[int]]:
    names = _PORTS[part]
    return {
        name: [packed(values, bit) for bit in range(len(netlist.inputs[name]))]
        for name, values in zip(names, (a, b), strict=False)
    }
