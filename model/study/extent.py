"""How far studies of attacks go: images by what an attack costs, margins, and which attacks have budgets."""

from dataclasses import asdict
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.study.planning import Setting, blocks

__all__ = ["MARGINS", "WITH_BUDGETS", "asked", "attacked_blocks", "attacked_images", "is_heavy"]

_HEAVY = ("cw", "lsa", "boundary", "hopskipjump")
_IMAGES = {"quick": (100, 20), "full": (1000, 200)}
"""Test images for the cheap and for the query-heavy attacks."""
_BLOCK = (50, 10)
WITH_BUDGETS = ("fgsm", "pgd")
"""Attacks of the tables that look for an image within eps, too."""
MARGINS = (1, 1.05, 1.1, 1.25, 1.5)
"""By which smallest perturbations are stretched."""


def is_heavy(attack: str) -> bool:
    """Whether an attack asks its network thousands of times an image."""
    return attack in _HEAVY


def attacked_images(setting: Setting, attack: str) -> int:
    """The number of test images that an attack meets."""
    return _IMAGES["quick" if setting.quick else "full"][is_heavy(attack)]


def asked(setting: Setting, attack: str, first: int, last: int) -> dict[str, Any]:
    """What a shard of an attack is asked on the test images ``first`` to ``last`` - 1, whatever its networks."""
    settings = asdict(settings_of(attack, quick=setting.quick))
    return {"attack": attack, "settings": settings, "seed": setting.seed, "first": first, "last": last}


def attacked_blocks(attack: str, images: int) -> list[tuple[int, int]]:
    """First and last + 1 of the images of each shard: some minutes of work at most."""
    return blocks(images, _BLOCK[is_heavy(attack)])
