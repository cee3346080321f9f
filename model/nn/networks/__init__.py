"""Networks by name. To add one, add it to ``NETWORKS`` of its family's module, or add a module with ``NETWORKS``."""

import importlib

import torch
from torch import nn

from axmac.model.nn import registry
from axmac.model.nn.network import Network
from axmac.model.spec import InputError

__all__ = ["build", "get", "names"]


def names() -> list[str]:
    """Every network that ``build`` knows."""
    return sorted(_all())


def get(name: str) -> Network:
    """What a network is. Raises ``InputError`` for an unknown name."""
    known = _all()
    if name not in known:
        raise InputError(f"unknown network {name!r}: use {' or '.join(sorted(known))}")
    return known[name]


def build(name: str, seed: int = 0) -> nn.Module:
    """A network with parameters drawn from ``seed``; torch's own random state is left as it was.

    Raises ``InputError`` for an unknown name.
    """
    network = get(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return network.build()


def _all() -> dict[str, Network]:
    found: dict[str, Network] = {}
    for family in registry.names(__name__):
        found |= importlib.import_module(f"{__name__}.{family}").NETWORKS
    return found
