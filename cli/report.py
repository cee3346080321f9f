"""``axmac report``: the tables of a folder of results."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.output import print_table
from axmac.model.spec import InputError

__all__ = ["report"]


def report(folder: Annotated[Path, typer.Argument(help="Folder with result files.")]) -> None:
    """Print the table of every result in a folder, write them to tables.md there, and name the pictures.

    Example: axmac report build/demo
    """
    from axmac.model.report import load_folder, markdown, table_of
    from axmac.model.spec.files import write_whole

    tables = [table_of(result) for result in load_folder(folder).values()]
    for table in tables:
        print_table(*table)
    page = folder / "tables.md"
    try:
        write_whole(page, "\n".join(map(markdown, tables)).encode())
    except OSError as error:
        raise InputError(f"{page}: cannot be written ({error.strerror}): remove what is there") from error
    print(f"tables:   {page}")
    for picture in sorted(folder.glob("*.png")):
        print(f"picture:  {picture}")
