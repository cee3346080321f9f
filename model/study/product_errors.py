"""Errors of a unit's product over operands from 0 to 1: where they lie, how they are spread, and their figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from axmac.model.fast import multiply
from axmac.model.golden.metrics import ErrorStream
from axmac.model.spec import FpMul, catalog
from axmac.model.spec.formats import FLOAT32
from axmac.model.study.planning import Need, Setting, Study, blocks
from axmac.model.study.shards import Shard

__all__ = ["BINS", "CELLS", "OPERANDS", "Product", "ProductErrors", "error_shards", "measured", "merged"]

CELLS = 64
"""Cells of the map along each operand."""
BINS = 80
"""Bins of the histogram, from - span to span; what lies beyond is in the outermost ones."""
OPERANDS = {
    "rounded": "float32 numbers, rounded to nearest by the unit",
    "truncated": "float32 numbers, the bits that the unit's format lacks cut off",
    "own": "numbers of the unit's own format",
}
"""What is multiplied. The exact product is that of the numbers before the unit's format changes them."""
_PAIRS = {True: 10**6, False: 10**8}
_BLOCK = 5 * 10**6
_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Product:
    """A unit, its operands (see `OPERANDS`), and the ``span`` of the histogram of its errors."""

    unit: str
    operands: str = "rounded"
    span: float = 1.0

    def __post_init__(self) -> None:
        if self.operands not in OPERANDS:
            raise ValueError(f"operands must be one of {', '.join(OPERANDS)}, not {self.operands!r}")


@dataclass(frozen=True)
class ProductErrors(Study):
    """A figure of the paper: its ``title`` and the products it shows; figures share their shards.

    ``said``: what the paper prints of a unit, by unit and by the name of a figure.
    """

    title: str
    products: Sequence[Product]
    said: Mapping[str, Mapping[str, float]]
    form = "products"
    folder = "product-errors"

    def needs(self, quick: bool) -> list[Need]:
        """No network, quick or not."""
        del quick
        return []

    def plan(self, setting: Setting) -> list[Shard]:
        """For each product blocks of pairs."""
        pairs = _PAIRS[setting.quick]
        return [shard for product in self.products for shard in error_shards(product, pairs, setting.seed)]

    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """A row a product: figures (see `merged`), map, histogram, and what the paper prints."""
        rows = []
        for product in self.products:
            names = [shard.name for shard in error_shards(product, _PAIRS[setting.quick], setting.seed)]
            unit = catalog[product.unit].id
            about = {"unit": unit, "operands": product.operands, "span": product.span}
            rows.append(about | merged([results[name] for name in names]) | {"paper": self.said.get(product.unit, {})})
        return rows


def error_shards(product: Product, pairs: int, seed: int) -> list[Shard]:
    """The shards of so many pairs of a product."""
    unit = catalog[product.unit].id
    drawn = {"unit": unit, "operands": product.operands, "span": product.span, "seed": seed}
    return [
        Shard(
            f"{unit}/{product.operands}/{first}",
            f"{__name__}:measured",
            {**drawn, "first": first, "last": last},
        )
        for first, last in blocks(pairs, _BLOCK)
    ]


def measured(*, unit: str, operands: str, span: float, seed: int, first: int, last: int) -> dict[str, Any]:
    """Multiplies the pairs ``first`` to ``last`` - 1, uniform in [0, 1); each block draws from a seed of its own.

    Returns ``figures`` as `ErrorFigures` with the largest exact product 1; ``exact``, the sum of exact products; the
    sums of the errors, unit's minus exact product, and the pairs, in each cell of the map, as ``map`` and ``counts``
    [a of CELLS x b of CELLS]; ``histogram`` [BINS].
    """
    spec, rng, stream = catalog[unit], np.random.default_rng([seed, first]), ErrorStream(1.0)
    total, counts = np.zeros(CELLS * CELLS), np.zeros(CELLS * CELLS, np.int64)
    histogram, exact = np.zeros(BINS, np.int64), 0.0
    for start in range(first, last, _AT_ONCE):
        drawn = rng.random((2, min(_AT_ONCE, last - start)), dtype=np.float32)
        given = _given(spec, operands, drawn)
        meant = given if operands == "own" else drawn
        product = meant[0].astype(np.float64) * meant[1]
        value = multiply(spec, *map(torch.from_numpy, given)).numpy().astype(np.float64)
        error = value - product
        stream.update(product, value)
        exact += float(product.sum())
        cell = (drawn[0] * CELLS).astype(np.int64) * CELLS + (drawn[1] * CELLS).astype(np.int64)
        total += np.bincount(cell, error, CELLS * CELLS)
        counts += np.bincount(cell, minlength=CELLS * CELLS)
        place = ((error + span) * (BINS / 2 / span)).astype(np.int64).clip(0, BINS - 1)
        histogram += np.bincount(place, minlength=BINS)
    return {
        "figures": stream.figures().as_dict(),
        "exact": exact,
        "map": total.tolist(),
        "counts": counts.tolist(),
        "histogram": histogram.tolist(),
    }


def merged(shards: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Figures of all pairs of some shards, each with a non-zero exact product.

    ``pairs``, ``nmed``, ``mred``, ``bias``, ``wce``, ``larger`` and ``smaller`` (shares of products above and below the
    exact one); ``ratio_of_means``, mean absolute error over mean exact product; ``gain``, mean product over mean exact
    product; the mean errors ``map`` [CELLS][CELLS] over a and b, None where no pair fell; ``histogram`` [BINS].
    """
    pairs = sum(shard["figures"]["pairs"] for shard in shards)
    mean = {
        name: sum(shard["figures"][name] * shard["figures"]["pairs"] for shard in shards) / pairs
        for name in ("nmed", "mred", "bias", "larger", "ep")
    }
    exact = sum(shard["exact"] for shard in shards) / pairs
    total, counts = _summed(shards, "map"), _summed(shards, "counts")
    cells = [float(value / count) if count else None for value, count in zip(total, counts, strict=True)]
    return {
        "pairs": pairs,
        "wce": max(shard["figures"]["wce"] for shard in shards),
        **{name: mean[name] for name in ("nmed", "mred", "bias", "larger")},
        "smaller": mean["ep"] - mean["larger"],
        "ratio_of_means": mean["nmed"] / exact,
        "gain": 1 + mean["bias"] / exact,
        "map": [cells[start : start + CELLS] for start in range(0, CELLS * CELLS, CELLS)],
        "histogram": _summed(shards, "histogram").tolist(),
    }


def _given(spec: FpMul, operands: str, drawn: np.ndarray) -> np.ndarray:
    """The operands that the unit gets, float32; it rounds those that are not of its format."""
    lacking = FLOAT32.sig_width - spec.format.sig_width
    if operands == "rounded" or not lacking:
        return drawn
    return (drawn.view(np.uint32) >> lacking << lacking).view(np.float32)


def _summed(shards: Iterable[Mapping[str, Any]], name: str) -> np.ndarray:
    return np.sum([shard[name] for shard in shards], axis=0)
