"""Studies of QUANOS: widths, accuracy, energy and memory, and adversarial loss, beside homogeneous networks.

Three rounds of shards: the homogeneous networks and QUANOS; then the homogeneous network that takes most nearly as much
memory as QUANOS here, and adversarial training; then attacks on all of them. Each training is a shard.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from torch import nn

from axmac.model.attack.audit import ALARMS, CLEAR_P, CLEAR_SHARE
from axmac.model.attack.statistics import binomial_p
from axmac.model.nn import networks
from axmac.model.nn.hybrid import hybrid, quantisable
from axmac.model.study.planning import Need, Setting, Study, blocks
from axmac.model.study.quanos.checks import checks
from axmac.model.study.quanos.claims import claims_row
from axmac.model.study.quanos.costs import Counted
from axmac.model.study.quanos.energy import Layer, layers_of, same_size, widths_of
from axmac.model.study.quanos.plan import (
    ABLATION_EPS,
    ABLATION_SHARES,
    EXTENTS,
    HARDENERS,
    STRONG_EPS,
    Extent,
    Model,
    runs,
)
from axmac.model.study.quanos.printed import Table
from axmac.model.study.quanos.rows import Judged, ablation_row, corrected, model_row
from axmac.model.study.shards import Shard

__all__ = ["QuanosTable"]

_BLOCK = {"attacked": 500, "strongest": 100}
_HYBRID = Model(None)


@dataclass(frozen=True)
class QuanosTable(Study):
    """``net`` is narrow enough for two cores, ``full_net`` the paper's, whose energy is given for the same widths.

    ``bits`` of the homogeneous networks, ``hardened`` those of the one that is trained adversarially beside QUANOS.
    With ``ablation``, layers of the widest network are ablated. ``absent`` says what is left out, and what adds it.
    """

    title: str
    net: str
    full_net: str
    bits: tuple[int, ...]
    hardened: int
    printed: Table
    ablation: bool
    absent: tuple[str, ...] = ()
    form = "quanos"

    @property
    def folder(self) -> str:
        """The name of the folder of its shards."""
        return f"quanos-{self.net}"

    def needs(self, quick: bool) -> list[Need]:
        """The network, which the study trains itself."""
        del quick
        return [Need(self.net, untrained=True)]

    def plan(self, setting: Setting) -> list[Shard]:
        """The clean trainings whose widths are known."""
        return self._trainings(setting, [*map(Model, self.bits), _HYBRID])

    def follow(self, setting: Setting, results: Mapping[str, Any]) -> list[Shard]:
        """The other trainings, the longest first; then the attacks."""
        models = self._models(results)
        untrained = [model for model in models if f"train/{model.name}" not in results]
        if untrained:
            return self._trainings(setting, sorted(untrained, key=_length, reverse=True))
        shards = [shard for model in models for shard in self._attacks(setting, model, results)]
        return [] if shards[0].name in results else shards

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row each network, one of the ablation where there is one, the paper's tables checked, and its claims."""
        extent, same = _extent(setting), self._same_size(results)
        judged = {model.name: _judged(results, model) for model in self._models(results)}
        found = [
            model_row(
                model=model,
                record=self._record(results, model),
                judged=judged[model.name],
                rival=judged[Model(same, model.hardening).name] if model.bits is None else None,
                others={
                    other.label: judged[other.name]
                    for other in self._models(results)
                    if model.bits is None and other.bits is not None and other.hardening == model.hardening
                },
                same_size=model.bits == same,
                extent=extent,
                nets=self._counted(results, model),
                printed=self.printed,
            )
            for model in self._models(results)
        ]
        corrected(found)
        if self.ablation:
            ans = self._record(results, Model(self.bits[0]))["ans"]["final"]
            found.append(ablation_row(results["ablation"], ans, ABLATION_EPS, ABLATION_SHARES))
        own = checks(self.printed, self._layers[self.full_net])
        return [*found, {"kind": "checks", "net": self.full_net, "checks": own}, claims_row(found, same, self.absent)]

    def alarms(self, results: Mapping[str, Any]) -> list[str]:
        """A line for each network of which clearly more images fall to the attack without gradients, tried last."""
        lines = []
        for model in self._models(results):
            for eps, shards in _judged(results, model).strongest.items():
                last = [shard["rows"][-1] for shard in shards]
                n, fell = sum(len(shard["survived"]) for shard in shards), sum(row["k"] for row in last)
                if fell > CLEAR_SHARE * n and binomial_p(fell, 0) <= CLEAR_P:
                    lines.append(f"{model.name} at eps {eps}, {fell} of {n} images: {ALARMS['black_box']}")
        return lines

    @cached_property
    def _layers(self) -> dict[str, list[Layer]]:
        return {name: layers_of(_built(name), networks.get(name).images) for name in (self.net, self.full_net)}

    def _record(self, results: Mapping[str, Any], model: Model) -> dict[str, Any]:
        """The record of a training, its layers in the order of the forward pass, which JSON does not keep."""
        record, names = results[f"train/{model.name}"], _quantisable(self.net)
        ans = {when: {name: values[name] for name in names} for when, values in record["ans"].items()}
        return {**record, "bits": {name: record["bits"][name] for name in names}, "ans": ans}

    def _counted(self, results: Mapping[str, Any], model: Model) -> dict[str, Counted]:
        """By network its layers with the widths that a training ended with."""
        widths = tuple(self._record(results, model)["bits"].values())
        return {net: Counted(layers, dict(_all_widths(net, widths))) for net, layers in self._layers.items()}

    def _same_size(self, results: Mapping[str, Any]) -> int:
        return same_size(*self._counted(results, _HYBRID)[self.net])

    def _models(self, results: Mapping[str, Any]) -> list[Model]:
        """All networks: clean ones from the widest to the narrowest, QUANOS last; then the hardened ones."""
        same = self._same_size(results)
        clean = [*sorted({*self.bits, same}, reverse=True), None]
        hard = [*sorted({self.hardened, same}, reverse=True), None]
        return [*map(Model, clean), *(Model(bits, hardening) for hardening in HARDENERS for bits in hard)]

    def _trainings(self, setting: Setting, models: Sequence[Model]) -> list[Shard]:
        extent, need = _extent(setting), self.needs(setting.quick)[0]
        part = "all" if extent.train is None else extent.train
        folder = Path(setting.nets[need]["path"]) / f"quanos-{extent.warmup}-of-{extent.epochs}-epochs-{part}"
        common = {"net": self.net, "dataset": setting.data(need), "folder": str(folder), "seed": setting.seed}
        return [
            Shard(
                f"train/{model.name}",
                "axmac.model.study.quanos.models:trained",
                {**common, **model.training(extent)},
            )
            for model in models
        ]

    def _attacks(self, setting: Setting, model: Model, results: Mapping[str, Any]) -> list[Shard]:
        extent, record = _extent(setting), results[f"train/{model.name}"]
        common = {
            "model": {name: record[name] for name in ("path", "sha256")},
            "dataset": setting.data(self.needs(setting.quick)[0]),
            "seed": setting.seed,
        }
        place = "axmac.model.study.quanos"
        shards = [
            Shard(
                f"right/{model.name}/{first}",
                f"{place}.evaluation:attacked",
                {**common, "first": first, "last": last, "runs": runs()},
            )
            for first, last in blocks(extent.tested, _BLOCK["attacked"])
        ]
        shards += [
            Shard(
                f"strong/{model.name}/{_eps(eps)}/{first}",
                f"{place}.evaluation:strongest",
                {**common, "first": first, "last": last, "eps": eps, "quick": True},
            )
            for eps in STRONG_EPS
            for first, last in blocks(extent.strong, _BLOCK["strongest"])
        ]
        if self.ablation and model == Model(self.bits[0]):
            asked = {"layers": _quantisable(self.net), "shares": ABLATION_SHARES, "eps": ABLATION_EPS}
            asked |= {"images": extent.ablated, "draws": extent.draws}
            shards.append(Shard("ablation", f"{place}.ablation:ablations", {**common, **asked}))
        return shards


