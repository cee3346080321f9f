"""Black-box attack: a substitute network that learns from nothing but the labels its victim gives.

Papernot et al., "Practical black-box attacks against machine learning" (AsiaCCS 2017), algorithm 1: a few seed images
are labelled by the victim and learnt; each next round adds, for every image so far, its neighbour
x + step * sign(d F_label / d x), where F is the substitute and the label the victim's, has the victim label the new
images, and learns on. Images that fool the substitute are then shown to the victim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor, nn

from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.training import train
from axmac.model.spec import InputError

__all__ = ["Answers", "Settings", "Substitute", "default_network", "neighbours", "train_substitute"]

Answers = Callable[[Tensor], Tensor]
"""All that is seen of a victim: its classes int64 [n] of float32 images [n, C, H, W] in [0, 1]."""

_CHANNELS, _HIDDEN = (16, 32), 100
_AT_ONCE = 256


@dataclass(frozen=True)
class Settings:
    """Rounds of learning (rho), the ``step`` to a neighbour (lambda), passes over the images of each round.

    As published for MNIST, where 150 images were the seed; the victim is asked for (images) * 2 ** (rounds - 1) labels.
    Raises ``InputError`` for values out of range.
    """

    rounds: int = 6
    step: float = 0.1
    epochs: int = 10
    batch_size: int = 64

    def __post_init__(self) -> None:
        for name in ("rounds", "epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} of a substitute must be at least 1, not {getattr(self, name)!r}")
        if not 0 < self.step < inf:
            raise InputError(f"step of a substitute must be finite and above 0, not {self.step!r}")


@dataclass(frozen=True)
class Substitute:
    """``module``, trained, frozen and in evaluation mode; ``queries``: the images that the victim labelled.

    ``images`` float32 [queries, C, H, W] and ``labels`` int64 [queries]: all that was asked and answered, in order.
    """

    module: nn.Module
    queries: int
    images: Tensor
    labels: Tensor


def default_network(shape: tuple[int, int, int], classes: int, seed: int = 0) -> nn.Module:
    """A network for images of ``shape`` (C, H, W) that is no copy of a victim: its architecture is not known either.

    Two 5 x 5 convolutions of stride 2 without pooling, and two linear layers. The seed draws its parameters; torch's
    own random state is left as it was.
    """
    channels, height, width = shape
    size = _CHANNELS[1] * -(-height // 4) * -(-width // 4)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Conv2d(channels, _CHANNELS[0], 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Conv2d(_CHANNELS[0], _CHANNELS[1], 5, stride=2, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(size, _HIDDEN),
            nn.ReLU(),
            nn.Linear(_HIDDEN, classes),
        )


def train_substitute(
    answers: Answers,
    images: Tensor,
    module: nn.Module,
    settings: Settings | None = None,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Substitute:
    """Trains ``module`` in place on the labels that ``answers`` gives; no image is asked for twice.

    ``images`` [n, C, H, W] are the seed: a few that the victim did not train on. The order of training follows from
    ``seed``: the same seed, module and threads give the same bits. Raises ``InputError`` for images that are not
    float32 in [0, 1], and for answers that are not a class of the module for each image.
    """
    settings = settings or Settings()
    if len(images) == 0 or images.dtype != torch.float32 or not (images.min() >= 0 and images.max() <= 1):
        raise InputError(f"a substitute needs one or more float32 images in [0, 1], not {len(images)} {images.dtype}")
    asked, labels = images, _answered(answers, images, module)
    for turn in range(settings.rounds):
        if turn > 0:
            added = neighbours(module, asked, labels, settings.step)
            asked, labels = torch.cat([asked, added]), torch.cat([labels, _answered(answers, added, module)])
        learnt = Dataset("queries", "train", asked, labels, "")
        seeded = seed * settings.rounds + turn
        train(module, learnt, epochs=settings.epochs, seed=seeded, batch_size=settings.batch_size)
        if progress is not None:
            progress("substitute", turn + 1, settings.rounds)
    return Substitute(module.requires_grad_(False), len(asked), asked, labels)


def neighbours(module: nn.Module, images: Tensor, labels: Tensor, step: float) -> Tensor:
    """Jacobian-based augmentation: images + step * sign(d F_label / d image), clipped to [0, 1], [n, C, H, W].

    F is the softmax of ``module``. Followed are its log-odds, a logit less the logsumexp of the others: their slope is
    that of F over F (1 - F), which has the same signs and does not vanish where F rounds to 1.
    """
    moved = []
    for part, label in zip(images.split(_AT_ONCE), labels.split(_AT_ONCE), strict=True):
        with torch.enable_grad():
            at = part.detach().requires_grad_()
            logits = module(at)
            others = logits.scatter(1, label[:, None], -torch.inf).logsumexp(1)
            (slope,) = torch.autograd.grad((logits.gather(1, label[:, None]).squeeze(1) - others).sum(), at)
        moved.append((part + step * slope.sign()).clamp(0, 1))
    return torch.cat(moved)


def _answered(answers: Answers, images: Tensor, module: nn.Module) -> Tensor:
    labels = answers(images)
    if labels.dtype != torch.int64 or labels.shape != (len(images),):
        raise InputError(f"a victim must answer int64 [{len(images)}], not {labels.dtype} {list(labels.shape)}")
    with torch.no_grad():
        classes = module(images[:1]).shape[1]
    if labels.min() < 0 or labels.max() >= classes:
        raise InputError(f"the victim names class {int(labels.max())}, the substitute has {classes} classes")
    return labels
