"""``axmac report``: the tables of a folder of results."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import print_table

__all__ = ["report"]


def report(folder: Annotated[Path, typer.Argument(help="Folder with result files.")]) -> None:
    """Print the table of every result in a folder, write them to tables.md there, and name the pictures.

    Example: axmac report build/demo
    """
    from axmac.model.report import load_folder, markdown, table_of

    tables = [table_of(result) for result in load_folder(folder).values()]
    for table in tables:
        print_table(*table)
    page = folder / "tables.md"
    page.write_text("\n".join(map(markdown, tables)), encoding="utf-8")
    print(f"tables:   {page}")
    for picture in sorted(folder.glob("*.png")):
        print(f"picture:  {picture}")
