"""Tables of results: rows of text, one renderer for Markdown."""

from collections.abc import Sequence
from typing import Any

from axmac.model.report.adaptive import adaptive_table
from axmac.model.report.cost import cost_tables
from axmac.model.report.forms import form_of
from axmac.model.report.hybrid import hybrid_tables, replayed_table
from axmac.model.report.precision import precision_sentence, precision_summary, precision_table
from axmac.model.report.search import search_sentence, search_table
from axmac.model.report.speed import speed_rows, speed_summary
from axmac.model.report.studies import short
from axmac.model.report.verification import verification_table
from axmac.model.report.words import Table, interval, percent
from axmac.model.spec import InputError, IntMul, catalog

__all__ = ["OUTCOMES", "Table", "blocks_of", "markdown", "table_of", "tables_of"]

OUTCOMES = ("killed", "equivalent", "survived")
"""What becomes of a planted fault."""


def tables_of(result: dict[str, Any]) -> list[Table]:
    """The tables of one result: several for a study, for costs and for a hybrid network, one for other kinds."""
    if result["kind"] in _SEVERAL:
        return _SEVERAL[result["kind"]](result)
    return form_of(result).tables(result) if result["kind"] == "study" else [table_of(result)]


def table_of(result: dict[str, Any]) -> Table:
    """The table of one result, by its kind; the first one where there are several."""
    return tables_of(result)[0] if result["kind"] in ("study", *_SEVERAL) else _TABLES[result["kind"]](result)


def blocks_of(result: dict[str, Any]) -> str:
    """The tables of a result as a page shows them, in Markdown: those that fit on one, and what came of it below."""
    lines: list[str] = []
    if result["kind"] == "study":
        tables, lines = short(result)
    elif result["kind"] == "search":
        tables, lines = [search_table(result)], [search_sentence(result)]
    elif result["kind"] == "precision":
        tables, lines = [precision_summary(result)], [precision_sentence(result)]
    else:
        tables = speed_summary(result) if result["kind"] == "bench" else tables_of(result)
    return "\n".join([*map(markdown, tables), *(f"{line}\n" for line in lines)])


def markdown(table: Table) -> str:
    """A table in Markdown, its title in bold above it."""
    title, heads, rows = table
    lines = [f"**{title}**", "", _line(heads), _line(["---"] * len(heads)), *map(_line, rows)]
    return "\n".join(lines) + "\n"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _unit(result: dict[str, Any]) -> str:
    """The id of a result's unit, and what has to be said wherever the unit appears."""
    return _noted(result["spec"]["id"])


def _noted(name: str) -> str:
    try:
        spec = catalog[name]
    except InputError:  # an array with a cell map that has no name
        return name
    note = spec.note if isinstance(spec, IntMul) else ""
    return f"{name} ({note})" if note else name


def _errors(result: dict[str, Any]) -> Table:
    row = result["rows"][0]
    try:
        published = catalog.design(result["spec"]["id"]).published
    except InputError:
        published = {}
    figures = ("med", "nmed", "mred", "ratio_of_means", "wce", "ep", "bias", "larger")
    rows = [[name, f"{row[name]:.6g}", f"{published[name]:g}" if name in published else ""] for name in figures]
    title = f"{_unit(result)}: errors over {row['pairs']:,} pairs of [{row['low']:g}, {row['high']:g}]"
    return f"{title}, seed {result['seed']}", ["figure", "measured", "published"], rows


def _verify(result: dict[str, Any]) -> Table:
    counts = ("core", "pipeline", "full_load", "mismatches")
    rows = [
        [
            f"{row['simulator']} {row['version']}",
            *(f"{row[name]:,}" for name in counts),
            " + ".join(f"{found['hit']} of {found['bins']}" for found in row["coverage"].values()),
            str(max(len(found["unreachable"]) for found in row["coverage"].values())),
            f"{row['seconds']:.1f}",
        ]
        for row in result["rows"]
    ]
    heads = ["simulator", "products, combinational", "pipelined with pauses", "pipelined, full load", "mismatches"]
    heads += ["bins hit", "proven unreachable", "seconds"]
    lanes = [row["lanes"] for row in result["rows"] if "lanes" in row]
    if lanes:
        heads += ["side by side", "mismatches", "products/s: all", "simulator", "golden"]
        names = ("compared", "mismatches", "rate", "simulator_rate", "golden_rate")
        rows = [[*row, *(f"{wide[name]:,.0f}" for name in names)] for row, wide in zip(rows, lanes, strict=True)]
    title = f"{_unit(result)}: RTL against golden, seed {result['seed']}"
    return title, heads, rows


def _regress(result: dict[str, Any]) -> Table:
    rows = [
        [
            row["unit"],
            row["simulator"],
            f"{row['compared']:,}",
            f"{row['mismatches']:,}",
            f"{row['hit']} of {row['bins']}",
            str(row["unreachable"]),
            f"{row['seconds']:.1f}",
            "passed" if row["passed"] else "FAILED",
        ]
        for row in result["rows"]
    ]
    failed = sum(not row["passed"] for row in result["rows"])
    title = f"RTL against golden, seed {result['seed']}: {failed} of {len(rows)} failed"
    heads = ["unit", "simulator", "products", "mismatches", "bins hit", "proven unreachable", "seconds", "result"]
    return title, heads, rows


def _coverage(result: dict[str, Any]) -> Table:
    rows = []
    for row in result["rows"]:
        missed = ", ".join(row["missed"][:3]) + (" .." if row["points"] - row["hit"] > 3 else "")
        rows.append([row["module"], row["kind"], f"{row['hit']} of {row['points']}", missed])
    title = f"{_unit(result)}: code coverage by Verilator, seed {result['seed']}"
    return title, ["module", "kind", "hit", "not hit"], rows


