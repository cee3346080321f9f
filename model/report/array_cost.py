"""Tables of systolic arrays: area, clock rate and energy per product and sum, by unit and size."""

from typing import Any

from axmac.model.report.words import Table, unit_name

__all__ = ["array_tables"]


def array_tables(rows: list[dict[str, Any]]) -> list[Table]:
    """One table of all arrays whose sums agree with golden, none where there is no array."""
    units = [row for row in rows if row.get("arrays")]
    if not units:
        return []
    by_unit = {row["unit"]: row["arrays"] for row in units}
    bases = list(dict.fromkeys(name for row in units for name in row["against"] if name in by_unit))
    cells = [
        [unit_name(row["unit"]), size, *_figures(array), *(_share(row, size, by_unit[base]) for base in bases)]
        for row in units
        for size, array in row["arrays"].items()
    ]
    heads = ["unit", "array", "area, um2", "of it elements", "registers", "MHz", "pJ per MAC", "of it elements"]
    heads += ["golden sums", *(f"area and energy, share of {unit_name(base)}" for base in bases)]
    title = "Systolic arrays, weight-stationary, uniform operands, without trees of clock, stall and load strobes"
    return [(title, heads, cells)]


def _figures(array: dict[str, Any]) -> list[str]:
    if array["checked"]["mismatches"]:
        return [*[""] * 6, "differs from golden"]
    energy, count = array["energy"], array["rows"] * array["cols"]
    return [
        f"{array['area']:,.0f}",
        f"{array['element'] * count / array['area']:.0%}",
        f"{array['registers']:,}",
        f"{1000 / array['delay']:.1f}",
        f"{energy['total']:.2f}",
        f"{energy['element'] / energy['total']:.0%}",
        f"{array['checked']['vectors']:,}",
    ]


def _share(row: dict[str, Any], size: str, base: dict[str, Any]) -> str:
    """Of the base's array of the same size; nothing for the base itself."""
    own, other = row["arrays"][size], base.get(size)
    if other is None or other is own or any(array["checked"]["mismatches"] for array in (own, other)):
        return ""
    return f"{own['area'] / other['area']:.3f}, {own['energy']['total'] / other['energy']['total']:.3f}"
