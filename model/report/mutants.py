"""The page of planted faults: one row for each unit, and every fault that was not simply found."""

from typing import Any

from axmac.model.report.tables import OUTCOMES, markdown

__all__ = ["mutants_page"]

_HEAD = """\
# Planted faults

Written by `axmac mutate --all --table docs/mutants.md`. Each unit is built once with all its faults, an input selects
one, and the bench of `axmac verify` runs on it. A fault is killed by the first wrong product or by a broken stream;
what survives must be proven to change nothing. A MAC has its faults around the multiplier, in the adder and at its
ports, an array of 2 x 2 elements at its ports and at those of every element: accumulator order, the weight buffer,
ready, registers. The units in them have their own rows. A precision-scalable MAC has them around its gates, its array
of partial products and its sums, and at its ports: modes, signs, lanes, `clear`.
"""


def mutants_page(results: list[dict[str, Any]]) -> str:
    """Markdown from results of kind ``mutate``; the times in it are of the machine that ran them."""
    rows = [result["rows"][0] for result in results]
    kinds = sorted({kind for row in rows for kind in row["kinds"]})
    table = [
        [
            row["spec"],
            *(_share(row["kinds"].get(kind)) for kind in kinds),
            *(str(row[outcome]) for outcome in OUTCOMES),
            f"{row['seconds']:.0f}",
        ]
        for row in rows
    ]
    heads = ["unit", *kinds, *OUTCOMES, "seconds"]
    title = f"killed of planted, {rows[0]['simulator']}, n = {rows[0]['n']:,}, seed {rows[0]['seed']}"
    return "\n".join([_HEAD, markdown((title, heads, table)), *map(_others, rows)])


def _share(counts: dict[str, int] | None) -> str:
    return "" if counts is None else f"{counts['killed']} of {sum(counts.values())}"


def _others(row: dict[str, Any]) -> str:
    """What was not killed, by its proof."""
    by_proof: dict[str, list[str]] = {}
    for mutant in row["mutants"]:
        if mutant["outcome"] != "killed":
            proof = mutant["evidence"] if mutant["outcome"] == "equivalent" else "survived"
            by_proof.setdefault(proof, []).append(mutant["what"])
    lines = [f"* {len(faults)} - {proof}: {'; '.join(faults)}" for proof, faults in by_proof.items()]
    return "\n".join([f"## {row['spec']}", "", *lines, ""]) if lines else ""
