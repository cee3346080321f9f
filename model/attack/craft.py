"""Makes adversarial images: one entry for all attacks, which checks what each of them claims."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn

from axmac.model.attack import methods
from axmac.model.attack.norms import distances
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn.data import Progress
from axmac.model.nn.registry import find, names
from axmac.model.spec import InputError

__all__ = ["SLACK", "Crafted", "attack_names", "craft", "settings_of"]

SLACK = 1e-6
"""By how much rounding may carry an image over its eps, relative to eps and, where eps is small, to a pixel of 1."""


@dataclass(frozen=True)
class Crafted:
    """What an attack made of n images.

    ``images`` float32 [n, C, H, W] in [0, 1], the clean image where the attack found nothing; ``fooled`` bool [n]: the
    goal is reached, judged by one more forward pass over ``images``; ``attack``, ``norm``, ``protocol`` and
    ``settings`` say what was run; ``forward_images`` and ``backward_images`` are the attack's queries over all n. The
    judgements before and after it do not count.
    """

    attack: str
    norm: str
    protocol: str
    settings: dict[str, Any]
    eps: float | None
    targeted: bool
    seed: int
    batch_size: int
    images: Tensor
    fooled: Tensor
    forward_images: int
    backward_images: int


def attack_names() -> list[str]:
    """Every attack, by name."""
    return names(methods.__name__)


def settings_of(attack: str, changes: Mapping[str, Any] | None = None, *, quick: bool = False) -> Any:
    """The settings of an attack: the published ones, or its quick ones, with ``changes`` by name.

    Raises ``InputError`` for an unknown attack or setting.
    """
    method = find(methods.__name__, attack, "attack")
    settings = method.QUICK if quick else method.Settings()
    unknown = set(changes or {}) - set(asdict(settings))
    if unknown:
        raise InputError(f"{attack} has no setting {sorted(unknown)[0]!r}: use {', '.join(asdict(settings))}")
    return replace(settings, **(changes or {}))


def craft(
    module: nn.Module,
    attack: str,
    images: Tensor,
    goal: Goal,
    *,
    protocol: str = "budget",
    eps: float | None = None,
    settings: Any = None,
    seed: int = 0,
    batch_size: int = 128,
    every: bool = False,
    progress: Progress | None = None,
) -> Crafted:
    """Attack ``module``, in evaluation mode, on float32 ``images`` [n, C, H, W] in [0, 1].

    ``protocol`` ``"budget"`` looks for any image within ``eps`` in the attack's norm, ``"minimal"`` for the nearest
    one that reaches the goal (``eps`` is None then). An image that is at its goal already stays as it is, unless
    ``every`` one is to be moved, which protocol budget can. ``settings`` are the attack's own, published ones by
    default. Each batch draws from its own seed, made of ``seed`` and its place.
    Raises ``InputError`` for an unknown attack, a protocol or a target that it has not, and an eps that does not fit.
    """
    method = find(methods.__name__, attack, "attack")
    settings = method.Settings() if settings is None else settings
    _check(method, attack, images, goal, protocol, eps)
    if every and protocol != "budget":
        raise InputError(f"every must be left out with protocol {protocol}: it has no eps to move such an image within")
    victim = Victim(module)
    made = images.clone()
    todo = torch.ones(len(images), dtype=torch.bool) if every else ~_fooled(Victim(module), images, goal, batch_size)
    for start in range(0, len(images), batch_size):
        part = torch.arange(start, min(start + batch_size, len(images)))
        part = part[todo[part]]
        with torch.random.fork_rng(devices=[]), torch.enable_grad():
            torch.manual_seed(_batch_seed(seed, start))
            if len(part) and protocol == "budget":
                made[part] = method.budget(victim, images[part], goal[part], eps, settings)
            elif len(part):
                made[part] = method.minimal(victim, images[part], goal[part], settings)
        if progress is not None:
            progress(attack, min(start + batch_size, len(images)), len(images))
    forward_images, backward_images = victim.forward_images, victim.backward_images
    broken = ~torch.isfinite(made).flatten(1).all(1)
    made[broken] = images[broken]
    _check_outcome(attack, method.NORM, images, made, eps)
    fooled = _fooled(victim, made, goal, batch_size)
    if protocol == "minimal":
        made[~fooled] = images[~fooled]
    return Crafted(
        attack=attack,
        norm=method.NORM,
        protocol=protocol,
        settings=asdict(settings),
        eps=eps,
        targeted=goal.targeted,
        seed=seed,
        batch_size=batch_size,
        images=made,
        fooled=fooled,
        forward_images=forward_images,
        backward_images=backward_images,
    )


def _batch_seed(seed: int, start: int) -> int:
    """32 bits, because torch's generator on CPU leaves the higher ones of a seed out."""
    return int.from_bytes(hashlib.sha256(f"{seed} {start}".encode()).digest()[:4], "big")


def _check(method: ModuleType, attack: str, images: Tensor, goal: Goal, protocol: str, eps: float | None) -> None:
    if goal.targeted and not method.TARGETED:
        raise InputError(f"{attack} cannot aim at a class: leave the target out")
    has = [name for name in ("budget", "minimal") if hasattr(method, name)]
    if protocol not in has:
        raise InputError(f"{attack} has no protocol {protocol!r}: use {' or '.join(has)}")
    if protocol == "minimal" and eps is not None:
        raise InputError(f"eps must be left out with protocol minimal, not {eps!r}")
    if protocol == "budget" and (eps is None or not 0 < eps < float("inf")):
        raise InputError(f"eps must be a finite number above 0 with protocol budget, not {eps!r}")
    if len(images) != len(goal.labels) or len(images) == 0:
        raise InputError(f"images and labels must be as many, and at least one, not {len(images)}, {len(goal.labels)}")
    if images.dtype != torch.float32 or images.min() < 0 or images.max() > 1:
        raise InputError(f"images must be float32 in [0, 1], not {images.dtype}")


def _check_outcome(attack: str, norm: str, clean: Tensor, moved: Tensor, eps: float | None) -> None:
    if not (moved.min() >= 0 and moved.max() <= 1):
        raise AssertionError(f"{attack} left the images' range")
    if eps is not None:
        far = float(distances(clean, moved, norm).max())
        if far > eps + SLACK * max(eps, 1.0):
            raise AssertionError(f"{attack} moved an image by {far} in {norm}, further than eps {eps}")


def _fooled(victim: Victim, images: Tensor, goal: Goal, batch_size: int) -> Tensor:
    found = torch.zeros(len(images), dtype=torch.bool)
    with torch.no_grad():
        for start in range(0, len(images), batch_size):
            part = slice(start, start + batch_size)
            found[part] = goal[part].reached(victim(images[part]))
    return found
