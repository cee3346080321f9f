"""Shards that measure the error figures of a unit."""

from typing import Any

from axmac.model.golden import measure

__all__ = ["measured"]


def measured(*, unit: str, pairs: int, seed: int) -> dict[str, Any]:
    """The `ErrorFigures` of a unit, by name, over ``pairs`` operand pairs uniform in [-1, 1]."""
    return measure(unit, pairs, seed=seed).as_dict()
