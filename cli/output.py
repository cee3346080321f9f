"""What verbs share: progress bars on stderr, tables on stdout, ``--json`` for machines, result files."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.model.spec import InputError

__all__ = [
    "Json",
    "Out",
    "Seed",
    "check_out",
    "emit_json",
    "finish",
    "print_table",
    "progress_bar",
    "reporting",
    "require_folder",
]

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Out = Annotated[Path | None, typer.Option("--out", "-o", help="Folder for the result file and pictures.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of everything drawn at random.")]


@contextmanager
def reporting() -> Iterator[Callable[[str, int, int], None]]:
    """Bars on stderr where it is a terminal; gives a function (what, done, total), with a bar for each ``what``."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, Any] = {}
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:

        def advance(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield advance


@contextmanager
def progress_bar(description: str, total: int) -> Iterator[Callable[[int], None]]:
    """One bar of a known length; gives a function that takes what is done so far."""
    with reporting() as advance:
        yield lambda done: advance(description, done, total)


def print_table(title: str, heads: list[str], rows: list[list[str]]) -> None:
    """A table on stdout, its first column never wrapped; as wide as its text where stdout is no terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table(*heads, title=title, title_justify="left")
    table.columns[0].no_wrap = True
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else 400
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


def check_out(out: Path | None) -> None:
    """Refuses a folder that cannot be written before the work that fills it begins."""
    if out is not None:
        require_folder(out)


def finish(result: dict[str, Any], name: str, *, as_json: bool, out: Path | None) -> None:
    """Prints a result as its table or as JSON, and writes it to ``out/name.json``."""
    from axmac.model.report import save, tables_of

    if as_json:
        emit_json(result)
    else:
        for table in tables_of(result):
            print_table(*table)
        for alarm in result["alarms"]:
            print(f"alarm: {alarm}")
    if out is not None:
        path = save(result, require_folder(out) / f"{name}.json")
        print(f"result: {path}", file=sys.stderr)
