"""Tables of area, delay and energy."""

from typing import Any

from axmac.model.report.words import Table

__all__ = ["cost_tables"]

_GENERIC = "Yosys' generic gates, no library: an estimate; no area, delay or energy"
_PAPER = ("delay", "energy")


def cost_tables(result: dict[str, Any]) -> list[Table]:
    """Figures of all units; then, against each unit that ratios are given of, a table of ratios."""
    rows = [row for row in result["rows"] if not row["checked"]["mismatches"]]
    if not rows:
        return [("no netlist agrees with golden: no figure", ["unit"], [[row["unit"]] for row in result["rows"]])]
    first = rows[0]
    title, *figures = _mapped(rows) if first["library"] else _generic(rows)
    notes = dict.fromkeys(row["note"] for row in rows if "note" in row)
    by_unit = {row["unit"]: row for row in rows}
    against = dict.fromkeys(unit for row in rows for unit in row["against"] if unit in by_unit)
    return [("; ".join([title, *notes]), *figures), *(_ratios(rows, by_unit[unit]) for unit in against)]


def _generic(rows: list[dict[str, Any]]) -> Table:
    heads = ["unit", "gates", "logic depth", "transistors", "golden vectors"]
    cells = [
        [
            row["unit"],
            *(f"{row[name]:,}" for name in ("gates", "depth", "transistors")),
            f"{row['checked']['vectors']:,}",
        ]
        for row in rows
    ]
    return f"{_part(rows)}: {_GENERIC} (pyosys {rows[0]['tools']['pyosys']})", heads, cells


def _mapped(rows: list[dict[str, Any]]) -> Table:
    """Energies in pJ a product; glitches: the share of transitions that settled values do not need."""
    sources = list(rows[0]["energy"])
    heads = ["unit", "area, um2", "cells", "delay, ns"]
    heads += [f"energy, pJ: {name}" for name in sources] + ["of it leakage", "glitches", "vectorless", "golden vectors"]
    cells = [
        [
            row["unit"],
            f"{row['area']:,.0f}",
            f"{row['cells']:,}",
            f"{row['delay']:.2f}",
            *(f"{row['energy'][name]['total']:.2f}" for name in sources),
            f"{row['energy'][sources[0]]['leakage']:.2g}",
            f"{100 * row['energy'][sources[0]]['glitches']:.0f} %",
            f"{row['vectorless']['total']:.1f}",
            f"{row['checked']['vectors']:,}",
        ]
        for row in rows
    ]
    library, tools = rows[0]["library"], rows[0]["tools"]
    title = (
        f"{_part(rows)}: {library['name']}, {library['corner']}, {library['voltage']:g} V, "
        f"{library['temperature']:g} C, clock {rows[0]['period']:g} ns, pyosys {tools['pyosys']}, "
        f"OpenSTA {tools['opensta']}"
    )
    return title, heads, cells


def _ratios(rows: list[dict[str, Any]], base: dict[str, Any]) -> Table:
    """Shares of the values of ``base``, and the published shares, whose own base is not described."""
    if base["library"] is None:
        names = ("gates", "depth", "transistors")
        values = {row["unit"]: [row[name] for name in names] for row in rows}
        heads = ["unit", "gates", "logic depth", "transistors"]
    else:
        sources = list(base["energy"])
        values = {
            row["unit"]: [row["area"], row["delay"], *(row["energy"][name]["total"] for name in sources)]
            for row in rows
        }
        heads = ["unit", "area", "delay", *(f"energy: {name}" for name in sources)]
    cells = []
    for row in rows:
        pairs = zip(values[row["unit"]], values[base["unit"]], strict=True)
        shares = [f"{own / other:.3f}" if other else "n/a" for own, other in pairs]
        paper = row.get("paper", {})
        cells.append([row["unit"], *shares, *(f"{paper[name]:g}" if name in paper else "" for name in _PAPER)])
    return f"Shares of {base['unit']}", [*heads, *(f"paper: {name}" for name in _PAPER)], cells


def _part(rows: list[dict[str, Any]]) -> str:
    return "Units" if rows[0]["part"] == "core" else "Significand multipliers"
