"""``axmac list``: the units of the shipped catalog.json and the imported ones; no numpy, no amaranth, no torch."""

import json
from importlib import resources
from typing import Any

from axmac.cli.output import Json, emit_json, print_table
from axmac.model.spec import SCALABLE_DESIGNS, UnitRecord, imported_spec, imported_units

__all__ = ["list_units"]


def list_units(*, as_json: Json = False) -> None:
    """List the named units: id, topology, ports, latency of both modules in cycles, errors, source.

    Errors are those on operands of [-1, 1], or on all integers.

    Any other id is built as <format>_<topology>_<cell>_t<tile>, for example fp32_array_ama1_t6; integer units as
    u<bits>_ or s<bits>_ and exact, trunc_k<columns>, drum_k<k> or scaletrim_h<h>_m<segments>. Imported units come last.
    Precision-scalable MACs follow in a table of their own, which --json leaves out.

    Example: axmac list --json
    """
    entries = json.loads(resources.files("axmac.model.spec").joinpath("catalog.json").read_text(encoding="utf-8"))
    entries += [_entry(record) for record in imported_units().values()]
    if as_json:
        emit_json(entries)
        return
    rows = [
        [
            entry["id"],
            ", ".join(entry["aliases"]),
            entry["title"],
            f"{entry['format']} {entry['significand']}",
            entry["ports"],
            ", ".join(str(latency) for latency in entry["modules"].values()),
            *(_figure(entry, name) for name in ("mred", "ratio_of_means", "nmed", "larger")),
            entry["source"],
        ]
        for entry in entries
    ]
    heads = [
        "id",
        "alias",
        "what",
        "topology",
        "ports",
        "latency",
        "MRED",
        "ratio of means",
        "NMED",
        "larger",
        "source",
    ]
    print_table("Units; figures: measured (published)", heads, rows)
    scalable = [
        [spec.id, ", ".join(f"{spec.lanes(k)} x {k}" for k in spec.precisions), str(spec.guard)]
        for spec in SCALABLE_DESIGNS
    ]
    print_table("Precision-scalable MACs, for emit", ["id", "lanes x bits", "guard bits"], scalable)


def _entry(record: UnitRecord) -> dict[str, Any]:
    """An imported unit as an entry of catalog.json."""
    spec, origin = imported_spec(record), f"{record.source['kind']}, {record.source['file']}"
    return {
        "id": record.name,
        "aliases": [],
        "title": f"imported, {'signed' if record.signed else 'unsigned'}",
        "repr": repr(spec),
        "format": spec.format.name,
        "result_format": spec.result_format.name,
        "significand": "table",
        "modules": record.modules,
        "ports": f"a[{record.width}] b[{record.width}] p[{2 * record.width}]",
        "source": origin,
        "published": {},
        "measured": record.measured,
    }


def _figure(entry: dict, name: str) -> str:
    measured = f"{entry['measured'][name]:.4g}"
    published = entry["published"].get(name)
    return measured if published is None else f"{measured} ({published:g})"
