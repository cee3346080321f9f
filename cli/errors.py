"""``axmac errors``: error figures of a unit against the exact product."""

from typing import Annotated

import typer

from axmac.cli.output import Json, Out, Seed, check_out, finish, progress_bar
from axmac.model.spec import catalog

__all__ = ["errors"]


def errors(
    unit: Annotated[str, typer.Argument(help="Id or alias of a unit.")],
    *,
    pairs: Annotated[int, typer.Option("--n", min=1, help="Operand pairs.")] = 1_000_000,
    low: Annotated[float | None, typer.Option(help="Smallest operand; -1 or the least integer of the format.")] = None,
    high: Annotated[float | None, typer.Option(help="Largest operand; 1 or the largest integer.")] = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Measure MED, NMED, MRED and more on operands drawn uniformly from a range.

    Of an integer unit on all pairs of the range, where these are at most --n.

    Example: axmac errors ax_fpm --n 1000000 --seed 1
    """
    from axmac.model.golden import default_range, measure
    from axmac.model.report import new_result

    spec = catalog[unit]
    check_out(out)
    least, most = default_range(spec)
    low, high = least if low is None else low, most if high is None else high
    with progress_bar(f"errors of {spec.id}", pairs) as advance:
        figures = measure(spec, pairs, seed=seed, low=low, high=high, progress=advance)
    result = new_result("errors", [{"low": low, "high": high, **figures.as_dict()}], seed=seed, spec=spec)
    finish(result, f"errors-{spec.id}", as_json=as_json, out=out)
