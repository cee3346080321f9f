"""The command ``axmac``: one verb a module; a verb loads the stages that it needs when it is called."""

import os
import sys

import typer

from axmac.cli import (
    agree,
    attack,
    bench,
    check_vectors,
    coverage,
    emit,
    errors,
    evaluate,
    explore,
    export,
    import_unit,
    list_units,
    mul,
    mutate,
    ppa,
    quanos,
    regress,
    replay,
    report,
    search,
    study,
    train,
    verify,
)
from axmac.model.spec import InputError

__all__ = ["app", "main"]

app = typer.Typer(
    name="axmac",
    help="Approximate arithmetic units as Verilog, as a bit-exact model, as fast CNN layers, and under attack.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command("list")(list_units.list_units)
app.command("emit")(emit.emit)
app.command("verify")(verify.verify)
app.command("check-vectors")(check_vectors.check_vectors)
app.command("mutate")(mutate.mutate)
app.command("regress")(regress.regress)
app.command("coverage")(coverage.coverage)
app.command("ppa")(ppa.ppa)
app.command("mul", context_settings={"ignore_unknown_options": True})(mul.mul)
app.command("errors")(errors.errors)
app.command("import")(import_unit.import_unit)
app.command("export")(export.export)
app.command("agree")(agree.agree)
app.command("explore")(explore.explore)
app.command("train")(train.train)
app.command("eval")(evaluate.evaluate)
app.command("replay")(replay.replay)
app.command("attack")(attack.attack)
app.command("study")(study.study)
app.command("search")(search.search)
app.command("quanos")(quanos.quanos)
app.command("bench")(bench.bench)
app.command("report")(report.report)


def main(arguments: list[str] | None = None) -> None:
    """Runs one verb and exits: 0 pass, 1 a mismatch or an alarm, 2 bad input (one line that names it)."""
    try:
        status = app(arguments, standalone_mode=False)
    except InputError as error:
        status = _refuse(str(error))
    except typer.TyperException as error:
        status = _refuse(error.format_message())
    except (typer.Abort, KeyboardInterrupt):
        status = _refuse("interrupted", 130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    sys.exit(status or 0)


def _refuse(message: str, status: int = 2) -> int:
    if message:
        print(f"axmac: {message}", file=sys.stderr)
    return status
