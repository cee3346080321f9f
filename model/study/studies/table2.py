"""Table 2 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): eight attacks on LeNet-5, how far they transfer.

Examples are crafted on float32 and shown to Ax-FPM in the convolutions. Beside it: Ax-FPM in all layers, bfloat16,
float32 with the mean gain of Ax-FPM, and a second float32 network from another seed, without which "does not transfer"
means nothing; fixed budgets; margins around the smallest perturbations; and the same attacks on Ax-FPM itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import rate
from axmac.model.study.variants import exact, gained, named, on_unit

__all__ = ["NET", "PAPER", "SEEDS", "TITLE", "plan", "rows"]

TITLE = "Table 2: attacks on LeNet-5, crafted on float32, shown to Ax-FPM"
NET = "lenet5"
SEEDS = (0, 1)
PAPER = {"fgsm": 12, "pgd": 28, "jsma": 9, "cw": 1, "deepfool": 17, "lsa": 18, "boundary": 17, "hopskipjump": 2}
"""Attack success on Ax-FPM in percent, crafted on float32, where it is 100."""

_HEAVY = ("cw", "lsa", "boundary", "hopskipjump")
_IMAGES = {"quick": (100, 20), "full": (1000, 200)}
"""Test images for the cheap and for the query-heavy attacks."""
_BLOCK = {False: 50, True: 10}
_MARGINS = (1, 1.05, 1.1, 1.25, 1.5)
_BUDGETS = (0.1, 0.2, 0.3)
_FUNCTION = "axmac.model.study.transfers:attacked"


def plan(setting: Setting) -> list[Shard]:
    """For each attack and block of images: minimal on float32, minimal on Ax-FPM, and budgets where it has them."""
    return [
        Shard(
            f"{attack}/{name}/{first}",
            _FUNCTION,
            {
                **_common(setting),
                **way,
                "attack": attack,
                "settings": asdict(settings_of(attack, quick=setting.quick)),
                "first": first,
                "last": last,
            },
        )
        for attack in PAPER
        for name, way in _ways(setting, attack).items()
        for first, last in blocks(_images(setting, attack), _BLOCK[attack in _HEAVY])
    ]


def rows(setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each attack: the paper's rate; ours by protocol, target and margin; L2; success on Ax-FPM itself."""
    unit, others = _targets(setting)
    found = []
    for attack, paper in PAPER.items():
        crafted = _of(results, f"{attack}/minimal")
        white = _of(results, f"{attack}/white-box")
        found.append(
            {
                "attack": attack,
                "images": _images(setting, attack),
                "settings": asdict(settings_of(attack, quick=setting.quick)),
                "published_settings": asdict(settings_of(attack)),
                "paper": paper / 100,
                "minimal": rate(crafted, named(unit)),
                "controls": {named(other): rate(crafted, named(other)) for other in others},
                "margins": {f"{margin:g}": rate(crafted, named(unit), margin) for margin in _MARGINS},
                "budgets": {
                    f"{eps:g}": rate(_of(results, f"{attack}/budget {eps:g}"), named(unit))
                    for eps in _BUDGETS
                    if f"budget {eps:g}" in _ways(setting, attack)
                },
                "white_box": rate(white, "source"),
                "l2": {"float32": _median(crafted), "ax_fpm": _median(white)},
                "queries": {"forward": _queries(crafted, "forward"), "backward": _queries(crafted, "backward")},
            }
        )
    return found


def _ways(setting: Setting, attack: str) -> dict[str, dict[str, Any]]:
    net, unit = exact(setting.nets[0]), on_unit(setting.nets[0], "ax_fpm", "conv")
    targets = [unit, *_targets(setting)[1]]
    ways = {
        "minimal": {"source": net, "targets": targets, "protocol": "minimal", "eps": None, "margins": _MARGINS},
        "white-box": {"source": unit, "targets": [net], "protocol": "minimal", "eps": None, "margins": (1,)},
    }
    if attack in ("fgsm", "pgd"):
        fixed = {"source": net, "targets": targets, "protocol": "budget", "margins": (1,)}
        ways |= {f"budget {eps:g}": {**fixed, "eps": eps} for eps in _BUDGETS}
    return ways


def _targets(setting: Setting) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Ax-FPM in the convolutions, and what stands beside it."""
    net, second = setting.nets
    others = [on_unit(net, "ax_fpm", "all"), on_unit(net, "bf16_booth", "conv")]
    others += [gained(net, "ax_fpm", "conv"), exact(second)]
    return on_unit(net, "ax_fpm", "conv"), others


def _common(setting: Setting) -> dict[str, Any]:
    return {"dataset": setting.dataset, "seed": setting.seed}


def _images(setting: Setting, attack: str) -> int:
    return _IMAGES["quick" if setting.quick else "full"][attack in _HEAVY]


def _of(results: Mapping[str, Any], way: str) -> list[Mapping[str, Any]]:
    return [result for name, result in results.items() if name.rpartition("/")[0] == way]


def _median(shards: Iterable[Mapping[str, Any]]) -> float | None:
    """The median L2 distance of the images that fool the network they were crafted on."""
    found = sorted(
        distance
        for shard in shards
        if shard["indices"]
        for distance, fooled in zip(shard["l2"], shard["fooled"]["1"]["source"], strict=True)
        if fooled
    )
    return found[len(found) // 2] if found else None


def _queries(shards: Iterable[Mapping[str, Any]], kind: str) -> float:
    """Queries an attacked image."""
    shards = list(shards)
    return sum(shard[f"{kind}_images"] for shard in shards) / max(1, sum(len(shard["indices"]) for shard in shards))
