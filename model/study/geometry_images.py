"""The figures of the paper on MNIST: quantised networks of one hidden layer under FGSM, and stronger attacks."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from axmac.model.study.geometry.claims import image_claims
from axmac.model.study.geometry.curves import EPS, accuracies, curves_row
from axmac.model.study.geometry.training import Recipe
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard

__all__ = ["ImageCurves"]

_SIZES = (28 * 28, 100, 10)
_BITS = tuple(range(1, 11))
_CHECKS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
_BATCH = 128
_EXTENT = {
    False: {"seeds": 5, "points": 60_000, "shown": 2500, "checked": 500, "epochs": 12, "patience": 3},
    True: {"seeds": 2, "points": 6000, "shown": 500, "checked": 100, "epochs": 4, "patience": 2},
}


@dataclass(frozen=True)
class ImageCurves(Study):
    """Networks of ``activations`` and 1 to 10 bits on images; the paper's ``critical`` strength."""

    title: str
    activations: tuple[str, ...]
    critical: float
    form = "bit_curves"
    folder = "geometry-images"
    images = (1, 28, 28)

    def needs(self, quick: bool) -> list[Need]:
        """No network of the package: it trains its own."""
        del quick
        return []

    def plan(self, setting: Setting) -> list[Shard]:
        """One for each activation and seed, with networks of all bits: some minutes at most."""
        extent = _EXTENT[setting.quick]
        how = {"dataset": setting.own, "bits": _BITS, "sizes": EPS[setting.quick], "checks": _CHECKS}
        how |= {name: extent[name] for name in ("points", "shown", "checked")}
        return [
            Shard(
                f"{name}/{seed}",
                "axmac.model.study.geometry.runs:on_images",
                {**how, "recipe": self._recipe(name, extent), "seed": seed},
            )
            for seed in _seeds(setting)
            for name in self.activations
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row for each activation, ``kind`` curves (see `curves_row`), and one of ``kind`` claims.

        Besides ``whole``: right of all ``test`` images without attack, by width the mean over the seeds.
        """
        found = {name: [results[f"{name}/{seed}"] for seed in _seeds(setting)] for name in self.activations}
        eps, rows = EPS[setting.quick], []
        for name, shards in found.items():
            whole = [sum(one["whole"][place] for one in shards) / len(shards) for place in range(len(_BITS))]
            about = {"kind": "curves", "data": setting.own["name"], "activation": name}
            row = curves_row(shards, _BITS, eps, _CHECKS, _SIZES[0])
            rows.append(about | row | {"whole": whole, "test": shards[0]["test"]})
        by_activation = {name: accuracies(shards, len(_BITS)) for name, shards in found.items()}
        claims = image_claims(by_activation, _BITS, eps, self.critical)
        return [*rows, {"kind": "claims", "data": setting.own["name"], "claims": claims}]

    def _recipe(self, activation: str, extent: Mapping[str, int]) -> dict[str, Any]:
        return asdict(Recipe(_SIZES, activation, 1.0, _BATCH, extent["epochs"], extent["patience"]))


def _seeds(setting: Setting) -> list[int]:
    count = _EXTENT[setting.quick]["seeds"]
    return [setting.seed * count + one for one in range(count)]
