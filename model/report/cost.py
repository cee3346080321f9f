"""Tables of area, delay and energy."""

from typing import Any

from axmac.model.report.array_cost import array_tables
from axmac.model.report.words import Table, percent, unit_name

__all__ = ["cost_sentence", "cost_tables"]

_GENERIC = "Yosys' generic gates, no library: an estimate; no area, delay or energy"
_PAPER = ("delay", "energy")


def cost_tables(result: dict[str, Any]) -> list[Table]:
    """Figures of all units, and their shares of those that ratios are given of."""
    rows = _agreeing(result)
    if not rows:
        return [("no netlist agrees with golden: no figure", ["unit"], [[row["unit"]] for row in result["rows"]])]
    first = rows[0]
    title, *figures = _mapped(rows) if first["library"] else _generic(rows)
    notes = dict.fromkeys(row["note"] for row in rows if "note" in row)
    shares = _shares(rows)
    targets = dict.fromkeys(name for row in rows for name in row.get("fpga", {}))
    placed = [_on_fpga([row for row in rows if name in row.get("fpga", {})], name) for name in targets]
    return [("; ".join([title, *notes]), *figures), *([shares] if shares[2] else []), *array_tables(rows), *placed]


def cost_sentence(result: dict[str, Any]) -> str:
    """The shares of the first unit that ratios are given of, in plain words; nothing where there is none."""
    rows = _agreeing(result)
    by_unit = {row["unit"]: row for row in rows}
    base = next((by_unit[unit] for row in rows for unit in row["against"] if unit in by_unit), None)
    if base is None or base["library"] is None:
        return ""
    source = next((name for name in base["energy"] if name != "uniform"), "uniform")
    said = []
    for row in rows:
        if row is not base and row["against"]:
            area, delay = (percent(row[name] / base[name]) for name in ("area", "delay"))
            energy = percent(row["energy"][source]["total"] / base["energy"][source]["total"])
            said.append(
                f"{unit_name(row['unit'])} has {area} of the area, {delay} of the delay, {energy} of the energy"
            )
    what = "" if base["part"] == "core" else " (significand multipliers)"
    return f"Against {unit_name(base['unit'])}{what}, operands {source}: {'; '.join(said)}." if said else ""


def _agreeing(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of netlists that no golden vector and no proof speaks against."""
    return [row for row in result["rows"] if not row["checked"]["mismatches"] and _proof(row) != "refuted"]


def _generic(rows: list[dict[str, Any]]) -> Table:
    heads = ["unit", "gates", "logic depth", "transistors", "golden vectors", *_proof_head(rows)]
    cells = [
        [
            unit_name(row["unit"]),
            *(f"{row[name]:,}" for name in ("gates", "depth", "transistors")),
            f"{row['checked']['vectors']:,}",
            *[_proof(row)] * len(_proof_head(rows)),
        ]
        for row in rows
    ]
    return f"{_part(rows)}: {_GENERIC} (pyosys {rows[0]['tools']['pyosys']})", heads, cells


def _mapped(rows: list[dict[str, Any]]) -> Table:
    """Energies in pJ a product; glitches: the share of transitions that settled values do not need."""
    sources = list(rows[0]["energy"])
    heads = ["unit", "area, um2", "cells", "delay, ns"]
    heads += [f"energy, pJ: {name}" for name in sources] + ["of it leakage", "glitches", "vectorless", "golden vectors"]
    heads += _proof_head(rows)
    cells = [
        [
            unit_name(row["unit"]),
            f"{row['area']:,.0f}",
            f"{row['cells']:,}",
            f"{row['delay']:.2f}",
            *(f"{row['energy'][name]['total']:.2f}" for name in sources),
            f"{row['energy'][sources[0]]['leakage']:.2g}",
            f"{100 * row['energy'][sources[0]]['glitches']:.0f} %",
            f"{row['vectorless']['total']:.1f}",
            f"{row['checked']['vectors']:,}",
            *[_proof(row)] * len(_proof_head(rows)),
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


def _shares(rows: list[dict[str, Any]]) -> Table:
    """Shares of each unit that ratios are given of, and the published ones, whose base is not described."""
    by_unit = {row["unit"]: row for row in rows}
    values = {row["unit"]: _values(row) for row in rows}
    cells = [
        [unit_name(row["unit"]), unit_name(unit), *map(_ratio, values[row["unit"]].values(), values[unit].values())]
        + [f"{row['paper'][name]:g}" if name in row.get("paper", {}) else "" for name in _PAPER]
        for row in rows
        for unit in row["against"]
        if unit in by_unit and unit != row["unit"]
    ]
    heads = ["unit", "share of", *_values(rows[0]), *(f"paper: {name}" for name in _PAPER)]
    return f"{_part(rows)}: shares of an exact one", heads, cells


def _values(row: dict[str, Any]) -> dict[str, float]:
    if row["library"] is None:
        return {"gates": row["gates"], "logic depth": row["depth"], "transistors": row["transistors"]}
    energies = {f"energy: {name}": spent["total"] for name, spent in row["energy"].items()}
    return {"area": row["area"], "delay": row["delay"], **energies}


def _ratio(own: float, other: float) -> str:
    return f"{own / other:.3f}" if other else "n/a"


def _on_fpga(rows: list[dict[str, Any]], target: str) -> Table:
    """Lookup tables, registers (those around the unit) and clock rate from register to register."""
    first = rows[0]["fpga"][target]
    cells = []
    for row in rows:
        found = row["fpga"][target]
        if found["checked"]["mismatches"]:
            cells.append([unit_name(row["unit"]), "", "", "differs from golden", ""])
            continue
        rate = found["unfit"] or f"{found['fmax']:.1f}"
        cells.append(
            [
                unit_name(row["unit"]),
                f"{found['luts']:,}",
                f"{found['registers']:,}",
                rate,
                f"{found['checked']['vectors']:,}",
            ]
        )
    title = (
        f"{_part(rows)} between registers on {first['device']}, without multiplier blocks: "
        f"pyosys {rows[0]['tools']['pyosys']}, nextpnr {first['nextpnr']}, seed {first['seed']}"
    )
    return title, ["unit", "LUTs", "registers", "MHz", "golden vectors"], cells


def _proof_head(rows: list[dict[str, Any]]) -> list[str]:
    return ["all operands"] if any("proof" in row for row in rows) else []


def _proof(row: dict[str, Any]) -> str:
    """What is known of all operands: whether the netlist was proven to be the Verilog."""
    proof = row.get("proof")
    if proof is None:
        return ""
    return proof["outcome"] + (f" in {proof['seconds']:g} s" if proof["outcome"] == "not finished" else "")


def _part(rows: list[dict[str, Any]]) -> str:
    return "Units" if rows[0]["part"] == "core" else "Significand multipliers"
