"""Energy of an operation by width on MACs of our own, as a share of 16 bits: what `axmac ppa` found.

The file ``mac_energy.json`` beside this module: {"source": text, "energies": {configuration: {width: share}}}, widths
as text, 16 among them.
"""

import json
from importlib import resources

__all__ = ["COMMAND", "measured_factors"]

COMMAND = "axmac ppa mac16_standard mac16_dg mac16_dvafs"
"""What measures them."""


def measured_factors() -> dict[str, dict[int, float]] | None:
    """Shares by configuration and width; None where nothing is measured yet."""
    path = resources.files("axmac.model.study.quanos").joinpath("mac_energy.json")
    if not path.is_file():
        return None
    energies = json.loads(path.read_text(encoding="utf-8"))["energies"]
    return {name: {int(width): share for width, share in shares.items()} for name, shares in energies.items()}
