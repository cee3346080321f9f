"""``axmac eval``: accuracy and speed of a network on exact and on approximate arithmetic."""

from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.cli.networks import Checkpoints, Data, Net, described, first, load_data, load_net
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting
from axmac.model.spec import InputError, catalog

__all__ = ["evaluate"]

_WARM_UP = 256
"""Images that are classified before the clock starts: kernels are compiled, memory is mapped."""


def evaluate(
    net: Net = "lenet5",
    *,
    unit: Annotated[str, typer.Option("--mul", help="Id or alias of a unit.")] = "ax_fpm",
    layers: Annotated[list[str], typer.Option(help="conv or all; may be given twice.")] = ("conv", "all"),
    data: Data = "auto",
    images: Annotated[int | None, typer.Option(min=1, help="Images of the test set. Default: all.")] = None,
    checkpoints: Checkpoints = Path("build/networks"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Classify the test set with torch's own float32, then on the unit in convolutions or in all layers.

    Example: axmac eval lenet5 --mul ax_fpm --layers conv --layers all
    """
    from axmac.model.nn import approximate
    from axmac.model.report import new_result

    spec = catalog[unit]
    check_out(out)
    wrong = set(layers) - {"conv", "all"}
    if wrong:
        raise InputError(f"--layers must be conv or all, not {sorted(wrong)[0]!r}")
    with reporting() as progress:
        dataset, indices = first(load_data(data, "test", progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        rows = [_row("torch float32", "all", module, dataset, progress)]
        for chosen in layers:
            rows.append(_row(spec.id, chosen, approximate(module, spec, layers=chosen), dataset, progress))
    for row in rows:
        row["time_ratio"] = row["seconds"] / rows[0]["seconds"]
    context = {
        "layers": ",".join(layers),
        "net": entry,
        "data": described(dataset, indices),
        "threads": rows[0]["threads"],
    }
    result = new_result("eval", rows, seed=seed, spec=spec, **context)
    finish(result, f"eval-{net}-{dataset.name}-{spec.id}", as_json=as_json, out=out)


def _row(arithmetic: str, layers: str, module: Any, dataset: Any, progress: Any) -> dict[str, Any]:
    from axmac.model.attack import wilson
    from axmac.model.nn.evaluate import accuracy, predict

    predict(module, dataset.images[:_WARM_UP])
    figures = accuracy(
        module, dataset, progress=lambda _, done, total: progress(f"{arithmetic}, {layers}", done, total)
    )
    interval = wilson(figures["correct"], figures["n"])
    return {"arithmetic": arithmetic, "layers": layers, **figures, "interval": interval}
