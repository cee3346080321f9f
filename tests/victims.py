"""Networks to attack: linear ones, whose nearest adversarial images are closed forms, odd ones, a trained LeNet-5."""

import os
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from axmac.model.attack import Crafted, Goal, craft, distances, settings_of
from axmac.model.nn import data, networks, training

__all__ = [
    "Case",
    "Odd",
    "assert_aims_at_a_class",
    "assert_ends_at_a_face",
    "assert_seeded",
    "crafted",
    "linear",
    "trained",
]


@dataclass(frozen=True)
class Case:
    """A network, images that it classifies right, their labels, and the distance of the nearest face in each norm.

    ``faces`` float64 [n, classes]: the L2 distance of each class's face, infinite for the label. No bound of the images
    is met on the way.
    """

    net: nn.Module
    images: Tensor
    labels: Tensor
    l2: Tensor
    linf: Tensor
    faces: Tensor

    def optimum(self, norm: str) -> Tensor:
        return {"l2": self.l2, "linf": self.linf}[norm]


def linear(classes: int, count: int = 20, shape: tuple[int, int, int] = (1, 4, 4)) -> Case:
    """Logits w x + b; the face of class c is (z_y - z_c) / ||w_y - w_c|| away in L2, and over the L1 norm in L-inf."""
    generator = torch.Generator().manual_seed(5)
    values = shape[0] * shape[1] * shape[2]
    net = nn.Sequential(nn.Flatten(), nn.Linear(values, classes)).eval()
    w = torch.randn(classes, values, generator=generator)
    with torch.no_grad():
        net[1].weight.copy_(w)
        net[1].bias.copy_(0.1 * torch.randn(classes, generator=generator) - w.sum(1) / 2)
    images = 0.35 + 0.3 * torch.rand(4000, *shape, generator=generator)
    with torch.no_grad():
        logits = net(images).double()
    labels = logits.argmax(1)
    margins = logits.gather(1, labels[:, None]) - logits
    rows = w.double()[labels][:, None] - w.double()[None]
    away = [margins / rows.norm(p=p, dim=2) for p in (2, 1)]
    for distance in away:
        distance[torch.arange(len(labels)), labels] = torch.inf
    l2, linf = (distance.min(1).values for distance in away)
    chosen = ((l2 > 0.06) & (l2 < 0.3)).nonzero().flatten()[:count]
    assert len(chosen) == count
    return Case(net, images[chosen], labels[chosen], l2[chosen], linf[chosen], away[0][chosen])


class Odd(nn.Module):
    """A linear network with a fault: ``flat`` (gradient 0), ``cut`` (no gradient), ``nan`` (NaN for bright images),
    ``all_nan``, ``constant``."""

    def __init__(self, kind: str, channels: int = 1) -> None:
        super().__init__()
        torch.manual_seed(1)
        self.kind, self.linear = kind, nn.Linear(channels * 36, 4)

    def forward(self, x: Tensor) -> Tensor:
        if self.kind == "constant":
            return torch.eye(4)[:1].expand(len(x), 4)
        seen = (x * 8).round() / 8 if self.kind == "flat" else x
        logits = self.linear(seen.flatten(1) - 0.5)
        if self.kind == "cut":
            return logits.detach()
        broken = x.flatten(1).mean(1) > (-1 if self.kind == "all_nan" else 0.55 if self.kind == "nan" else 2)
        return torch.where(broken[:, None], torch.nan, logits)


@cache
def trained() -> tuple[nn.Module, Tensor, Tensor]:
    """LeNet-5 after a short training, and 40 test images that it classifies right, with their labels."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    name = "mnist" if os.environ.get("AXMAC_DATA") else "digits"
    train, test = (data.load(name, split) for split in ("train", "test"))
    few = data.Dataset(name, "train", train.images[:1400], train.labels[:1400], train.sha256)
    net = networks.build("lenet5", seed=1)
    training.train(net, few, epochs=3, seed=1, batch_size=32)
    images, labels = test.images[:200], test.labels[:200]
    with torch.no_grad():
        right = (net(images).argmax(1) == labels).nonzero().flatten()
    assert len(right) > 150
    torch.set_num_threads(before)
    return net, images[right[:40]], labels[right[:40]]


def crafted(
    attack: str, case: Case | tuple[nn.Module, Tensor, Tensor], *, targets: Tensor | None = None, **settings: object
) -> tuple[Crafted, Tensor]:
    """The minimal protocol on a case, and the distances that it found, in the attack's own norm."""
    net, images, labels = (case.net, case.images, case.labels) if isinstance(case, Case) else case
    goal = Goal(labels) if targets is None else Goal(targets, targeted=True)
    seed = settings.pop("seed", 0)
    result = craft(net, attack, images, goal, protocol="minimal", settings=settings_of(attack, settings), seed=seed)
    return result, distances(images, result.images, result.norm)


def assert_ends_at_a_face(attack: str, **settings: object) -> None:
    """20 images of three classes end at one of the two faces, most of them at the nearer one."""
    case = linear(3, shape=(3, 2, 3))
    found, away = crafted(attack, case, **settings)
    assert found.fooled.all()
    assert (away >= case.l2 - 1e-6).all()
    assert (away <= 1.05 * case.faces.where(case.faces.isfinite(), -torch.inf).max(1).values).all()
    assert (away <= 1.05 * case.l2).float().mean() >= 0.6


def assert_seeded(attack: str, **settings: object) -> None:
    """The same images from the same seed, others from another one."""
    case = linear(2)
    first, again, other = (crafted(attack, case, seed=seed, **settings)[0].images for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def assert_aims_at_a_class(attack: str, **settings: object) -> None:
    """Of ten classes noise is hardly ever the wanted one; 20 images have the others of the batch to start from."""
    case = linear(10)
    targets = case.labels.roll(1)
    moving = targets != case.labels
    found, away = crafted(attack, case, targets=targets, **settings)
    assert int(moving.sum()) > 10
    assert found.fooled.all()
    assert (away[moving] >= case.faces.gather(1, targets[:, None])[moving, 0] - 1e-6).all()
    with torch.no_grad():
        assert torch.equal(case.net(found.images).argmax(1), targets)
