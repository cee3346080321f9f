"""What the paper says of its figures, asked of accuracies [seeds, bits, eps] with intervals over the seeds."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from axmac.model.study.geometry.measures import critical, useful, with_interval

__all__ = ["above", "critical_strength", "image_claims", "spiral_claims", "within"]

_CHANCE = (0.45, 0.55)
"""What counts as near 50 %."""
_NOUGHT = 0.05
"""What counts as about 0 %."""
_LOW = 4
"""Up to so many bits a width is called low."""
_ATTACKED = (0.05, 0.1, 0.2)


def within(found: Mapping[str, Any], low: float, high: float) -> bool | None:
    """Whether a value lies in low to high: True where its interval does, False where all of it is outside, else None.

    Without an interval the value alone decides.
    """
    first, last = _ends(found)
    if low <= first and last <= high:
        return True
    return False if last < low or first > high else None


def above(found: Mapping[str, Any], bound: float) -> bool | None:
    """Whether it is larger than a bound: True where its interval is, False where none of it is, else None."""
    first, last = _ends(found)
    if first > bound:
        return True
    return False if last <= bound else None


def _ends(found: Mapping[str, Any]) -> Sequence[float]:
    return found["interval"] or (found["mean"], found["mean"])


def critical_strength(accuracy: np.ndarray, eps: Sequence[float]) -> dict[str, Any]:
    """The critical attack strength of accuracies [seeds, bits, eps], by the paper's rule and where accuracy is useful.

    ``all`` and ``useful``: {eps, of the mean curves; deviation over the bits there; seeds, that of each seed alone;
    mean and interval of these}.
    """
    mean, found = accuracy.mean(0), {}
    for name in ("all", "useful"):
        place = critical(mean, useful(mean) if name == "useful" else None)
        seeds = [eps[critical(one, useful(one) if name == "useful" else None)] for one in accuracy]
        deviation = float(mean[:, place].std())
        found[name] = {"eps": eps[place], "deviation": deviation, "seeds": seeds, **with_interval(seeds)}
    return found


def image_claims(
    by_activation: Mapping[str, np.ndarray], bits: Sequence[int], eps: Sequence[float], strength: float
) -> list[dict[str, Any]]:
    """Claims of the paper's section 4.1: ``claim``, ``where``, ``paper``, ``kind`` of value, value, and ``held``."""
    claims = []
    for name, accuracy in by_activation.items():
        clean = with_interval(accuracy[:, 0, 0])
        claims.append(_claim("clean accuracy at 1 bit", name, "above 90 %", "share", clean, above(clean, 0.9)))
        gain = with_interval(accuracy[:, -1, 0] - accuracy[:, 0, 0])
        words = f"eps 0, {bits[-1]} bits less 1 bit"
        claims.append(_claim(words, name, "more", "points", gain, above(gain, 0)))
        for size in _ATTACKED:
            place = _place(eps, size)
            gain = with_interval(accuracy[:, 0, place] - accuracy[:, -1, place])
            words = f"FGSM eps {size:g}, 1 bit less {bits[-1]} bits"
            claims.append(_claim(words, name, "more", "points", gain, above(gain, 0)))
        claims.append(_critical(accuracy, name, eps, strength))
    area = {name: accuracy[:, 0].mean(-1) for name, accuracy in by_activation.items()}
    for other in (name for name in by_activation if name != "relu"):
        gain = with_interval(area["relu"] - area[other])
        words = f"1 bit, mean over all eps, relu less {other}"
        claims.append(_claim(words, "relu", "more", "points", gain, above(gain, 0)))
    return claims


def spiral_claims(
    by_activation: Mapping[str, np.ndarray], bits: Sequence[int], eps: Sequence[float], strength: float
) -> list[dict[str, Any]]:
    """Claims of the paper's section 4.2, in the same form."""
    claims = []
    for name, accuracy in by_activation.items():
        for place in (0, 1):
            clean = with_interval(accuracy[:, place, 0])
            words = f"clean accuracy at {bits[place]} bit{'s' * place}"
            claims.append(_claim(words, name, "close to 50 %", "share", clean, within(clean, *_CHANCE)))
        clean = with_interval(accuracy[:, -1, 0])
        words = f"clean accuracy at {bits[-1]} bits"
        claims.append(_claim(words, name, "high, no figure", "share", clean, None))
        claims.append(_critical(accuracy, name, eps, strength))
        lowest = int(accuracy[:, -1].mean(0).argmin())
        least = with_interval(accuracy[:, -1, lowest])
        words = f"least accuracy over eps, {bits[-1]} bits (at eps {eps[lowest]:g})"
        claims.append(_claim(words, name, "about 0 %", "share", least, within(least, 0, _NOUGHT)))
        rise = with_interval(accuracy[:, -1, -1] - accuracy[:, -1, lowest])
        words = f"eps {eps[-1]:g} less the least, {bits[-1]} bits"
        claims.append(_claim(words, name, "rises again", "points", rise, above(rise, 0)))
    low = [place for place, width in enumerate(bits) if width <= _LOW]
    spread = {name: np.ptp(accuracy[:, low, 0], axis=1) for name, accuracy in by_activation.items()}
    for other in (name for name in by_activation if name != "relu"):
        gain = with_interval(spread[other] - spread["relu"])
        words = f"eps 0, range over 1 to {_LOW} bits, {other} less relu"
        claims.append(_claim(words, "relu", "more", "points", gain, above(gain, 0)))
    return claims


def _critical(accuracy: np.ndarray, name: str, eps: Sequence[float], strength: float) -> dict[str, Any]:
    """Held where the mean curves' one is a step from the paper's at most, open where only the seeds' interval holds it.

    The value is that of the mean curves.
    """
    found = critical_strength(accuracy, eps)["useful"]
    first, last = _ends(found)
    near = abs(found["eps"] - strength) < 1.5 * (eps[1] - eps[0])
    held = True if near else None if first <= strength <= last else False
    value = {"mean": found["eps"], "interval": found["interval"]}
    return _claim("critical strength, where accuracy is useful", name, f"{strength:g}", "eps", value, held)


def _claim(
    words: str, where: str, paper: str, kind: str, found: Mapping[str, Any], held: bool | None
) -> dict[str, Any]:
    about = {"claim": words, "where": where, "paper": paper, "kind": kind}
    return about | {"mean": found["mean"], "interval": found["interval"], "held": held}


def _place(eps: Sequence[float], size: float) -> int:
    """The place of an eps, or of the one nearest to it."""
    return min(range(len(eps)), key=lambda place: abs(eps[place] - size))
