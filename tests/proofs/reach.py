"""How far the solver gets with whole products at once, without the steps that the proofs take them apart into."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from axmac.model.spec import AMA5, EXACT, ArraySig, FloatFormat, FpMul
from proofs.ledger import PROVEN, Row, emitted
from proofs.products import tile_form
from proofs.significands import plain_product, significand_netlist, tiles
from proofs.solver import counterexample

__all__ = ["reached", "write_reached"]

WIDTHS = (4, 8, 12, 16, 20, 24)


def closed_form(spec: FpMul, seconds: float, verilog: Callable[[FpMul], str] = emitted) -> dict[str, int] | None:
    """The product is that of the closed form, for all pairs, without the bilinear argument."""
    netlist = significand_netlist(spec, verilog)
    a, b, product = (netlist.wire(name) for name in ("sig_a", "sig_b", "product"))
    wanted = tile_form(a.to(product.width), b.to(product.width), spec.significand.tile)
    return counterexample(product[: 2 * a.width] == wanted[: 2 * a.width], seconds, show={"sig_a": a, "sig_b": b})


STATEMENTS = (
    ("ripple-carry array of exact cells is A * B", plain_product, lambda width: ArraySig(EXACT, width)),
    ("carry-save array of exact cells is A * B", plain_product, lambda width: ArraySig(EXACT, width, topology="csa")),
    ("carry-save array of exact cells, as a whole", tiles, lambda width: ArraySig(EXACT, width, topology="csa")),
    ("4x4 AMA5 tiles are the closed form", closed_form, lambda _width: ArraySig(AMA5, 4)),
)


def reached(seconds: float) -> Iterator[Row]:
    """For each statement rows of rising width, up to the first that is not decided in ``seconds``."""
    for what, proof, significand in STATEMENTS:
        for width in WIDTHS:
            spec = FpMul(FloatFormat(8, width), significand(width))
            begin = time.perf_counter()
            try:
                outcome = PROVEN if proof(spec, seconds, emitted) is None else "refuted"
            except TimeoutError:
                outcome = "undecided"
            spent = round(time.perf_counter() - begin, 2)
            yield Row(spec.id, what, f"all 2^{2 * width} pairs of significands", "solver, at once", spent, outcome)
            if outcome != PROVEN:
                break


def write_reached(rows: list[Row], path: Path) -> None:
    """Write the rows as JSON, beside those of the proofs but not as one of them."""
    document = {"kind": "proof-reach", "rows": [asdict(row) for row in rows]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
