"""From a space of assignments to the rows of a result: the search itself, and what its front is worth afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from axmac.model.attack.intervals import wilson
from axmac.model.nn.data import Progress
from axmac.model.study.search.choice import meets
from axmac.model.study.search.measure import ACCURATE
from axmac.model.study.search.optimise import Genome, Objectives, front, optimise
from axmac.model.study.search.plan import Search

__all__ = ["Space", "explored", "rows_of"]

Block = tuple[int, int]
"""Test images, [first, last + 1]."""


@dataclass(frozen=True)
class Space:
    """``products`` an image by layer; pJ a product by unit, ``energies``: every unit may stand in every layer."""

    products: Mapping[str, int]
    energies: Mapping[str, float]

    @property
    def size(self) -> int:
        """How many assignments there are."""
        return len(self.energies) ** len(self.products)

    def assignment(self, genome: Genome) -> dict[str, str]:
        """The unit of each layer."""
        units = list(self.energies)
        return {layer: units[place] for layer, place in zip(self.products, genome, strict=True)}

    def energy(self, genome: Genome) -> float:
        """The energy of all products of an image, in pJ."""
        return sum(self.products[layer] * self.energies[unit] for layer, unit in self.assignment(genome).items())

    def homogeneous(self) -> list[Genome]:
        """Every unit in all layers."""
        return [(place,) * len(self.products) for place in range(len(self.energies))]


def explored(
    plan: Search, space: Space, block: Block, *, generations: int, population: int, seed: int, progress: Progress
) -> dict[Genome, Objectives]:
    """Every genome that NSGA-II came to, with (images wrong, wrong after the attack, pJ an image) on ``block``."""
    done = 0

    def evaluate(genomes: list[Genome]) -> list[Objectives]:
        nonlocal done
        assignments = [space.assignment(genome) for genome in genomes]
        most = generations * population
        found = plan.measure(assignments, block, lambda _, now, __: progress("assignments", done + now, most))
        done += len(genomes)
        return [
            (one["n"] - one["correct"], one["n"] - one["robust"], space.energy(genome))
            for genome, one in zip(genomes, found, strict=True)
        ]

    sizes = {"generations": generations, "population": population}
    return optimise(len(space.products), len(space.energies), evaluate, objectives=3, seed=seed, **sizes)


def rows_of(
    plan: Search,
    space: Space,
    found: dict[Genome, Objectives],
    block: Block,
    final: Block,
    *,
    loss: float | None,
    progress: Progress,
) -> list[dict[str, Any]]:
    """The front of ``found``, and every unit in all layers, by energy: counts of ``block``, rates on ``final``.

    ``meets`` says whether the counts of ``block`` fit the rule of `choice.meets`; the accurate network is one of them.
    """
    best = front(found)
    genomes = sorted({*best, *space.homogeneous()}, key=lambda genome: (space.energy(genome), genome))
    count = block[1] - block[0]

    def counts(genome: Genome) -> dict[str, int]:
        wrong, fooled, _ = found[genome]
        return {"n": count, "correct": count - int(wrong), "robust": count - int(fooled)}

    exact = counts((list(space.energies).index(ACCURATE),) * len(space.products))
    assignments = [space.assignment(genome) for genome in genomes]
    figures = plan.measure(assignments, final, lambda _, now, most: progress("final figures", now, most))
    return [
        {
            "units": units,
            "homogeneous": units[next(iter(units))] if len(set(genome)) == 1 else None,
            "energy": space.energy(genome),
            "front": genome in best,
            "meets": meets(counts(genome), exact, loss),
            "searched": counts(genome),
            "accuracy": _rate(one["correct"], one["n"]),
            "robust": _rate(one["robust"], one["n"]),
        }
        for genome, units, one in zip(genomes, assignments, figures, strict=True)
    ]


def _rate(k: int, n: int) -> dict[str, Any]:
    return {"n": n, "k": k, "rate": k / n, "interval": wilson(k, n)}
