"""Attacks on networks and how far they carry over to approximate arithmetic."""

from axmac.model.attack.craft import Crafted, attack_names, craft, settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.attack.norms import distances
from axmac.model.attack.transfer import Examples, Transfer, transfer
from axmac.model.attack.victim import Goal

__all__ = [
    "Crafted",
    "Examples",
    "Goal",
    "Transfer",
    "attack_names",
    "craft",
    "distances",
    "settings_of",
    "transfer",
    "wilson",
]
