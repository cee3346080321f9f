"""What layers of a network are called with, and what they give back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import nn

__all__ = ["watching"]


@contextmanager
def watching(layers: Mapping[str, nn.Module], see: Callable[[str, tuple, Any], None]) -> Iterator[None]:
    """While open, ``see(name, inputs, output)`` is called after each call of one of the ``layers`` (by name)."""

    def hook(name: str) -> Callable[[nn.Module, tuple, Any], None]:
        return lambda _layer, inputs, output: see(name, inputs, output)

    handles = [layer.register_forward_hook(hook(name)) for name, layer in layers.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
