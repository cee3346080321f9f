"""``axmac attack --adaptive``: every attack on the approximate network itself, the strongest for each image."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from axmac.cli.networks import described, first, load_data, load_net
from axmac.cli.output import finish, reporting
from axmac.cli.victims import victims
from axmac.model.spec import InputError, Multiplier

__all__ = ["attack_adaptively", "check_excluded"]


def check_excluded(given: Mapping[str, bool]) -> None:
    """``InputError`` for the first option that was given."""
    for option, here in given.items():
        if here:
            raise InputError(f"{option} does not go with --adaptive, which runs all attacks within --eps: leave it out")


def attack_adaptively(
    net: str,
    spec: Multiplier,
    sizes: Sequence[float],
    *,
    data: str,
    images: int,
    checkpoints: Path,
    layers: str,
    source: str,
    calibration: tuple[int | None, float | None],
    quick: bool,
    seed: int,
    as_json: bool,
    out: Path | None,
) -> int:
    """Prints and writes the result of all attacks at each eps; 1 where an alarm rang."""
    from dataclasses import asdict

    from axmac.model.attack.adaptive import ATTACKS, adaptive
    from axmac.model.attack.craft import settings_of
    from axmac.model.nn.layers import GRADIENTS
    from axmac.model.report import new_result

    with reporting() as progress:
        dataset, indices = first(load_data(data, "test", net, progress), images)
        module, entry = load_net(checkpoints, net, dataset, seed)
        origin = (dataset.name, net, progress)
        pair = victims(module, spec, layers, source, calibration, origin, gradients=GRADIENTS)
        attacked = (pair.by_gradient, pair.accurate, dataset.images, dataset.labels)
        found = [adaptive(*attacked, eps, quick=quick, seed=seed, progress=progress) for eps in sizes]
    result = new_result(
        "adaptive",
        [row | pair.about for one in found for row in one.rows],
        seed=seed,
        spec=spec,
        alarms=tuple(line for one in found for line in one.alarm_lines()),
        layers=layers,
        gradient=", ".join(pair.by_gradient),
        net=entry,
        data=described(dataset, indices),
        attack={
            "name": "adaptive",
            "params": {attack: asdict(settings_of(attack, quick=quick)) for attack in ATTACKS},
            "protocol": "budget",
            "norm": "linf",
            "targeted": False,
            "source": pair.name,
            "target": spec.id,
        },
    )
    name = f"adaptive{'-quick' * quick}-{net}-{dataset.name}-{spec.id}-{layers}"
    finish(result, name, as_json=as_json, out=out)
    return 1 if result["alarms"] else 0
