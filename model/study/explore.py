"""Searches cell maps, wirings, orientations and tiles for given error figures at low cost; runs on golden alone.

The cell map of the paper's heterogeneous multiplier (HEAP) is not public, only its statistics are: this search shows
which arrays have them.
"""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from axmac.model.golden import measure
from axmac.model.spec import EXACT, ArraySig, FloatFormat, FpMul, FullAdder, InputError, by_column, by_row

__all__ = ["Candidate", "candidates", "cell_cost", "cost_of", "explore", "pareto"]

FIGURES = ("nmed", "ratio_of_means", "mred", "larger")
_SHORT_LIST = 3
WIRINGS = tuple("".join(letters) for letters in itertools.permutations("psc"))


@dataclass(frozen=True)
class Candidate:
    """A multiplier, its measured figures, the distance to the wanted ones, and its cost.

    ``distance`` is the root mean square of the relative deviations of the wanted figures; ``cost`` counts literals
    (``cost_of``).
    """

    spec: FpMul
    figures: Mapping[str, float]
    distance: float
    cost: int


def explore(
    number_format: FloatFormat,
    wanted: Mapping[str, float],
    cells: Sequence[FullAdder],
    tiles: Sequence[int],
    *,
    budget: int = 1000,
    pairs: int = 1 << 14,
    final_pairs: int = 400_000,
    seed: int = 0,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[Candidate]:
    """The Pareto set of (distance to ``wanted``, cost), cheapest last.

    ``wanted`` maps figures of FIGURES to values above 0. Every array that ``candidates`` gives is measured on
    ``pairs`` pairs of [-1, 1]; where there are more than ``budget``, as many are drawn with ``seed``. The three nearest
    of each cost are measured again, on ``final_pairs``.
    Raises ``InputError`` for an unknown figure, a value not above 0, no figure at all, or a tile that does not fit.
    """
    for name, value in wanted.items():
        if name not in FIGURES or not value > 0:
            raise InputError(f"wanted figures must be of {', '.join(FIGURES)} and above 0, not {name}={value!r}")
    if not wanted:
        raise InputError(f"name at least one figure to search for: {', '.join(FIGURES)}")
    specs = [FpMul(number_format, sig) for tile in tiles for sig in candidates(cells, tile)]
    if len(specs) > budget:
        specs = random.Random(seed).sample(specs, budget)
    found = []
    for done, spec in enumerate(specs, start=1):
        found.append(_candidate(spec, wanted, pairs, seed))
        progress(done, len(specs))
    by_cost: dict[int, list[Candidate]] = {}
    for candidate in sorted(found, key=lambda each: each.distance):
        by_cost.setdefault(candidate.cost, []).append(candidate)
    near = [candidate for group in by_cost.values() for candidate in group[:_SHORT_LIST]]
    return pareto([_candidate(candidate.spec, wanted, final_pairs, seed) for candidate in near])


def candidates(cells: Sequence[FullAdder], tile: int) -> Iterator[ArraySig]:
    """Ripple-carry arrays of one tile size: every wiring and orientation of uniform maps, maps by row, maps by column.

    A map by column (by row) gives each column weight (each row) one of ``cells``; from 2^8 such maps on, only those
    with one change of cell, from one side to the other. Each array comes once.
    """
    maps = {None}
    for by, positions in ((by_column, range(1, 2 * tile - 1)), (by_row, range(1, tile))):
        for assignment in _assignments(cells, len(positions)):
            maps.add(by(tile, cells[0], dict(zip(positions, assignment, strict=True))))
    seen = set()
    for cell_map, rows, wiring, cell in itertools.product(
        sorted(maps, key=repr), ("activation", "weight"), WIRINGS, cells
    ):
        sig = ArraySig(cell, tile, rows=rows, wiring=wiring, cell_map=cell_map)
        if sig not in seen:
            seen.add(sig)
            yield sig


def _assignments(cells: Sequence[FullAdder], positions: int) -> Iterator[tuple[FullAdder, ...]]:
    if len(cells) ** positions < 1 << 8:
        yield from itertools.product(cells, repeat=positions)
        return
    for low, high in itertools.product(cells, repeat=2):
        for cut in range(positions + 1):
            yield (low,) * cut + (high,) * (positions - cut)


def _candidate(spec: FpMul, wanted: Mapping[str, float], pairs: int, seed: int) -> Candidate:
    figures = measure(spec, pairs, seed=seed).as_dict()
    deviations = [(figures[name] - value) / value for name, value in wanted.items()]
    distance = math.sqrt(sum(deviation**2 for deviation in deviations) / len(deviations))
    return Candidate(spec, {name: figures[name] for name in FIGURES}, distance, cost_of(spec))


def pareto(found: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that no other beats in distance and in cost, nearest first; of equals the first by id."""
    front: list[Candidate] = []
    for candidate in sorted(found, key=lambda each: (each.distance, each.cost, each.spec.id)):
        if not front or candidate.cost < front[-1].cost:
            front.append(candidate)
    return front


def cost_of(spec: FpMul) -> int:
    """Literals of the significand array: cells of all tiles, and an exact full adder for each bit of the tile sums.

    A stand-in for area that needs no synthesis; constant inputs are not taken into account.
    """
    sig = spec.significand
    tiles = (spec.format.sig_width // sig.tile) ** 2
    cells = sum(cell_cost(sig.cell_at(j, i)) for j in range(1, sig.tile) for i in range(sig.tile))
    return tiles * cells + (tiles - 1) * 2 * sig.tile * cell_cost(EXACT)


@cache
def cell_cost(cell: FullAdder) -> int:
    """Literals of the least sums of products of both outputs; a constant or a wire costs nothing."""
    return sum(_literals(column) for column in (cell.sum, cell.cout))


def _literals(column: str) -> int:
    ones = frozenset(row for row in range(8) if column[row] == "1")
    implicants = []
    for care in range(8):
        for value in range(8):
            covered = frozenset(row for row in range(8) if row & care == value)
            if value & ~care == 0 and covered <= ones:
                implicants.append((care.bit_count(), covered))
    best = math.inf
    for size in range(5):
        for chosen in itertools.combinations(implicants, size):
            if frozenset().union(*(covered for _, covered in chosen)) == ones:
                best = min(best, sum(literals for literals, _ in chosen))
    return 0 if column in ("00001111", "00110011", "01010101") else int(best)
