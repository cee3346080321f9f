"""The figures of the paper on two spirals, by several readings of its equation 15."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from axmac.model.study.geometry.claims import spiral_claims
from axmac.model.study.geometry.curves import EPS, accuracies, curves_row
from axmac.model.study.geometry.measures import with_interval
from axmac.model.study.geometry.training import Recipe
from axmac.model.study.planning import Need, Setting, Study
from axmac.model.study.shards import Shard

__all__ = ["SpiralCurves"]

_SIZES = (2, 100, 1)
_GAIN = 10.0
"""The paper amplifies what hidden units take by 10."""
_BITS = tuple(range(1, 11))
_EACH = 200
_CHECKS = (0.05, 0.1, 0.15, 0.2, 0.3)
_BATCH, _RATE = 64, 0.01
_EXTENT = {
    False: {"seeds": 5, "epochs": 1000, "patience": 1000},
    True: {"seeds": 2, "epochs": 100, "patience": 100},
}


@dataclass(frozen=True)
class SpiralCurves(Study):
    """Networks of ``activations`` and 1 to 10 bits on spirals; ``readings``: name to largest t and deviation of noise.

    ``critical``: the paper's strength.
    """

    title: str
    activations: tuple[str, ...]
    readings: Mapping[str, tuple[float, float]]
    critical: float
    form = "bit_curves"
    folder = "geometry-spirals"

    def needs(self, quick: bool) -> list[Need]:
        """No network of the package: it trains its own."""
        del quick
        return []

    def plan(self, setting: Setting) -> list[Shard]:
        """One for each reading and activation, with networks of all seeds and bits."""
        extent = _EXTENT[setting.quick]
        how = {"bits": _BITS, "seeds": _seeds(setting), "each": _EACH, "sizes": EPS[setting.quick], "checks": _CHECKS}
        return [
            Shard(
                f"{reading}/{name}",
                "axmac.model.study.geometry.runs:on_spirals",
                {**how, "longest": longest, "deviation": deviation, "recipe": self._recipe(name, extent)},
            )
            for reading, (longest, deviation) in self.readings.items()
            for name in self.activations
        ]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """For each reading a row for each activation, ``kind`` curves (see `curves_row`), and one of ``kind`` claims.

        The latter has without any network the share of test points with the label of the ``likeliest`` spiral, which
        no classifier exceeds but by luck, and of the ``nearest`` training point: {mean, interval}.
        """
        eps, rows = EPS[setting.quick], []
        for reading in self.readings:
            found = {name: results[f"{reading}/{name}"] for name in self.activations}
            for name, one in found.items():
                about = {"kind": "curves", "data": reading, "activation": name}
                rows.append(about | curves_row([one], _BITS, eps, _CHECKS, _SIZES[0]))
            any_one = next(iter(found.values()))
            by_activation = {name: accuracies([one], len(_BITS)) for name, one in found.items()}
            row = {"kind": "claims", "data": reading}
            row["claims"] = spiral_claims(by_activation, _BITS, eps, self.critical)
            for name in ("likeliest", "nearest"):
                row[name] = with_interval([right / (2 * _EACH) for right in any_one[name]])
            rows.append(row)
        return rows

    def _recipe(self, activation: str, extent: Mapping[str, int]) -> dict[str, Any]:
        recipe = Recipe(_SIZES, activation, _GAIN, _BATCH, extent["epochs"], extent["patience"], _RATE)
        return asdict(recipe)


def _seeds(setting: Setting) -> list[int]:
    count = _EXTENT[setting.quick]["seeds"]
    return [setting.seed * count + one for one in range(count)]
