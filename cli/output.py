"""What verbs share: progress bars on stderr, tables on stdout, ``--json`` for machines, result files."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.model.spec import InputError

__all__ = ["Json", "Out", "Seed", "emit_json", "finish", "print_table", "progress_bar", "require_folder"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the result file and pictures.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of everything drawn at random.")]


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on stderr; gives a function that takes what is done so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(description, total=total)
        yield lambda done: bar.update(task, completed=done)


def print_table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    """A table on stdout; as wide as its text where stdout is no terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 240
    Console(markup=False, highlight=False, width=width).print(table)


def emit_json(value: Any) -> None:
    """One JSON document on stdout."""
    print(json.dumps(value, indent=1, allow_nan=False))


def require_folder(folder: Path) -> Path:
    """The folder, made where it is missing; ``InputError`` where a file is in the way or writing is not allowed."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be made a folder ({error.strerror}): choose another --out") from error
    return folder


def finish(result: dict[str, Any], name: str, *, as_json: bool, out: Path | None) -> None:
    """Prints a result as its table or as JSON, and writes it to ``out/name.json``."""
    from axmac.model.report import save, table_of

    if as_json:
        emit_json(result)
    else:
        print_table(*table_of(result))
        for alarm in result["alarms"]:
            print(f"alarm: {alarm}")
    if out is not None:
        path = save(result, require_folder(out) / f"{name}.json")
        print(f"result: {path}", file=sys.stderr)
