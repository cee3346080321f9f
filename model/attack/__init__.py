"""Attacks on networks and how far they carry over to approximate arithmetic."""

from axmac.model.attack.intervals import wilson
from axmac.model.attack.transfer import Examples, Transfer, attack_names, transfer

__all__ = ["Examples", "Transfer", "attack_names", "transfer", "wilson"]
