"""The rule by which assignments count as accurate enough."""

from collections.abc import Mapping

from axmac.model.attack.intervals import wilson

__all__ = ["meets"]


def meets(found: Mapping[str, int], exact: Mapping[str, int], loss: float | None) -> bool:
    """Whether an assignment is accurate enough, from its counts {n, correct} and those of the accurate network.

    With ``loss`` its accuracy is at most so much lower, a share; without, its 95 % interval overlaps the other's.
    """
    if loss is not None:
        return exact["correct"] - found["correct"] <= loss * exact["n"]
    return wilson(found["correct"], found["n"])[1] >= wilson(exact["correct"], exact["n"])[0]
