"""How much a QUANOS study does: schedules, attacks, images; and the networks that it compares."""

from dataclasses import asdict, dataclass
from typing import Any

from axmac.model.attack.hardening import Hardener

__all__ = [
    "ABLATION_EPS",
    "ABLATION_SHARES",
    "EXTENTS",
    "FIGURE_EPS",
    "HARDENERS",
    "STRONG_EPS",
    "TABLE_EPS",
    "Extent",
    "Model",
    "runs",
]

QUANOS = "QUANOS"


@dataclass(frozen=True)
class Extent:
    """``train`` images (None: all), so many ``epochs``, the first ``warmup`` of them at 16 bits; ``tested`` images for
    FGSM and PGD, ``strong`` ones for the strongest attack, ``ablated`` ones and ``draws`` of units for ablation.
    """

    train: int | None
    warmup: int
    epochs: int
    tested: int
    strong: int
    ablated: int
    draws: int


EXTENTS = {
    "quick": Extent(1_280, 1, 3, 60, 20, 40, 1),
    "full": Extent(None, 2, 5, 1_000, 100, 250, 3),
}
"""The paper: 50,000 images, 210 epochs, 30 of them at 16 bits, and all 10,000 test images. Ours fit on two cores."""

HARDENERS = {
    "fgsm": Hardener("fgsm", eps=8 / 255, steps=1, rel_step=1.0, random_start=False),
    "pgd": Hardener("pgd", eps=8 / 255, steps=2, rel_step=3 / 4, random_start=True),
}
"""Adversarial training; PGD with two steps of 6 / 255 in place of seven of 2 / 255, which take twice the time."""

_STEP = 2 / 255
_PGD_STEPS = 7
FIGURE_EPS = {"fgsm": (0.05, 0.1, 0.15, 0.2, 0.25, 0.3), "pgd": (8 / 255, 16 / 255, 32 / 255)}
"""Of figures 3 and 4."""
TABLE_EPS = (2 / 255, 8 / 255, 16 / 255)
"""Of tables IV and VII, for both attacks."""
STRONG_EPS = (2 / 255, 8 / 255)
ABLATION_EPS = 0.05
ABLATION_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class Model:
    """A network of a study: homogeneous with ``bits``, or QUANOS for None; hardened or not."""

    bits: int | None
    hardening: str | None = None

    @property
    def label(self) -> str:
        """As the paper's tables call it."""
        return QUANOS if self.bits is None else f"{self.bits}-bit"

    @property
    def name(self) -> str:
        """Unique in a study."""
        return self.label if self.hardening is None else f"{self.label}-{self.hardening}"

    def training(self, extent: Extent) -> dict[str, Any]:
        """Its part of the arguments of `models.trained`."""
        hardener = None if self.hardening is None else asdict(HARDENERS[self.hardening])
        schedule = {"images": extent.train, "warmup_epochs": extent.warmup, "epochs": extent.epochs}
        return {"bits": self.bits, "hardening": hardener, **schedule}


def runs() -> list[dict[str, Any]]:
    """The attacks of figures 3 and 4 and tables IV and VII: PGD makes seven steps of 2 / 255.

    From the image itself these reach no further than 14 / 255, and 16 / 255 and 32 / 255 would be the same attack; so
    PGD starts anywhere within eps, as in the study that the paper cites for it (Madry et al., ICLR 2018).
    """
    pgd = {"steps": _PGD_STEPS, "random_start": True}
    found = [{"attack": "fgsm", "eps": eps, "settings": {}} for eps in (*FIGURE_EPS["fgsm"], *TABLE_EPS)]
    steps = sorted({*FIGURE_EPS["pgd"], *TABLE_EPS})
    found += [{"attack": "pgd", "eps": eps, "settings": {**pgd, "rel_step": _STEP / eps}} for eps in steps]
    return [{"name": f"{run['attack']} {run['eps']:.4f}", **run} for run in found]
