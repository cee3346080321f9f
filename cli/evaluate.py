"""``axmac eval``: accuracy and speed of a network on exact and on approximate arithmetic."""

from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.cli.int8 import Calibration, Percentile, assigned, assigned_nets, beside_exact, check_options, int8_nets
from axmac.cli.networks import Checkpoints, Data, Net, described, first, load_data, load_net
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting
from axmac.model.spec import InputError, IntMul, catalog

__all__ = ["evaluate"]

_BATCH = 256
"""Images that are classified at a time."""
_WARM_UP = 32
"""Black images before the first batch: kernels are compiled by then."""
_TIMED = 128
"""Images of the batch that is timed."""


def evaluate(
    net: Net = "lenet5",
    *,
    unit: Annotated[str | None, typer.Option("--mul", help="Id or alias of a unit. Default: ax_fpm.")] = None,
    layers: Annotated[
        list[str], typer.Option(help="conv or all; may be given twice. Or an assignment.json of `axmac search`.")
    ] = ("conv", "all"),
    data: Data = "auto",
    images: Annotated[
        str | None, typer.Option(help="So many images of the test set, or an .npz of `axmac attack`. Default: all.")
    ] = None,
    checkpoints: Checkpoints = Path("build/networks"),
    calibration: Calibration = None,
    percentile: Percentile = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Classify the test set with torch's own float32, then on the unit in convolutions or in all layers.

    Seconds, images/s and products/s are those of the whole test set. The time over torch float32 is the ratio of two
    medians: after a warm-up, all arithmetics classify one batch of 128 images five times in turn. With --out a run that
    was killed goes on after the last batch that it finished.

    An integer unit runs in int8: the network is quantised after training, steps from the first images of the training
    set, and stands beside exact int8; layers without the unit multiply exactly, in int8 too. A file of `axmac search`
    gives each layer its own integer unit.

    Example: axmac eval lenet5 --mul ax_fpm --layers conv --layers all

    Example: axmac eval lenet5 --mul s8_drum_k6

    Example: axmac eval lenet5 --layers build/search/search-lenet5-mnist-fgsm-eps0.1-seed0/assignment.json
    """
    from axmac.model.nn import approximate
    from axmac.model.nn.evaluate import batch_seconds
    from axmac.model.report import new_result

    assignment = assigned(layers, net, unit)
    spec = None if assignment else catalog[unit or "ax_fpm"]
    check_options(spec, calibration, percentile)
    check_out(out)
    with reporting() as progress:
        dataset, indices, origin = _chosen(load_data(data, "test", net, progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        nets, about = {("torch float32", "all"): module}, None
        source = (dataset.name, net, progress)
        if assignment:
            made, about = assigned_nets(module, layers[0], assignment, calibration, percentile, source)
            nets |= made
        elif isinstance(spec, IntMul):
            made, about = int8_nets(module, beside_exact(spec, layers), calibration, percentile, source)
            nets |= made
        else:
            nets |= {(spec.id, chosen): approximate(module, spec, layers=chosen) for chosen in layers}
        what = spec.id if spec else "assignment"
        name = f"eval-{net}-{dataset.name}-{what}" + (f"-{Path(images).stem}" if origin else "")
        parts = ["exact", *(chosen if spec and unit == spec.id else unit for unit, chosen in list(nets)[1:])]
        states = [out and out / f".{name}-{len(dataset)}-{part}.state" for part in parts]
        rows = [_row(*key, nets[key], dataset, progress, state) for key, state in zip(nets, states, strict=True)]
        taken = batch_seconds(list(nets.values()), dataset.images[:_TIMED], progress=progress)
    for row, seconds in zip(rows, taken, strict=True):
        row |= {"batch_seconds": seconds, "time_ratio": seconds / taken[0]}
        if about and row is not rows[0]:
            row["calibration"] = about
    if assignment:
        rows[-1]["units"] = assignment.layers
    context = {
        "layers": rows[-1]["layers"] if assignment else ",".join(layers),
        "net": entry,
        "data": described(dataset, indices),
        "attack": origin,
        "threads": rows[0]["threads"],
    }
    result = new_result("eval", rows, seed=seed, spec=spec, **context)
    finish(result, name, as_json=as_json, out=out)
    for state in filter(None, states):
        state.unlink()


def _chosen(dataset: Any, images: str | None) -> tuple[Any, str | list[int], dict[str, Any] | None]:
    """The images to classify, their indices, and the attack that made them, None for those of the data set."""
    from axmac.model.attack import saved

    if images is None or images.isdecimal():
        if images is not None and int(images) < 1:
            raise InputError(f"--images must be at least 1, or a file, not {images}")
        return *first(dataset, images and int(images)), None
    found = saved.read(Path(images), dataset)
    return found.dataset, found.indices, found.attack


def _row(arithmetic: str, layers: str, module: Any, dataset: Any, progress: Any, state: Path | None) -> dict[str, Any]:
    import torch

    from axmac.model.attack import wilson
    from axmac.model.nn.evaluate import accuracy, predict

    predict(module, torch.zeros_like(dataset.images[:_WARM_UP]))
    figures = accuracy(
        module,
        dataset,
        batch_size=_BATCH,
        state=state,
        progress=lambda _, done, total: progress(f"{arithmetic}, {layers}", done, total),
    )
    interval = wilson(figures["correct"], figures["n"])
    return {"arithmetic": arithmetic, "layers": layers, **figures, "interval": interval}
