"""Tables of attack success, as the Ax-FPM paper has them: crafted on float32, shown to approximate arithmetic.

Beside the paper's column stand the controls without which "does not transfer" means nothing: other units, float32 with
the mean gain of Ax-FPM, a quantised network, a second float32 network from another seed; fixed budgets; margins around
the smallest perturbations; other training seeds; and the same attacks on Ax-FPM itself, with an audit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from axmac.model.attack.craft import settings_of
from axmac.model.attack.statistics import holm
from axmac.model.study.extent import MARGINS, WITH_BUDGETS, asked, attacked_blocks, attacked_images, is_heavy
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import median_l2, of_way, paired, rate
from axmac.model.study.variants import exact, gained, named, on_unit

__all__ = ["AttackTable"]

_WITH_GRADIENTS = ("fgsm", "pgd", "deepfool")
"""Cheap attacks that follow a gradient, so that the choice of the backward pass matters."""
_BLIND = ("lsa", "boundary", "hopskipjump")
_BLIND_ON_UNIT = {"quick": 20, "full": 50}
"""Attacks without gradients gain nothing from knowing the unit: fewer images are enough to see whether they succeed."""
_AUDITED = {"quick": 20, "full": 100}
_UNITS = ("ax_fpm", "heap")
"""Units of the tables."""
_DOREFA = "DoReFa 4-bit"


@dataclass(frozen=True)
class AttackTable(Study):
    """A table of the paper: its ``title``, ``unit`` (in the convolutions), and its rates in percent by attack.

    ``net`` and ``quantised`` name the network and its 4-bit form, ``seeds`` those of its weights, each for the full and
    for the quick study: the first seed is attacked in every way, all by the cheap attacks. The first of
    ``budgets``, eps in L-inf, is that of the audit. Tables of one network share their shards.
    """

    title: str
    net: tuple[str, str]
    quantised: tuple[str, str]
    unit: str
    paper: Mapping[str, int]
    budgets: tuple[float, ...]
    seeds: tuple[tuple[int, ...], tuple[int, ...]]
    form = "attacks"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"attacks-{self.net[0]}"

    def needs(self, quick: bool) -> list[Need]:
        """The network of every seed, and the quantised one."""
        return [*(Need(self.net[quick], seed) for seed in self.seeds[quick]), Need(self.quantised[quick])]

    def plan(self, setting: Setting) -> list[Shard]:
        """The audit; for each attack and block of images: minimal, with budgets, on Ax-FPM itself, on other seeds."""
        variants = self._variants(setting)
        return [self._audit(setting, variants)] + [
            Shard(
                f"{attack}/{name}/{first}",
                "axmac.model.study.transfers:attacked",
                {
                    **way,
                    **asked(setting, attack, first, last),
                    "dataset": setting.data(self.needs(setting.quick)[0]),
                },
            )
            for attack in self.paper
            for name, way in self._ways(variants, attack).items()
            for first, last in attacked_blocks(attack, _images(setting, attack, name))
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row an attack.

        The paper's rate; ours by protocol, target, margin and seed; white-box and reverse; distances; queries; paired
        tests, corrected over all of the table; and the audit, the same in every row.
        """
        variants = self._variants(setting)
        rows = [self._row(setting, variants, attack, results) for attack in self.paper]
        tests = [test for row in rows for test in row["paired"].values()]
        for test, adjusted in zip(tests, holm([test["p"] for test in tests]), strict=True):
            test["p_holm"] = adjusted
        return rows

    def _variants(self, setting: Setting) -> "_Variants":
        *nets, quantised = (setting.nets[need] for need in self.needs(setting.quick))
        return _Variants(nets, quantised)

    def _audit(self, setting: Setting, variants: "_Variants") -> Shard:
        return Shard(
            "audit",
            "axmac.model.study.audits:audited",
            {
                "source": exact(variants.net),
                "target": variants.targets[0],
                "dataset": setting.data(self.needs(setting.quick)[0]),
                "images": _AUDITED["quick" if setting.quick else "full"],
                "eps": self.budgets[0],
                "quick": setting.quick,
                "seed": setting.seed,
            },
        )

    def _ways(self, variants: "_Variants", attack: str) -> dict[str, dict[str, Any]]:
        net, unit = exact(variants.net), variants.targets[0]
        near = {"protocol": "minimal", "eps": None, "margins": (1,)}
        shown = {"source": net, "targets": variants.targets}
        ways = {
            "minimal": {**shown, **near, "margins": MARGINS},
            "white-box": {"source": unit, "targets": [net], **near},
        }
        if attack in WITH_BUDGETS:
            for eps in self.budgets:
                within = {"protocol": "budget", "eps": eps, "margins": (1,)}
                ways[f"budget {eps:.3g}"] = {**shown, **within}
                ways[f"white-box budget {eps:.3g}"] = {"source": unit, "targets": [net], **within}
        if attack in _WITH_GRADIENTS:
            ways["white-box unit"] = {**near, "source": variants.with_slopes, "targets": [net]}
        if not is_heavy(attack):
            ways |= {
                f"seed {other['seed']}": {
                    **near,
                    "source": exact(other),
                    "targets": [on_unit(other, name, "conv") for name in _UNITS],
                }
                for other in variants.nets[1:]
            }
        return ways

    def _row(self, setting: Setting, variants: "_Variants", attack: str, results: Mapping[str, Any]) -> dict[str, Any]:
        unit = named(on_unit(variants.net, self.unit, "conv"))
        others = [name for name in map(named, variants.targets) if name != unit]
        crafted, white = of_way(results, f"{attack}/minimal"), of_way(results, f"{attack}/white-box")
        budgets = self.budgets if attack in WITH_BUDGETS else ()
        within = {f"{eps:.3g}": of_way(results, f"{attack}/budget {eps:.3g}") for eps in budgets}
        direct = {f"{eps:.3g}": of_way(results, f"{attack}/white-box budget {eps:.3g}") for eps in budgets}
        slopes = of_way(results, f"{attack}/white-box unit")
        seeds = {str(variants.net["seed"]): rate(crafted, unit)}
        for other in variants.nets[1:]:
            found = of_way(results, f"{attack}/seed {other['seed']}")
            if found:
                seeds[str(other["seed"])] = rate(found, named(on_unit(other, self.unit, "conv")))
        return {
            "attack": attack,
            "images": _images(setting, attack),
            "settings": asdict(settings_of(attack, quick=setting.quick)),
            "published_settings": asdict(settings_of(attack)),
            "paper": self.paper[attack] / 100,
            "minimal": rate(crafted, unit),
            "controls": {other: rate(crafted, other) for other in others},
            "paired": {"float32": paired(crafted, "source", unit)}
            | {other: paired(crafted, other, unit) for other in others}
            | {f"float32, eps {eps}": paired(shards, "source", unit) for eps, shards in within.items()},
            "margins": {f"{margin:g}": rate(crafted, unit, margin) for margin in MARGINS},
            "seeds": seeds,
            "budgets": {eps: rate(shards, unit) for eps, shards in within.items()},
            "white_box": rate(white, "source"),
            "white_box_unit": rate(slopes, "source") if slopes else None,
            "white_box_budgets": {eps: rate(shards, "source") for eps, shards in direct.items()},
            "reverse": rate(white, named(exact(variants.net))),
            "l2": {
                "float32": median_l2(crafted),
                "ax_fpm": median_l2(white),
                "ax_fpm, gradient unit": median_l2(slopes),
            },
            "queries": {"forward": _queries(crafted, "forward"), "backward": _queries(crafted, "backward")},
            "audit": results["audit"],
        }


