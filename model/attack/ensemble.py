"""The worst case per image: several attacks in turn, each on the images that still stand."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from torch import Tensor, nn

from axmac.model.attack import methods
from axmac.model.attack.craft import craft, settings_of
from axmac.model.attack.intervals import wilson
from axmac.model.attack.victim import Goal
from axmac.model.nn.data import Progress
from axmac.model.nn.evaluate import predict
from axmac.model.nn.registry import find
from axmac.model.spec import InputError

__all__ = ["ATTACKS", "Ensemble", "ensemble"]

ATTACKS = ("apgd_ce", "apgd_dlr", "apgd_t", "fab_t", "square")
"""Cheap and strong ones first. Networks of 3 classes have no apgd_t, those of 2 no apgd_dlr either."""


@dataclass(frozen=True)
class Ensemble:
    """What became of n images.

    ``survived`` bool [n]; ``fell_to`` n names: the attack that an image fell to, ``"clean"`` where it was classified
    wrong before any, None where it stands; ``images`` [n, C, H, W] in [0, 1], the clean ones where none was found.
    ``rows`` say of each attack its settings, how many images it met (n), how many fell to it (k), and its queries.
    """

    eps: float
    seed: int
    images: Tensor
    survived: Tensor
    fell_to: list[str | None]
    rows: list[dict]

    @property
    def robust_accuracy(self) -> dict:
        """n, k = images that survived, rate and its 95 % interval."""
        n, k = len(self.survived), int(self.survived.sum())
        return {"n": n, "k": k, "rate": k / n, "interval": wilson(k, n)}


def ensemble(
    module: nn.Module,
    images: Tensor,
    labels: Tensor,
    eps: float,
    *,
    attacks: Sequence[str] = ATTACKS,
    settings: Mapping[str, Any] | None = None,
    quick: bool = False,
    seed: int = 0,
    batch_size: int = 128,
    progress: Progress | None = None,
) -> Ensemble:
    """Attack ``module``, in evaluation mode, within ``eps``; ``labels`` int64 [n] are the true classes.

    ``settings`` by attack; the published ones, or the quick ones, for those that it does not name. Raises
    ``InputError`` for attacks in more than one norm and for what ``craft`` refuses.
    """
    norms = {find(methods.__name__, attack, "attack").NORM for attack in attacks}
    if len(norms) != 1:
        raise InputError(f"attacks must be one or more in one norm, not {', '.join(attacks)} in {sorted(norms)}")
    standing = predict(module, images, batch_size=batch_size) == labels
    fell_to: list[str | None] = [None if stands else "clean" for stands in standing.tolist()]
    made, rows = images.clone(), []
    for attack in attacks:
        places = standing.nonzero().flatten()
        chosen = (settings or {}).get(attack) or settings_of(attack, quick=quick)
        row = {"attack": attack, "settings": asdict(chosen), "n": len(places), "k": 0}
        row |= {"forward_images": 0, "backward_images": 0}
        if len(places):
            goal = Goal(labels[places])
            found = craft(
                *(module, attack, images[places], goal),
                eps=eps,
                settings=chosen,
                seed=seed,
                batch_size=batch_size,
                progress=progress,
            )
            fallen = places[found.fooled]
            made[fallen], standing[fallen] = found.images[found.fooled], False
            for place in fallen.tolist():
                fell_to[place] = attack
            row |= {"k": len(fallen), "forward_images": found.forward_images, "backward_images": found.backward_images}
        rows.append(row)
    return Ensemble(eps, seed, made, standing, fell_to, rows)