def _extent(setting: Setting) -> Extent:
    return EXTENTS["quick" if setting.quick else "full"]


def _length(model: Model) -> int:
    return [None, "fgsm", "pgd"].index(model.hardening)


def _eps(eps: float) -> str:
    return f"{255 * eps:g} of 255"


def _judged(results: Mapping[str, Any], model: Model) -> Judged:
    """What all shards say of a network."""
    right = [result for name, result in results.items() if name.rpartition("/")[0] == f"right/{model.name}"]
    strong = {
        _eps(eps): [
            result for name, result in results.items() if name.rpartition("/")[0] == f"strong/{model.name}/{_eps(eps)}"
        ]
        for eps in STRONG_EPS
    }
    return Judged(right, strong)


@cache
def _quantisable(net: str) -> tuple[str, ...]:
    return quantisable(_built(net), networks.get(net).images)


@cache
def _built(net: str) -> nn.Module:
    """A network for counting, whatever its weights."""
    return networks.build(net)


@cache
def _all_widths(net: str, widths: tuple[int, ...]) -> Mapping[str, int]:
    """The width of every layer that has one, projections of shortcuts included, from those of `hybrid.quantisable`."""
    bits = dict(zip(_quantisable(net), widths, strict=True))
    return widths_of(hybrid(_built(net), bits, networks.get(net).images))
