"""Energy of an operation by width on MACs of our own: what `axmac precision` found.

The file ``mac_energy.json`` beside this module, which publishing a result of that verb writes: {"source": text,
"energies": {configuration: {width: share}}}, widths as text, 16 among them; shares of a standard MAC at 16 bits.
"""

import json
from importlib import resources

__all__ = ["COMMAND", "measured_factors"]

COMMAND = "axmac precision"
"""What measures them."""


def measured_factors() -> dict[str, dict[int, float]] | None:
    """Shares by configuration and width; None where nothing is measured yet."""
    path = resources.files("axmac.model.study.quanos").joinpath("mac_energy.json")
    if not path.is_file():
        return None
    energies = json.loads(path.read_text(encoding="utf-8"))["energies"]
    return {name: {int(width): share for width, share in shares.items()} for name, shares in energies.items()}
