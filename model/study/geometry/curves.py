"""Studies of accuracy against bits and eps: the rows of their results from what the shards found."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from axmac.model.study.geometry.claims import critical_strength
from axmac.model.study.geometry.measures import with_interval
from axmac.model.study.geometry.simplex import bound, edge, inradius

__all__ = ["EPS", "accuracies", "by_seed", "curves_row"]

EPS = {False: [step / 200 for step in range(101)], True: [step / 40 for step in range(21)]}
"""The paper's attack strengths, 0 to .5 in steps of .005; every fifth of them in the quick form."""
_DIGITS = 6


def by_seed(found: Sequence[Mapping[str, Any]], name: str, widths: int) -> np.ndarray:
    """A list of N values or rows of several shards, seeds first: [seeds, bits, ...]."""
    values = np.array([row for one in found for row in one[name]])
    return values.reshape(-1, widths, *values.shape[1:])


def accuracies(found: Sequence[Mapping[str, Any]], widths: int) -> np.ndarray:
    """Accuracies float64 [seeds, bits, eps] under FGSM."""
    return by_seed(found, "right", widths) / found[0]["n"]


def curves_row(
    found: Sequence[Mapping[str, Any]],
    bits: Sequence[int],
    eps: Sequence[float],
    checks: Sequence[float],
    inputs: int,
) -> dict[str, Any]:
    """The curves of one activation: ``n`` test points, ``seeds``, ``accuracy`` and ``deviation`` of it [bits][eps].

    ``clean``: of each width {mean, interval}; ``critical`` (see `critical_strength`); ``distance``: eps as the l2
    distance eps sqrt(inputs); ``relative`` accuracy and its ``relative_deviation`` [bits][eps]; ``bound`` [bits][eps];
    ``below``: of the ``cells`` above eps 0, of those where the bound is above 0 (``bounded``), how many have a mean
    below it, and ``clearly`` so with the whole interval; ``inradius`` by width. ``checked`` inputs, ``checks`` and
    ``ways`` {way: by width {mean, interval} at each check}, ``gain``: 1 bit less most bits in the same way; ``still``:
    the share of inputs without a gradient by width; ``moved``: mean l2 distance [bits][checks]. ``epoch``: mean of the
    best epochs by width.
    """
    widths, distance = len(bits), np.array(eps) * np.sqrt(inputs)
    accuracy = accuracies(found, widths)
    relative = accuracy / accuracy[:, :, :1]
    model = np.array([bound(distance, width, inputs) for width in bits])
    ways = {
        name: by_seed([one["ways"] for one in found], name, widths) / found[0]["checked"] for name in found[0]["ways"]
    }
    return {
        "n": found[0]["n"],
        "seeds": len(accuracy),
        "bits": list(bits),
        "eps": list(eps),
        "accuracy": _rounded(accuracy.mean(0)),
        "deviation": _rounded(_deviation(accuracy)),
        "clean": [with_interval(accuracy[:, place, 0]) for place in range(widths)],
        "critical": critical_strength(accuracy, eps),
        "distance": _rounded(distance),
        "relative": _rounded(relative.mean(0)),
        "relative_deviation": _rounded(_deviation(relative)),
        "bound": _rounded(model),
        "below": _below(relative[:, :, 1:], model[:, 1:]),
        "inradius": [inradius(edge(width, inputs), inputs) for width in bits],
        "checked": found[0]["checked"],
        "checks": list(checks),
        "ways": {
            name: [[with_interval(values[:, place, at]) for at in range(len(checks))] for place in range(widths)]
            for name, values in ways.items()
        },
        "gain": {
            name: [with_interval(values[:, 0, at] - values[:, -1, at]) for at in range(len(checks))]
            for name, values in ways.items()
        },
        "still": _rounded(by_seed(found, "still", widths).mean(0) / found[0]["checked"]),
        "moved": _rounded(by_seed(found, "moved", widths).mean(0)),
        "epoch": _rounded(by_seed(found, "epoch", widths).mean(0)),
    }


def _below(relative: np.ndarray, model: np.ndarray) -> dict[str, Any]:
    """Where the mean relative accuracy [seeds, bits, eps] lies below the bound [bits, eps]; see `curves_row`."""
    cells = [(with_interval(relative[:, place, at]), float(model[place, at])) for place, at in np.ndindex(*model.shape)]
    under = [(found, least) for found, least in cells if found["mean"] < least]
    clearly = sum((found["interval"] or (0, found["mean"]))[1] < least for found, least in under)
    bounded = sum(least > 0 for _, least in cells)
    return {"cells": len(cells), "bounded": bounded, "under": len(under), "clearly": int(clearly)}


def _deviation(values: np.ndarray) -> np.ndarray:
    return values.std(0, ddof=1) if len(values) > 1 else np.zeros(values.shape[1:])


def _rounded(values: np.ndarray) -> Any:
    return np.round(values, _DIGITS).tolist()
