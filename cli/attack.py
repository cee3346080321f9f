"""``axmac attack``: adversarial images made on exact arithmetic, shown to approximate arithmetic."""

import io
from pathlib import Path
from typing import Annotated, Any

import typer

from axmac.cli.networks import Checkpoints, Data, Net, described, first, load_data, load_net
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting, require_folder
from axmac.model.spec import InputError, catalog

__all__ = ["attack"]

_PICTURED = 5
"""Images in the picture."""


def attack(
    net: Net = "lenet5",
    *,
    unit: Annotated[str, typer.Option("--mul", help="Id or alias of a unit.")] = "ax_fpm",
    layers: Annotated[str, typer.Option(help="conv or all.")] = "conv",
    method: Annotated[str, typer.Option("--attack", help="Name of an attack.")] = "fgsm",
    eps: Annotated[str, typer.Option(help="Largest changes of a pixel, separated by commas.")] = "0.05,0.1,0.2,0.3",
    data: Data = "auto",
    images: Annotated[int, typer.Option("--n", min=1, help="Images of the test set.")] = 1000,
    checkpoints: Checkpoints = Path("build/networks"),
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> None:
    """Make adversarial images on the exact network and count how many also fool the approximate one.

    With --out, images go to an .npz and a picture beside the result.

    Example: axmac attack lenet5 --mul ax_fpm --layers conv --eps 0.1,0.2
    """
    from axmac.model.attack import transfer
    from axmac.model.nn import approximate
    from axmac.model.report import new_result
    from axmac.model.report.figures import draw_examples

    spec = catalog[unit]
    check_out(out)
    sizes = _numbers(eps)
    if layers not in ("conv", "all"):
        raise InputError(f"--layers must be conv or all, not {layers!r}")
    with reporting() as progress:
        dataset, _ = first(load_data(data, "test", net, progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        target = approximate(module, spec, layers=layers)
        found = transfer(module, target, dataset, sizes, attack=method, progress=progress)
    name = f"attack-{method}-{net}-{dataset.name}-{spec.id}-{layers}"
    result = new_result(
        "transfer",
        found.rows,
        seed=seed,
        spec=spec,
        layers=layers,
        gradient="exact",
        net=entry,
        data=described(dataset, found.indices),
        attack={**found.attack, "source": "torch float32", "target": spec.id},
        threads=found.threads,
    )
    if out is not None:
        examples = _save_examples(require_folder(out) / f"{name}.npz", found.examples[-1], seed)
        title = f"{method} on {net}, eps {sizes[-1]:g}: exact against {spec.id} ({layers})"
        draw_examples(examples, examples.with_suffix(".png"), title=title)
    finish(result, name, as_json=as_json, out=out)


def _numbers(text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise InputError(f"--eps must be numbers separated by commas, not {text!r}") from None


def _save_examples(path: Path, examples: Any, seed: int) -> Path:
    """Images and predictions at one eps, with their places in the data set and the seed."""
    import numpy as np

    from axmac.model.spec.files import write_whole

    arrays = {
        "clean": examples.clean,
        "adversarial": examples.adversarial,
        "label": examples.labels,
        "source_before": examples.labels,
        "target_before": examples.labels,
        "source_after": examples.source,
        "target_after": examples.target,
    }
    pictured = {name: value[:_PICTURED].numpy() for name, value in arrays.items()}
    content = io.BytesIO()
    np.savez(content, indices=np.array(examples.indices[:_PICTURED]), seed=seed, eps=examples.eps, **pictured)
    return write_whole(path, content.getvalue())
