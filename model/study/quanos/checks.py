"""The paper's tables held against its own equations: energy and memory from the printed widths, and E_config."""

from collections.abc import Sequence
from typing import Any

from axmac.model.study.quanos.energy import Layer, energy, memory_bits, mode_of
from axmac.model.study.quanos.printed import FACTORS, Printed, Table, solved

__all__ = ["checks"]

_MJ, _GBIT = 1e9, 1e9
"""pJ of a mJ, bits of a Gbit."""


def checks(printed: Table, layers: Sequence[Layer]) -> list[dict[str, Any]]:
    """What each row prints and what follows from its widths on the ``layers`` of the paper's network.

    [{row, what, printed, follows}]. Widths by layer are those of the convolutions in order; a row has none for
    projections, so these count where all layers have one width, and are left out where they differ. E_config is set
    beside that of table III; ``printed`` is None for table III itself, which gives those.
    """
    found = []
    for label, row in printed.rows.items():
        counted, bits = _widths(label, row, layers)
        cost = energy(counted, bits)
        found.append(_check(label, "energy, mJ", row.energy["standard"], cost.total / _MJ))
        found.append(_check(label, "memory, Gbit", row.memory, memory_bits(counted, bits) / _GBIT))
        if row.bits:
            found.append(_check(label, "mean width", row.mean_bits, sum(row.bits) / len(row.bits)))
            continue
        width = max(bits.values())
        for config, factors in FACTORS.items():
            follows = solved(row.energy[config] * _MJ, cost.memory, cost.macs)
            of_table_3 = None if printed.gives_factors else factors[mode_of(width, factors)]
            if row.energy[config] != row.energy["standard"]:
                found.append(_check(label, f"E_config of {config}", of_table_3, follows))
    return found


def _widths(label: str, row: Printed, layers: Sequence[Layer]) -> tuple[list[Layer], dict[str, int]]:
    if not row.bits:
        return list(layers), dict.fromkeys((layer.name for layer in layers), int(label.partition("-")[0]))
    counted = [layer for layer in layers if ".shortcut." not in layer.name]
    return counted, {layer.name: width for layer, width in zip(counted, row.bits, strict=False)}


def _check(row: str, what: str, printed: float | None, follows: float) -> dict[str, Any]:
    return {"row": row, "what": what, "printed": printed, "follows": follows}
