"""``axmac attack``: adversarial images made on exact arithmetic, shown to approximate arithmetic, or the other way."""

from pathlib import Path
from typing import Annotated

import typer

from axmac.cli.adaptive import attack_adaptively, check_excluded
from axmac.cli.int8 import Calibration, Percentile, check_options
from axmac.cli.networks import Checkpoints, Data, Net, described, first, load_data, load_net
from axmac.cli.output import Json, Out, Seed, check_out, finish, reporting, require_folder
from axmac.cli.victims import chosen_source, victims
from axmac.model.spec import InputError, catalog

__all__ = ["attack"]


def attack(
    net: Net = "lenet5",
    *,
    unit: Annotated[str, typer.Option("--mul", help="Id or alias of a unit.")] = "ax_fpm",
    layers: Annotated[str, typer.Option(help="conv or all.")] = "conv",
    method: Annotated[str | None, typer.Option("--attack", help="Name of an attack. Default: fgsm.")] = None,
    protocol: Annotated[
        str, typer.Option(help="budget: within eps; minimal: the nearest image that fools the exact network.")
    ] = "budget",
    eps: Annotated[
        str | None, typer.Option(help="Distances in the attack's norm. Default: 0.05,0.1,0.2,0.3; adaptive: 0.1,0.2.")
    ] = None,
    margin: Annotated[
        str | None, typer.Option(help="With minimal: multiples of the smallest perturbation. Default: 1.")
    ] = None,
    targeted: Annotated[bool, typer.Option("--targeted", help="Aim at the class after the true one.")] = False,
    adaptive: Annotated[
        bool, typer.Option("--adaptive", help="All attacks on the approximate network itself; the strongest counts.")
    ] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer steps than published.")] = False,
    source: Annotated[
        str | None,
        typer.Option(
            help="The network that images are made on: float32; int8, the exact int8 network (default for integer "
            "units); unit, the approximate network itself, then shown to the accurate one."
        ),
    ] = None,
    data: Data = "auto",
    images: Annotated[
        int | None,
        typer.Option("--n", min=1, help="Images of the test set. Default: 1000; with --adaptive 100, quick 20."),
    ] = None,
    checkpoints: Checkpoints = Path("build/networks"),
    calibration: Calibration = None,
    percentile: Percentile = None,
    seed: Seed = 0,
    as_json: Json = False,
    out: Out = None,
) -> int:
    """Make adversarial images on the exact network and count how many also fool the approximate one.

    With --out, all images go to an .npz for each eps or margin, which `axmac eval --images` reads, and a picture of a
    few beside the result.

    With --adaptive, the attacks know the approximate network: its gradients by both backward passes, every loss and
    scale, attacks without gradients, and images of the exact network; alarms say why few images fell (exit status 1).

    An integer unit is attacked in int8, quantised as `axmac eval` does it; gradients pass straight through its
    roundings.

    Example: axmac attack lenet5 --attack deepfool --protocol minimal --margin 1,1.1,1.25,1.5 --n 200

    Example: axmac attack lenet5 --mul s8_drum_k6 --attack pgd --source unit
    """
    from axmac.model.attack import saved, transfer
    from axmac.model.report import new_result
    from axmac.model.report.figures import draw_examples
    from axmac.model.spec.files import write_whole

    spec = catalog[unit]
    check_options(spec, calibration, percentile)
    usual, source = source is None, chosen_source(spec, source)
    check_out(out)
    if layers not in ("conv", "all"):
        raise InputError(f"--layers must be conv or all, not {layers!r}")
    if adaptive:
        excluded = {"--attack": method is not None, "--margin": margin is not None, "--targeted": targeted}
        check_excluded(excluded | {f"--protocol {protocol}": protocol != "budget", "--source unit": source == "unit"})
        count = images or (20 if quick else 100)
        where = {"data": data, "images": count, "checkpoints": checkpoints}
        options = {"layers": layers, "quick": quick, "seed": seed, "as_json": as_json, "out": out}
        options |= {"source": source, "calibration": (calibration, percentile)}
        return attack_adaptively(net, spec, _numbers("--eps", eps or "0.1,0.2"), **where, **options)
    sizes, method, images = _sizes(protocol, eps, margin), method or "fgsm", images or 1000
    with reporting() as progress:
        dataset, _ = first(load_data(data, "test", net, progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        pair = victims(module, spec, layers, source, (calibration, percentile), (dataset.name, net, progress))
        shown = [(pair.name, pair.accurate), (spec.id, pair.approximate)]
        (made_on, attacked), (tested_on, target) = shown[::-1] if source == "unit" else shown
        options = {"attack": method, "protocol": protocol, "targeted": targeted, "quick": quick, "seed": seed}
        found = transfer(attacked, target, dataset, sizes, **options, progress=progress)
    what = "".join([method, "-minimal" * (protocol == "minimal"), "-targeted" * targeted, "-quick" * quick])
    name = f"attack-{what}-{net}-{dataset.name}-{spec.id}-{layers}" + ("" if usual else f"-from-{source}")
    description = {**found.attack, "source": made_on, "target": tested_on}
    result = new_result(
        "transfer",
        [row | pair.about for row in found.rows],
        seed=seed,
        spec=spec,
        layers=layers,
        gradient=next(iter(pair.by_gradient)),
        net=entry,
        data=described(dataset, found.indices),
        attack=description,
        threads=found.threads,
    )
    if out is not None:
        word = "margin" if protocol == "minimal" else "eps"
        for examples in found.examples:
            content = saved.pack(examples, dataset, description, seed)
            file = write_whole(require_folder(out) / f"{name}-{word}{examples.size:g}.npz", content)
        title = f"{method} on {net}, {word} {sizes[-1]:g}: {made_on} against {tested_on} ({layers})"
        draw_examples(file, require_folder(out) / f"{name}.png", title=title)
    finish(result, name, as_json=as_json, out=out)
    return 0


def _sizes(protocol: str, eps: str | None, margin: str | None) -> list[float]:
    if protocol not in ("budget", "minimal"):
        raise InputError(f"--protocol must be budget or minimal, not {protocol!r}")
    if protocol == "minimal":
        if eps is not None:
            raise InputError("--eps belongs to --protocol budget: use --margin")
        return _numbers("--margin", margin or "1")
    if margin is not None:
        raise InputError("--margin belongs to --protocol minimal: use --eps")
    return _numbers("--eps", eps or "0.05,0.1,0.2,0.3")


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(word) for word in text.split(",")]
    except ValueError:
        raise InputError(f"{option} must be numbers separated by commas, not {text!r}") from None
