"""What of a unit's effect on transferred images simpler arithmetic has too: one gain, other weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.victim import Goal
from axmac.model.study.confidence import class_leads, scores
from axmac.model.study.effective import with_weights
from axmac.model.study.extent import asked
from axmac.model.study.measures import correlation, share
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way, test_images
from axmac.model.study.variants import build, exact, gained, on_unit

__all__ = ["REPLACEMENTS", "Explanation", "explained"]

REPLACEMENTS = ("mean gain", "slopes", "effective weights")
"""What takes the place of the unit, all with exact products."""
_ATTACKS = ("fgsm", "pgd", "deepfool")
_IMAGES = {True: 100, False: 1000}
_BLOCK = 50
_SEEDS = 1 << 20
_PARTS = 4


@dataclass(frozen=True)
class Explanation(OneNet):
    """Smallest perturbations of float32, shown to ``unit`` in the convolutions and to what may stand for it."""

    title: str
    unit: str
    form = "explanation"
    folder = "explanation"

    def plan(self, setting: Setting) -> list[Shard]:
        """For each attack blocks of images."""
        net = self.net(setting)
        return [
            Shard(
                f"{attack}/{first}",
                f"{__name__}:explained",
                {
                    "net": exact(net),
                    "unit": on_unit(net, self.unit, "conv"),
                    "gained": gained(net, self.unit, "conv"),
                    "dataset": self.dataset(setting),
                    **asked(setting, attack, first, last),
                },
            )
            for attack in _ATTACKS
            for first, last in blocks(_IMAGES[setting.quick], _BLOCK)
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an attack, over the images that float32 and the unit classify right and that fool float32: n of them.

        ``resisted``: by arithmetic, the images that do not fool it. By replacement, ``explained``: of those that the
        unit resists the replacement resists ``both``; of those that fool the unit it resists ``only``; ``agreement``,
        the correlation of its margin on the crafted image with the unit's (a margin is the true class's logit less the
        highest other one). ``gain``: by arithmetic, quartiles of the ratio of its margin on the clean image to
        float32's. ``correlation`` of being fooled with float32's clean margin, the unit's gain, and by how much the
        crafted image is beyond float32's boundary. ``quartiles``: share that fools the unit, by float32's margin.
        """
        rows = []
        for attack in _ATTACKS:
            rows.append({"attack": attack, "images": _IMAGES[setting.quick]} | _summary(of_way(results, attack)))
        return rows


def explained(
    *,
    net: Mapping[str, Any],
    unit: Mapping[str, Any],
    gained: Mapping[str, Any],
    dataset: Mapping[str, str],
    first: int,
    last: int,
    attack: str,
    settings: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """Attacks ``net`` on the test images ``first`` to ``last`` - 1 that it classifies right.

    Returns their ``indices`` and, by arithmetic ("float32", "unit", `REPLACEMENTS`), lists with an entry each:
    margins on the ``clean`` and on the ``crafted`` images, and ``right`` and ``fooled``, 1 or 0.
    """
    block, module = test_images(dataset, first, last), build(net)
    attackable = scores(module, block.images).argmax(1) == block.labels
    images, labels = block.images[attackable], block.labels[attackable]
    made = craft(
        module,
        attack,
        images,
        Goal(labels),
        protocol="minimal",
        settings=settings_of(attack, settings),
        seed=seed * _SEEDS + first,
    )
    judges = {
        "float32": module,
        "unit": build(unit),
        "mean gain": build(gained),
        "slopes": with_weights(module, unit["unit"], "slopes"),
        "effective weights": with_weights(module, unit["unit"], "effective"),
    }
    found: dict[str, Any] = {"indices": (attackable.nonzero().flatten() + first).tolist()}
    found |= {name: {} for name in ("clean", "crafted", "right", "fooled")}
    for name, judge in judges.items():
        before, after = scores(judge, images), scores(judge, made.images)
        found["clean"][name] = class_leads(before, labels).tolist()
        found["crafted"][name] = class_leads(after, labels).tolist()
        found["right"][name] = (before.argmax(1) == labels).int().tolist()
        found["fooled"][name] = (after.argmax(1) != labels).int().tolist()
    return found


def _summary(shards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    def column(kind: str, name: str) -> np.ndarray:
        return np.array([value for shard in shards for value in shard[kind][name]])

    names = ("unit", *REPLACEMENTS)
    counted = (column("right", "unit") == 1) & (column("fooled", "float32") == 1)
    n = int(counted.sum())
    margin = column("clean", "float32")[counted]
    resisted = {name: column("fooled", name)[counted] == 0 for name in names}
    gains = {name: column("clean", name)[counted] / margin for name in names}
    crafted = {name: column("crafted", name)[counted] for name in names}
    beyond = -column("crafted", "float32")[counted]
    fooled = ~resisted["unit"]
    return {
        "n": n,
        "resisted": {name: share(int(flags.sum()), n) for name, flags in resisted.items()},
        "explained": {
            name: {
                "both": share(int((resisted[name] & resisted["unit"]).sum()), int(resisted["unit"].sum())),
                "only": share(int((resisted[name] & fooled).sum()), int(fooled.sum())),
                "agreement": correlation(crafted[name], crafted["unit"]),
            }
            for name in REPLACEMENTS
        },
        "gain": {name: _quartiles(values) for name, values in gains.items()},
        "correlation": {
            "margin": correlation(fooled, margin),
            "gain": correlation(fooled, gains["unit"]),
            "beyond": correlation(fooled, beyond),
        },
        "quartiles": [
            {"margin": [float(margin[part].min()), float(margin[part].max())]}
            | share(int(fooled[part].sum()), len(part))
            for part in np.array_split(np.argsort(margin, kind="stable"), _PARTS)
            if len(part)
        ],
    }


def _quartiles(values: np.ndarray) -> list[float] | None:
    return [float(one) for one in np.quantile(values, [0.25, 0.5, 0.75])] if len(values) else None
