"""``axmac explore``: arrays of cells with wanted error figures."""

from typing import Annotated

import typer

from axmac.cli.output import Json, Seed, emit_json, print_table, progress_bar
from axmac.model.spec import CELLS, InputError
from axmac.model.spec.formats import format_named

__all__ = ["explore"]


def explore(
    *,
    nmed: Annotated[float | None, typer.Option(help="Wanted NMED on [-1, 1].")] = None,
    ratio_of_means: Annotated[float | None, typer.Option(help="Wanted mean error over mean product.")] = None,
    mred: Annotated[float | None, typer.Option(help="Wanted MRED.")] = None,
    larger: Annotated[float | None, typer.Option(help="Wanted share of products larger than exact.")] = None,
    cells: Annotated[str, typer.Option(help="Cells to build from, separated by commas.")] = "ama5,exact",
    tiles: Annotated[str, typer.Option(help="Tile widths, separated by commas.")] = "4",
    number_format: Annotated[str, typer.Option("--format", help="fp32 or bf16.")] = "fp32",
    budget: Annotated[int, typer.Option(min=1, help="Most arrays to measure.")] = 1000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Search cell maps, wirings, orientations and tiles; print the Pareto set of deviation and cost.

    Example: axmac explore --nmed 0.03 --ratio-of-means 0.12 --larger 0.34
    """
    from axmac.model.study.explore import explore as search

    wanted = {"nmed": nmed, "ratio_of_means": ratio_of_means, "mred": mred, "larger": larger}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    unknown = [name for name in cells.split(",") if name not in CELLS]
    if unknown:
        raise InputError(f"unknown cell {unknown[0]!r}: use {', '.join(CELLS)}")
    if not all(tile.isdecimal() for tile in tiles.split(",")):
        raise InputError(f"--tiles must be widths separated by commas, not {tiles!r}")
    with progress_bar("explore", budget) as advance:
        front = search(
            format_named(number_format),
            wanted,
            [CELLS[name] for name in cells.split(",")],
            [int(tile) for tile in tiles.split(",")],
            budget=budget,
            seed=seed,
            progress=lambda done, _: advance(done),
        )
    if as_json:
        keys = ("distance", "cost")
        emit_json(
            [{"id": c.spec.id, "repr": repr(c.spec), **c.figures, **{k: getattr(c, k) for k in keys}} for c in front]
        )
        return
    heads = ["id", *front[0].figures, "deviation", "cost (literals)"]
    rows = [
        [c.spec.id, *(f"{value:.4g}" for value in c.figures.values()), f"{c.distance:.4g}", f"{c.cost:,}"]
        for c in front
    ]
    print_table(f"Pareto set, seed {seed}", heads, rows)
    print("To paste:", *(repr(candidate.spec) for candidate in front), sep="\n")
