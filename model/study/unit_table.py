"""Units beside each other: what they cost a network in accuracy, and what they change for an attacker."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from axmac.model.attack.audit import CLEAR_P, CLEAR_SHARE
from axmac.model.attack.statistics import mcnemar
from axmac.model.spec import catalog
from axmac.model.spec.bilinear import bilinear_terms
from axmac.model.study.extent import asked
from axmac.model.study.measures import share
from axmac.model.study.one_net import OneNet
from axmac.model.study.planning import Setting, blocks
from axmac.model.study.product_errors import Product, error_shards, merged
from axmac.model.study.shards import Shard
from axmac.model.study.transfers import of_way, rate
from axmac.model.study.variants import exact, named, on_unit

__all__ = ["UnitTable"]

_MINIMAL = ("fgsm", "pgd", "deepfool")
_EPS = (0.1, 0.2)
_GRADIENTS = ("exact", "unit")
_IMAGES = {True: 100, False: 1000}
_CLEAN = {True: 1000, False: 10000}
_BLOCK, _CLEAN_BLOCK = 50, 500
_PAIRS = 10**6


@dataclass(frozen=True)
class UnitTable(OneNet):
    """``units``: (unit, layers, what the table calls it). ``key`` is a word for the shards that are for all of them.

    Studies of this class share the shards of units that they have in common.
    """

    title: str
    key: str
    units: Sequence[tuple[str, str, str]]
    form = "units"
    folder = "units"

    def plan(self, setting: Setting) -> list[Shard]:
        """For each unit errors, clean images and PGD aimed at it; for each attack on float32 images shown to all."""
        variants, dataset = self._variants(setting), self.dataset(setting)
        shards = [shard for unit in self.units for shard in _errors(unit[0], setting.seed)]
        shards += [
            Shard(
                f"{named(variant)}, clean/{first}",
                "axmac.model.study.confidence:classified",
                {"variant": variant, "dataset": dataset, "first": first, "last": last},
            )
            for variant in variants
            for first, last in blocks(_CLEAN[setting.quick], _CLEAN_BLOCK)
        ]
        shards += [
            Shard(
                f"{way}/{first}",
                "axmac.model.study.transfers:attacked",
                {
                    **how,
                    **asked(setting, how["attack"], first, last),
                    "dataset": dataset,
                    "margins": [1],
                },
            )
            for way, how in self._ways(setting).items()
            for first, last in blocks(_IMAGES[setting.quick], _BLOCK)
        ]
        return list({shard.name: shard for shard in shards}.values())

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row for float32 and for each unit.

        ``nmed``, ``mred`` and ``gain`` of its products (None for float32); accuracy on clean images; ``transfer`` of
        smallest perturbations by attack; by eps, ``shown``, the images of float32 that fool it, and ``white_box``, the
        share that PGD aimed at it fools, by backward pass.
        """
        net, *variants = self._variants(setting)
        rows = [self._row(setting, net, "float32", results)]
        for variant, (unit, _, name) in zip(variants, self.units, strict=True):
            found = merged([results[shard.name] for shard in _errors(unit, setting.seed)])
            errors = {figure: found[figure] for figure in ("nmed", "mred", "gain")}
            rows.append(self._row(setting, variant, name, results) | errors)
        return rows

    def alarms(self, results: Mapping[str, Any]) -> list[str]:
        """A line where images made on float32 clearly fool a unit more often than PGD aimed at it, as in an audit."""
        lines = []
        for eps in _EPS:
            shown = of_way(results, f"{self.key} within {eps:g}")
            for name in next((list(shard["right"]) for shard in shown if shard["indices"]), []):
                ways = [of_way(results, _white(name, gradient, eps)) for gradient in _GRADIENTS]
                aimed = [_by_image(shards, "source") for shards in ways if shards]
                other = _by_image(shown, name)
                images = sorted(set(other).intersection(*aimed))
                best = torch.tensor([any(found[index] for found in aimed) for index in images], dtype=torch.bool)
                paired = mcnemar(torch.tensor([other[index] for index in images], dtype=torch.bool), best)
                lead = (paired.only_first - paired.only_second) / max(paired.n, 1)
                if name != "source" and lead > CLEAR_SHARE and paired.p <= CLEAR_P:
                    lines.append(
                        f"{name}, eps {eps:g}: of {paired.n} images, {paired.only_first} fall to the image of float32 "
                        f"alone, {paired.only_second} to PGD aimed at it alone (p {paired.p:.2g})"
                    )
        return lines

    def _variants(self, setting: Setting) -> list[dict[str, Any]]:
        net = self.net(setting)
        return [exact(net), *(on_unit(net, unit, layers) for unit, layers, _ in self.units)]

    def _ways(self, setting: Setting) -> dict[str, dict[str, Any]]:
        """What `attacked` is asked, by the names of shards."""
        net, *variants = self._variants(setting)
        shown = {"source": net, "targets": variants}
        ways = {
            f"{self.key} {attack}": {**shown, "attack": attack, "protocol": "minimal", "eps": None}
            for attack in _MINIMAL
        }
        for eps in _EPS:
            within = {"attack": "pgd", "protocol": "budget", "eps": eps}
            ways[f"{self.key} within {eps:g}"] = {**shown, **within}
            ways[_white(named(net), "exact", eps)] = {"source": net, "targets": [], **within}
            for variant in variants:
                for gradient in _gradients(variant):
                    source = {**variant, "gradient": gradient}
                    ways[_white(named(variant), gradient, eps)] = {"source": source, "targets": [], **within}
        return ways

    def _row(
        self, setting: Setting, variant: Mapping[str, Any], name: str, results: Mapping[str, Any]
    ) -> dict[str, Any]:
        key = named(variant)
        right = [flag for shard in of_way(results, f"{key}, clean") for flag in shard["right"]]
        exactly = variant["unit"] is None
        return {
            "name": name,
            "unit": variant["unit"],
            "layers": variant["layers"],
            "nmed": None,
            "mred": None,
            "gain": None,
            "accuracy": share(sum(right), len(right)),
            "images": _IMAGES[setting.quick],
            "transfer": {} if exactly else {one: rate(of_way(results, f"{self.key} {one}"), key) for one in _MINIMAL},
            "shown": {}
            if exactly
            else {f"{eps:g}": _fooled(of_way(results, f"{self.key} within {eps:g}"), key) for eps in _EPS},
            "white_box": {
                f"{eps:g}": {
                    gradient: _fooled(of_way(results, _white(key, gradient, eps)), "source")
                    for gradient in _gradients(variant)
                }
                for eps in _EPS
            },
        }


