"""``axmac list``: the units, from the shipped catalog.json; loads neither numpy nor amaranth nor torch."""

import json
from importlib import resources

from axmac.cli.output import Json, emit_json, print_table

__all__ = ["list_units"]


def list_units(*, as_json: Json = False) -> None:
    """List the named units: id, topology, ports, latency of both modules in cycles, errors, source.

    Errors are those on operands of [-1, 1], or on all integers.

    Any other id is built as <format>_<topology>_<cell>_t<tile>, for example fp32_array_ama1_t6; integer units as
    u<bits>_ or s<bits>_ and exact, trunc_k<columns>, drum_k<k> or scaletrim_h<h>_m<segments>.

    Example: axmac list --json
    """
    entries = json.loads(resources.files("axmac.model.spec").joinpath("catalog.json").read_text(encoding="utf-8"))
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


def _figure(entry: dict, name: str) -> str:
    measured = f"{entry['measured'][name]:.4g}"
    published = entry["published"].get(name)
    return measured if published is None else f"{measured} ({published:g})"
