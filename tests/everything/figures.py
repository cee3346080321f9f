"""Reads what a step left in its folder, as parts of the rows of the table: dictionaries that `merge` puts together."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from proofs.exhaustive import LOOP
from proofs.ledger import PROVEN, read_rows

from axmac.model.spec import catalog, looks_scalable

__all__ = [
    "coverage_rows",
    "merge",
    "mutate_rows",
    "oracle_rows",
    "proof_rows",
    "regress_rows",
    "replay_rows",
    "test_rows",
]

Part = dict[str, Any]


def proof_rows(folder: Path) -> list[Part]:
    """Statements about a unit, and pairs of operands that a loop tried."""
    rows = read_rows(folder)
    part: Part = {"subject": rows[0].unit, "kind": "unit", "statements": len(rows)}
    part["proven"] = sum(row.outcome == PROVEN for row in rows)
    loops = [int(row.size.split()[0]) for row in rows if row.what == LOOP and row.outcome == PROVEN]
    return [part | ({"exhaustive": {"pairs of operands": sum(loops)}} if loops else {})]


def regress_rows(folder: Path) -> list[Part]:
    """What was compared on one simulator, and the bins."""
    return [_regressed(row) for row in _rows(folder, "regress")]


def _regressed(row: Part) -> Part:
    part: Part = {"subject": row["unit"], "kind": "unit", "sampled": {row["simulator"]: 0}}
    part["sampled"][row["simulator"]] = row["compared"] - row["exhaustive"]
    if row["exhaustive"]:
        what = "operands" if row["unit"] in catalog.integers or looks_scalable(row["unit"]) else "significands"
        part["exhaustive"] = {f"pairs of {what}": row["exhaustive"]}
    return part | {"bins": {key: row[key] for key in ("bins", "hit", "unreachable")}, "seed": row["seed"]}


def mutate_rows(folder: Path) -> list[Part]:
    """Planted faults by outcome."""
    outcomes = ("killed", "equivalent", "survived")
    return [
        {"subject": row["spec"], "kind": "unit", "mutants": {outcome: row[outcome] for outcome in outcomes}}
        for row in _rows(folder, "mutate-*")
    ]


def coverage_rows(folder: Path) -> list[Part]:
    """Points of code coverage, by kind."""
    (path,) = folder.glob("coverage-*.json")
    result = json.loads(path.read_text(encoding="utf-8"))
    code: dict[str, list[int]] = {}
    for row in result["rows"]:
        hit, points = code.get(row["kind"], [0, 0])
        code[row["kind"]] = [hit + row["hit"], points + row["points"]]
    return [{"subject": result["spec"]["id"], "kind": "unit", "code": code}]


def replay_rows(folder: Path) -> list[Part]:
    """MACs of a network by the RTL."""
    (path,) = folder.glob("replay-*.json")
    result = json.loads(path.read_text(encoding="utf-8"))
    (row,) = result["rows"]
    layers = ", ".join(layer["layer"] for layer in row["layers"])
    subject = f"{result['net']['name']} on {result['data']['name']}, {row['images']} images: {layers}"
    counts = {"sampled": {row["simulator"]: row["macs"]}, "scores_differ": row["scores_differ"]}
    return [{"subject": subject, "kind": "network"} | counts]


def oracle_rows(folder: Path) -> list[Part]:
    """Results of a model that its tests compare with an oracle."""
    count = json.loads((folder / "compared.json").read_text(encoding="utf-8"))
    subject, oracle = {
        "golden": ("golden model", "oracles"),
        "fast": ("kernels", "golden model"),
    }[folder.name.partition("-")[2]]
    return [{"subject": subject, "kind": "model", "sampled": {oracle: count["compared"]}, "tests": count["tests"]}]


def test_rows(folder: Path) -> list[Part]:
    """How many tests passed."""
    count = json.loads((folder / "compared.json").read_text(encoding="utf-8"))
    return [{"subject": "long tests", "kind": "tests", "passed": {folder.name: count["tests"]}}]


def _rows(folder: Path, pattern: str) -> list[Part]:
    documents = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob(f"{pattern}.json")))
    return [row for document in documents for row in document["rows"]]


def merge(parts: Iterable[Part]) -> list[Part]:
    """One row a subject, in the order in which subjects first come; dictionaries of several parts are united."""
    rows: dict[str, Part] = {}
    for part in parts:
        row = rows.setdefault(part["subject"], {})
        for key, value in part.items():
            both = isinstance(value, dict) and key in row
            row[key] = row[key] | value if both else value
    return list(rows.values())
