"""One planted fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from amaranth.hdl import Value

__all__ = ["Fault", "Ports", "sample"]

Ports = Mapping[str, Value]


@dataclass(frozen=True)
class Fault:
    """What is wrong, its kind, and for each changed port its wrong value from the right values of all ports.

    ``proof`` says why the fault changes nothing, where that is so.
    """

    what: str
    kind: str
    changes: dict[str, Callable[[Ports], Value]]
    proof: str = ""


def sample(count: int, most: int) -> list[int]:
    """At most ``most`` numbers below ``count``, spread evenly, the first and the last among them."""
    return list(range(count)) if count <= most else sorted({k * (count - 1) // (most - 1) for k in range(most)})