def _errors(unit: str, seed: int) -> list[Shard]:
    return error_shards(Product(unit), _PAIRS, seed)


def _gradients(variant: Mapping[str, Any]) -> tuple[str, ...]:
    """The backward passes of a variant: only a bilinear unit has slopes, and float32 is its own."""
    if variant["unit"] is None:
        return _GRADIENTS[:1]
    spec = catalog[variant["unit"]]
    bilinear = bilinear_terms(spec.significand, spec.format.sig_width) is not None
    return _GRADIENTS if bilinear else _GRADIENTS[:1]


def _white(name: str, gradient: str, eps: float) -> str:
    return f"{name}, {gradient} gradient within {eps:g}"


def _fooled(shards: Iterable[Mapping[str, Any]], target: str) -> dict[str, Any]:
    """Of the images that source and target classify right, those that the crafted image fools the target with."""
    flags = _by_image(shards, target)
    return share(sum(flags.values()), len(flags))


def _by_image(shards: Iterable[Mapping[str, Any]], target: str) -> dict[int, bool]:
    """By index of the images that source and target classify right, whether the crafted one fools the target."""
    return {
        index: bool(fooled)
        for shard in shards
        if shard["indices"]
        for index, right, fooled in zip(
            shard["indices"], shard["right"][target], shard["fooled"]["1"][target], strict=True
        )
        if right
    }
