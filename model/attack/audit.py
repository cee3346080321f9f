"""Audit of a white-box result: alarms that say why few images fell although the network may not be robust.

After Carlini et al. ("On evaluating adversarial robustness", 2019) and Croce & Hein (ICML 2020). Each alarm has a cause
of its own. Images without a usable gradient ring the first one and are left out of the others; black-box attacks,
transfer and unbounded eps are held against the best of all losses and scales, so that a wrong scale rings its own only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack import methods
from axmac.model.attack.craft import settings_of
from axmac.model.attack.objectives import cross_entropy, dlr, margin
from axmac.model.attack.statistics import mcnemar
from axmac.model.attack.trials import Trials
from axmac.model.attack.victim import Goal
from axmac.model.nn.data import Progress
from axmac.model.nn.evaluate import predict
from axmac.model.nn.registry import find
from axmac.model.spec import InputError

__all__ = ["ALARMS", "Alarm", "Audit", "audit"]

ALARMS = {
    "zero_gradients": "the gradient in the image is zero or too small to matter: attacks that follow it cannot move",
    "falling_loss": "the loss falls where eps grows: the forward pass is random, or its gradient leads astray",
    "logit_scale": "the attack does better on logits of another scale: its loss is saturated, the network not robust",
    "black_box": "an attack without gradients finds more: the gradients hide what the network does",
    "bounded": "images stand although any image is allowed: the attack does not work, or something cuts it off",
    "transfer": "images made on the source fool the target more often: the target's own gradients are the worse guide",
}
"""Every alarm and what it means."""

VANISHING = 1e-3
"""A gradient is too small where moving every value across its whole range would change the margin by less than this
share of it, were the network linear: an attack along it cannot be expected to succeed at any eps."""

FLAT_SHARE = 0.05
"""Share of images without a usable gradient that rings: trained networks have none, single dead images may occur."""

CLEAR_SHARE, CLEAR_P = 0.03, 0.05
"""One attack clearly beats another if it wins this share of the images more than it loses, and McNemar's p is at most
the second: attacks of equal strength differ on single images."""

CURVE = (0.25, 0.5, 1.0, 2.0)
"""The sizes, of eps, along which the loss has to grow."""

FALL, FALLING_SHARE = 0.05, 0.1
"""An image's loss falls if the next larger eps leaves it lower by more than this share, and by this much; a share of
images beyond the second rings. The largest loss in a larger ball is never lower, but climbs end beside it at times."""

STANDING_SHARE = 0.01
"""Share of images standing at unbounded eps that rings: few steps may miss single ones."""

LEADS = (1.0, 10.0)
"""Median margins that temperatures set: cross-entropy is neither flat nor saturated there."""

_DIAMETER = {"linf": 0.0, "l2": 0.5}
"""The largest distance of two images of d values is d to this power."""

_STEPS, _QUICK_STEPS = 100, 20
_SCALES = (*(f"lead_{lead:g}" for lead in LEADS), "scale_free")


@dataclass(frozen=True)
class Alarm:
    """Its name, the figures that rang it, and a plain line saying what it means."""

    name: str
    figures: dict[str, float]
    meaning: str


@dataclass(frozen=True)
class Audit:
    """``rows``: what each run did to the n images that the target classifies right: k fooled, rate, 95 % interval.

    ``worst_case`` joins all runs within eps; ``unbounded`` is the last row. ``alarms`` belong to every row. ``fooled``
    bool [n] by run says which of these images.
    """

    rows: list[dict]
    alarms: list[Alarm]
    fooled: Mapping[str, Tensor] = field(repr=False)

    @property
    def may_be_called_robust(self) -> bool:
        """Whether no alarm rang: a condition of calling a network robust, not yet a reason."""
        return not self.alarms

    def lines(self) -> list[str]:
        """The result as text: a line a row, then a line an alarm."""
        shown = [f"{row['run']} ({row['attack']}, eps {row['eps']:g}): {row['k']} of {row['n']}" for row in self.rows]
        for alarm in self.alarms:
            figures = ", ".join(f"{name} {value:.4g}" for name, value in alarm.figures.items())
            shown.append(f"alarm {alarm.name}: {alarm.meaning} ({figures})")
        if self.alarms:
            shown.append("this result cannot be called robust")
        return shown


def audit(
    target: nn.Module,
    source: nn.Module,
    images: Tensor,
    labels: Tensor,
    eps: float,
    *,
    attack: str = "apgd_ce",
    black_box: Sequence[str] = ("square",),
    settings: Mapping[str, Any] | None = None,
    quick: bool = False,
    seed: int = 0,
    batch_size: int = 128,
    progress: Progress | None = None,
) -> Audit:
    """Run ``attack`` on ``target`` within ``eps``, and everything that its result is held against.

    ``target`` and ``source``, in evaluation mode, take images [n, C, H, W] in [0, 1]; images made on ``source`` are
    shown to ``target``. Only images that ``target`` classifies as ``labels`` int64 [n] count. ``settings`` by attack;
    the published ones, or the quick ones, for those that it does not name. Attacks that take no eps count with the
    images that they find within it. Networks of two classes have no scale-free run. Raises ``InputError`` where no
    image counts, for attacks that are not all in L-inf or all in L2, and for what ``craft`` refuses.
    """
    norm = _norm((attack, *black_box))
    right = predict(target, images, batch_size=batch_size) == labels
    if not right.any():
        raise InputError("the target classifies no image right: there is nothing to attack")
    chosen = {name: (settings or {}).get(name) or settings_of(name, quick=quick) for name in (attack, *black_box)}
    steps = _QUICK_STEPS if quick else _STEPS
    trials = Trials(images[right], Goal(labels[right]), eps, norm, steps, seed, batch_size, progress)

    _run_white_box(trials, target, attack, chosen[attack])
    for name in black_box:
        trials.craft(name, target, name, chosen[name])
    moved = trials.climb(trials.at_lead(source, LEADS[-1]), cross_entropy, eps, stop=False)
    trials.add("transfer", "apgd_ce", eps, trials.measure(target, moved, margin)[1])
    trials.add("worst_case", "all", eps, torch.stack(list(trials.fooled.values())).any(0))
    _run_unbounded(trials, target)

    fooled, usable = trials.fooled, _usable(trials, target)
    white_box = {run: fooled[run] for run in ("white_box", *_SCALES) if run in fooled}
    best = torch.stack(list(white_box.values())).any(0)
    rung = (
        _zero_gradients(usable),
        _falling_loss(trials, target, usable),
        _beaten("logit_scale", white_box, fooled["white_box"], usable),
        _beaten("black_box", {run: fooled[run] for run in black_box}, best, usable),
        _beaten("transfer", {"transfer": fooled["transfer"]}, best, usable),
        _bounded(fooled["unbounded"], usable),
    )
    return Audit(trials.rows, [alarm for alarm in rung if alarm is not None], fooled)


def _norm(attacks: Sequence[str]) -> str:
    norms = {find(methods.__name__, name, "attack").NORM for name in attacks}
    if len(norms) != 1 or not norms <= set(_DIAMETER):
        raise InputError(f"attacks must all be in linf or all in l2, not {', '.join(attacks)} in {sorted(norms)}")
    return norms.pop()


def _run_white_box(trials: Trials, target: nn.Module, attack: str, settings: Any) -> None:
    """The attack as it is, on two other scales of the logits, and on a loss without a scale."""
    trials.craft("white_box", target, attack, settings)
    for run, lead in zip(_SCALES, LEADS, strict=False):
        trials.craft(run, trials.at_lead(target, lead), attack, settings)
    if _has_third_class(trials, target):
        moved = trials.climb(target, dlr, trials.eps, stop=True)
        trials.add(_SCALES[-1], "apgd_dlr", trials.eps, trials.measure(target, moved, margin)[1])


def _run_unbounded(trials: Trials, target: nn.Module) -> None:
    """Any image is allowed: what falls to a climb on one loss or the other, on one scale or the other."""
    eps = trials.images[0].numel() ** _DIAMETER[trials.norm]
    guides = [(trials.at_lead(target, lead), cross_entropy) for lead in LEADS]
    if _has_third_class(trials, target):
        guides.append((target, dlr))
    moved = [trials.climb(module, loss, eps, stop=False) for module, loss in guides]
    fell = torch.stack([trials.measure(target, images, margin)[1] for images in moved])
    trials.add("unbounded", "apgd", eps, fell.any(0))


def _has_third_class(trials: Trials, target: nn.Module) -> bool:
    with torch.no_grad():
        return target(trials.images[:1]).shape[1] >= 3


def _usable(trials: Trials, target: nn.Module) -> Tensor:
    """Which images have a gradient that could matter, bool [n]."""
    margins, slopes = trials.slopes(target)
    return (slopes > 0) & (slopes >= VANISHING * margins.abs())


def _zero_gradients(usable: Tensor) -> Alarm | None:
    share = float((~usable).float().mean())
    return _alarm("zero_gradients", {"share": share}) if share > FLAT_SHARE else None


def _falling_loss(trials: Trials, target: nn.Module, usable: Tensor) -> Alarm | None:
    guide, losses = trials.at_lead(target, LEADS[-1]), []
    for size in CURVE:
        moved = trials.climb(guide, cross_entropy, size * trials.eps, stop=False)
        losses.append(trials.measure(guide, moved, cross_entropy)[0][usable])
    curve = torch.stack(losses)
    falls = (curve[1:] < curve[:-1] - FALL * curve[:-1].clamp_min(1)).any(0)
    share = float(falls.float().mean()) if len(falls) else 0.0
    figures = {f"loss at {size:g} eps": float(mean) for size, mean in zip(CURVE, curve.mean(1), strict=True)}
    return _alarm("falling_loss", {"share": share, **figures}) if share > FALLING_SHARE else None


def _beaten(name: str, others: Mapping[str, Tensor], mine: Tensor, usable: Tensor) -> Alarm | None:
    """An alarm where some other run clearly fooled more of the usable images than mine; it names the best of them."""
    n, best = int(usable.sum()), None
    for run, other in others.items():
        paired = mcnemar(other[usable], mine[usable])
        lead = (paired.only_first - paired.only_second) / max(n, 1)
        if lead > CLEAR_SHARE and paired.p <= CLEAR_P and (best is None or lead > best[0]):
            figures = {"n": n, "k": int(mine[usable].sum()), f"k of {run}": int(other[usable].sum()), "p": paired.p}
            best = lead, figures
    return None if best is None else _alarm(name, best[1])


def _bounded(fell: Tensor, usable: Tensor) -> Alarm | None:
    n, standing = int(usable.sum()), int((usable & ~fell).sum())
    rings = standing > STANDING_SHARE * n
    return _alarm("bounded", {"n": n, "standing": standing}) if rings else None


def _alarm(name: str, figures: dict[str, float]) -> Alarm:
    return Alarm(name, figures, ALARMS[name])
