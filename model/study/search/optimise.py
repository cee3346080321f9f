"""NSGA-II over assignments: Deb et al., A Fast and Elitist Multiobjective Genetic Algorithm, IEEE TEC 6(2), 2002.

The optimiser is pymoo's. A genome is the place of a unit for each layer; places have no order, so that a mutation draws
a gene anew and a crossover takes each gene from either parent.
"""

from collections.abc import Callable

import numpy as np
from pymoo.algorithms.moo.nsga2 import NSGA2
from pymoo.core.mutation import Mutation
from pymoo.core.problem import Problem
from pymoo.operators.crossover.ux import UniformCrossover
from pymoo.optimize import minimize

__all__ = ["Genome", "front", "optimise"]

Genome = tuple[int, ...]
Objectives = tuple[float, ...]
"""What is to become as small as it can be."""
Evaluate = Callable[[list[Genome]], list[Objectives]]


def optimise(
    layers: int, units: int, evaluate: Evaluate, *, objectives: int, generations: int, population: int, seed: int
) -> dict[Genome, Objectives]:
    """All genomes that were evaluated, with their objectives, in the order in which they came.

    The first generation has the homogeneous assignments and random ones, ``population`` in all (fewer where there are
    no more). ``evaluate`` is called with the genomes of a generation that are new, and must give the same for the same:
    then the whole run depends on ``seed`` alone. It ends after ``generations``, or where crossover and mutation find
    nothing new.
    """
    found: dict[Genome, Objectives] = {}

    def figures(genomes: list[Genome]) -> np.ndarray:
        new = [genome for genome in dict.fromkeys(genomes) if genome not in found]
        found.update(zip(new, evaluate(new), strict=True))
        return np.array([found[genome] for genome in genomes], np.float64)

    algorithm = NSGA2(
        pop_size=population,
        sampling=_first(layers, units, population, seed),
        crossover=UniformCrossover(),
        mutation=_Redraw(),
        eliminate_duplicates=True,
    )
    minimize(_Assignments(layers, units, objectives, figures), algorithm, ("n_gen", generations), seed=seed)
    return found


def front(found: dict[Genome, Objectives]) -> list[Genome]:
    """The genomes that no other one beats: at most as large in every objective and smaller in one.

    Of genomes with the same objectives one stands for all: the one with the fewest different units, then the first.
    """
    best: dict[Objectives, Genome] = {}
    for genome in sorted(found, key=lambda each: (len(set(each)), each)):
        best.setdefault(found[genome], genome)
    return [
        genome
        for own, genome in best.items()
        if not any(other != own and all(a <= b for a, b in zip(other, own, strict=True)) for other in best)
    ]


class _Assignments(Problem):
    def __init__(self, layers: int, units: int, objectives: int, figures: Callable[[list[Genome]], np.ndarray]) -> None:
        super().__init__(n_var=layers, n_obj=objectives, xl=0, xu=units - 1, vtype=int)
        self._figures = figures

    def _evaluate(self, x: np.ndarray, out: dict, *_: object, **__: object) -> None:
        out["F"] = self._figures([tuple(map(int, genome)) for genome in x])


class _Redraw(Mutation):
    """Draws each gene anew with the probability of one in the number of layers."""

    def _do(
        self, problem: Problem, genes: np.ndarray, *_: object, random_state: np.random.Generator, **__: object
    ) -> np.ndarray:
        drawn = random_state.integers(0, int(problem.xu[0]) + 1, genes.shape)
        return np.where(random_state.random(genes.shape) < 1 / problem.n_var, drawn, genes)


def _first(layers: int, units: int, population: int, seed: int) -> np.ndarray:
    """The first generation, int [n, layers]: every unit in all layers, then different random genomes."""
    draw = np.random.default_rng(seed)
    genomes: dict[Genome, None] = dict.fromkeys((unit,) * layers for unit in range(units))
    wanted = min(population, units**layers)
    while len(genomes) < wanted:
        genomes[tuple(map(int, draw.integers(0, units, layers)))] = None
    return np.array(list(genomes), np.int64)