def _mutate(result: dict[str, Any]) -> Table:
    row = result["rows"][0]
    rows = [[kind, *(str(counts[name]) for name in OUTCOMES)] for kind, counts in row["kinds"].items()]
    rows.append(["all", *(str(row[name]) for name in OUTCOMES)])
    title = f"{row['spec']}: planted faults, {row['simulator']}, seed {row['seed']}, {row['seconds']:.0f} s"
    return title, ["kind of fault", *OUTCOMES], rows


def _replay(result: dict[str, Any]) -> Table:
    row = result["rows"][0]
    layers = row["layers"]
    counted = ("macs", "outputs", "differ_fast", "differ_golden", "differ_output", "cycles")
    total = {name: sum(layer[name] for layer in layers) for name in (*counted, "seconds")}
    rows = []
    for name, size, found in [
        *((layer["layer"], f"{layer['m']} x {layer['k']} x {layer['n']}", layer) for layer in layers),
        ("all", "", total),
    ]:
        counts = [f"{found[key]:,}" for key in counted]
        rows.append([name, size, *counts, f"{found['macs'] / found['cycles']:.1f}", f"{found['seconds']:.1f}"])
    title = (
        f"{result['net']['name']} on {result['data']['name']}, {row['images']} images: {result['spec']['id']} on a "
        f"{row['rows']} x {row['cols']} weight-stationary array, {row['simulator']} {row['version']}"
    )
    heads = ["layer", "M x K x N", "MACs by RTL", "outputs", "differ from fast", "from golden", "after the bias"]
    return title, [*heads, "cycles", "MACs/cycle", "seconds"], rows


def _train(result: dict[str, Any]) -> Table:
    rows = [
        [str(row["epoch"]), f"{row['loss']:.4f}", "" if row["accuracy"] is None else percent(row["accuracy"], 2)]
        for row in result["rows"]
    ]
    title = f"{result['net']['name']} trained on {result['data']['name']}, seed {result['seed']}"
    return title, ["epoch", "loss", "test accuracy"], rows


def _eval(result: dict[str, Any]) -> Table:
    rows = [
        [
            row["arithmetic"],
            row["layers"],
            f"{row['correct']:,} of {row['n']:,}",
            percent(row["accuracy"], 2),
            interval(row["interval"]),
            f"{row['seconds']:.1f}",
            f"{row['images_per_s']:,.0f}",
            f"{row['products_per_s']:.3g}",
            f"{row['time_ratio']:.2f}",
        ]
        for row in result["rows"]
    ]
    heads = ["arithmetic", "layers", "correct", "accuracy", "95 % interval", "seconds", "images/s", "products/s"]
    made = result["attack"] and f", adversarial images of {result['attack']['name']} ({result['attack']['protocol']})"
    title = f"{result['net']['name']} on {result['data']['name']}{made or ''}, {result['threads']} threads"
    return f"{title}{_calibrated(result)}", [*heads, "time over torch float32"], rows


def _calibrated(result: dict[str, Any]) -> str:
    """How int8 networks were quantised, and what has to be said of their units; nothing where there are none."""
    about = result["rows"][-1].get("calibration")
    if about is None:
        return ""
    share = about["percentile"]
    how = "min-max" if share == 100 else f"percentile {share:g}"
    units = result["rows"][-1].get("units", {}).values() if result["spec"] is None else [result["spec"]["id"]]
    said = "".join(
        f"; {noted}" for unit, noted in ((unit, _noted(unit)) for unit in dict.fromkeys(units)) if noted != unit
    )
    return f"; int8 by {how} over {about['images']:,} images of {about['data']}{said}"


def _transfer(result: dict[str, Any]) -> Table:
    attack = result["attack"]
    size = "margin" if attack["protocol"] == "minimal" else "eps"
    rows = [
        [
            f"{row[size]:g}",
            str(row["n"]),
            percent(row["source_rate"], 2),
            f"{row['k2']} of {row['k1']}",
            percent(row["rate"], 2),
            interval(row["interval"]),
        ]
        for row in result["rows"]
    ]
    first = result["rows"][0]
    title = (
        f"{attack['name']} on {result['net']['name']}, {result['data']['name']}: crafted on {attack['source']} "
        f"(clean accuracy {percent(first['source_accuracy'], 2)}), tested on {attack['target']} "
        f"({percent(first['target_accuracy'], 2)}), layers {result['layers']}, seed {result['seed']}, "
        f"protocol {attack['protocol']}{', targeted' if attack.get('targeted') else ''}{_calibrated(result)}"
    )
    heads = [size, "n", "fool the source", "of those, fool the target", "transfer rate", "95 % interval"]
    return title, heads, rows


def _bench(result: dict[str, Any]) -> Table:
    heads, rows = speed_rows(result)
    return f"Speed, {result['threads']} threads, {result['isa']}", heads, rows


_SEVERAL = {"ppa": cost_tables, "quanos": hybrid_tables}
_TABLES = {
    "errors": _errors,
    "verify": _verify,
    "replay": _replay,
    "replay-hybrid": replayed_table,
    "mutate": _mutate,
    "regress": _regress,
    "verification": verification_table,
    "coverage": _coverage,
    "train": _train,
    "eval": _eval,
    "transfer": _transfer,
    "adaptive": adaptive_table,
    "bench": _bench,
    "search": search_table,
    "precision": precision_table,
}
