"""``axmac report``: the tables of a folder of results."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import print_table
from axmac.model.spec import InputError

__all__ = ["report"]


def report(folder: Annotated[Path, typer.Argument(help="Folder with result files.")]) -> None:
    """Print the table of every result in a folder; write them to tables.md and, with all pictures, to report.html.

    Where the folder has costs (`axmac ppa`) and a study of units (`axmac study catalog`), the picture pareto.png sets
    energy against error, accuracy and robustness.

    Example: axmac report build/demo
    """
    from axmac.model.report import load_folder, markdown, tables_of
    from axmac.model.report.html import html_page, pictures_of
    from axmac.model.report.pareto import PARETO, pareto_points, pareto_table
    from axmac.model.spec.files import write_whole

    results = load_folder(folder)
    tables = [table for result in results.values() for table in tables_of(result)]
    points = pareto_points(results.values())
    if points:
        from axmac.model.report.figures import draw_points

        tables.append(pareto_table(points))
        draw_points(points, folder / f"{PARETO}.png")
    for table in tables:
        print_table(*table)
    pages = {
        "tables.md": "\n".join(map(markdown, tables)),
        "report.html": html_page(results, pictures_of(folder)),
    }
    for name, text in pages.items():
        try:
            write_whole(folder / name, text.encode())
        except OSError as error:
            raise InputError(f"{folder / name}: cannot be written ({error.strerror}): remove what is there") from error
    for kind, pattern in (("tables", "tables.md"), ("picture", "*.png"), ("page", "report.html")):
        for path in sorted(folder.glob(pattern)):
            print(f"{f'{kind}:':<10}{path}")
