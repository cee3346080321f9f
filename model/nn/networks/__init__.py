"""Networks by name. To add one, add a module whose function ``build`` takes nothing and returns a torch module."""

import torch
from torch import nn

from axmac.model.nn.registry import find
from axmac.model.nn.registry import names as _names

__all__ = ["build", "names"]


def names() -> list[str]:
    """Every network that ``build`` knows."""
    return _names(__name__)


def build(name: str, seed: int = 0) -> nn.Module:
    """A network with parameters drawn from ``seed``; torch's own random state is left as it was.

    Raises ``InputError`` for an unknown name.
    """
    module = find(__name__, name, "network")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return module.build()