@dataclass(frozen=True)
class _Variants:
    """The networks of a table: by seed, and quantised; ``targets`` are what images are shown to."""

    nets: Sequence[dict[str, Any]]
    quantised: dict[str, Any]

    @property
    def net(self) -> dict[str, Any]:
        return self.nets[0]

    @cached_property
    def targets(self) -> list[dict[str, Any]]:
        units = [on_unit(self.net, unit, layers) for unit, layers in (("ax_fpm", "conv"), ("ax_fpm", "all"))]
        units += [on_unit(self.net, unit, "conv") for unit in ("heap", "bf16_booth")]
        controls = [gained(self.net, "ax_fpm", "conv"), exact(self.quantised, _DOREFA), exact(self.nets[1])]
        return [*units, *controls]

    @property
    def with_slopes(self) -> dict[str, Any]:
        return on_unit(self.net, "ax_fpm", "conv", gradient="unit")


def _images(setting: Setting, attack: str, way: str = "minimal") -> int:
    if attack in _BLIND and way.startswith("white-box"):
        return _BLIND_ON_UNIT["quick" if setting.quick else "full"]
    return attacked_images(setting, attack)


def _queries(shards: Sequence[Mapping[str, Any]], kind: str) -> float:
    """Queries an attacked image."""
    return sum(shard[f"{kind}_images"] for shard in shards) / max(1, sum(len(shard["indices"]) for shard in shards))
