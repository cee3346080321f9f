"""The adaptive attack: all that is known of a network is used against it, and the strongest counts for each image.

An image stands only if nothing moves it: attacks through every backward pass of the target, on every loss and scale of
the audit, targeted ones, one without gradients, and images made on the exact network. The worst case is a bound of the
robust accuracy from above; where an alarm of the audit rings, not even that says that the network is robust.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack.audit import Alarm, audit
from axmac.model.attack.craft import settings_of
from axmac.model.attack.ensemble import ensemble
from axmac.model.attack.intervals import wilson
from axmac.model.nn.data import Progress
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError

__all__ = ["ATTACKS", "Adaptive", "adaptive"]

_AUDITED = ("apgd_ce", "square")
_FURTHER = ("apgd_dlr", "apgd_t", "fab_t")
ATTACKS = (*_AUDITED, *_FURTHER)
"""The attacks by name; APGD-CE also on other scales, and from the exact network."""

WORST_CASE = "worst_case"
"""The run that joins all others within eps."""

_BLIND = ("square", "transfer")
"""Runs that do not look at the target's gradient."""


@dataclass(frozen=True)
class Adaptive:
    """What fell within ``eps`` (L-inf).

    ``rows``: run, attack, gradient (None where the run takes none), eps, n images met, k that fell, rate k / n and its
    95 % interval, left: images still standing after the row. The first rows meet all images that are classified right,
    those of later attacks only what stands. ``worst_case``, the last row but ``unbounded`` ones, joins all within eps.
    ``alarms`` by the backward pass that they rang for. ``standing`` bool [images]: classified right, and never moved.
    """

    eps: float
    rows: list[dict]
    alarms: list[tuple[str, Alarm]]
    standing: Tensor

    def alarm_lines(self) -> list[str]:
        """A line an alarm."""
        return [f"{alarm.name} at eps {self.eps:g}, gradient {way}: {alarm.meaning}" for way, alarm in self.alarms]


def adaptive(
    targets: Mapping[str, nn.Module],
    source: nn.Module,
    images: Tensor,
    labels: Tensor,
    eps: float,
    *,
    settings: Mapping[str, Any] | None = None,
    quick: bool = False,
    seed: int = 0,
    batch_size: int = 128,
    progress: Progress | None = None,
) -> Adaptive:
    """Attack one network, given as ``targets`` with each of its backward passes by name, within ``eps`` in L-inf.

    All in evaluation mode; ``source`` is the exact network. ``settings`` by attack; the published ones, or the quick
    ones, for those that it does not name. Square follows no gradient: it runs once, with the audit of the first
    backward pass. Raises ``InputError`` where the targets classify differently, and what ``audit`` and ``ensemble``
    raise: they need an image that is classified right, and at least 4 classes.
    """
    if not targets:
        raise InputError("adaptive needs the target with at least one backward pass")
    answers = [predict(target, images, batch_size=batch_size) for target in targets.values()]
    if not all(torch.equal(answers[0], other) for other in answers[1:]):
        raise InputError(f"the targets {', '.join(targets)} must be one network: they give images different classes")
    chosen = {name: (settings or {}).get(name) or settings_of(name, quick=quick) for name in ATTACKS}
    common = {"settings": chosen, "quick": quick, "seed": seed, "batch_size": batch_size, "progress": progress}
    standing = answers[0] == labels
    right = standing.nonzero().flatten()
    rows, unbounded, alarms = [], [], []
    for turn, (way, target) in enumerate(targets.items()):
        black_box = ("square",) if turn == 0 else ()
        found = audit(target, source, images, labels, eps, attack="apgd_ce", black_box=black_box, **common)
        alarms += [(way, alarm) for alarm in found.alarms]
        for row in found.rows:
            run = row["run"]
            gradient = {"gradient": None if run in _BLIND else way}
            if run == "unbounded":
                unbounded.append(row | gradient | {"left": int((~found.fooled[run]).sum())})
            elif run != WORST_CASE and (turn == 0 or run not in _BLIND):
                standing[right[found.fooled[run]]] = False
                rows.append(row | gradient | {"left": int(standing.sum())})
    for way, target in targets.items():
        for attack in _FURTHER:
            places = standing.nonzero().flatten()
            if len(places) == 0:
                break
            moved = ensemble(target, images[places], labels[places], eps, attacks=(attack,), **common)
            standing[places[~moved.survived]] = False
            fell = _share(len(places), int((~moved.survived).sum()))
            rows.append({"run": attack, "attack": attack, "eps": eps, **fell, "gradient": way})
            rows[-1]["left"] = int(standing.sum())
    left = int(standing.sum())
    joined = {"run": WORST_CASE, "attack": "all", "eps": eps, **_share(len(right), len(right) - left)}
    rows.append(joined | {"gradient": None, "left": left})
    return Adaptive(eps, rows + unbounded, alarms, standing)


def _share(n: int, k: int) -> dict[str, Any]:
    return {"n": n, "k": k, "rate": k / n, "interval": wilson(k, n)}
