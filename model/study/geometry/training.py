"""Training of many networks at once: each as if it were alone, and each stopped where its own validation says."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from axmac.model.study.geometry.networks import Parameters, initial, logits, losses, predicted, rounded

__all__ = ["Fitted", "Recipe", "fit", "for_networks", "split"]

_HELD_OUT = 10
"""One of so many training points is held out for validation: the paper's 10 %."""


@dataclass(frozen=True)
class Recipe:
    """Units of the layers, activation, gain before it, and how it is trained.

    A network stops ``patience`` epochs after its best accuracy on the points held out, at ``epochs`` at the latest.
    """

    sizes: tuple[int, int, int]
    activation: str
    gain: float
    batch: int
    epochs: int
    patience: int
    rate: float = 0.001


@dataclass(frozen=True)
class Fitted:
    """Rounded parameters of N networks at their best epoch, that ``epoch`` [N] (from 1), its validation accuracy [N].

    ``epochs`` [N]: how many each was trained.
    """

    parameters: Parameters
    epoch: Tensor
    accuracy: Tensor
    epochs: Tensor


def split(points: int, seed: int) -> tuple[Tensor, Tensor]:
    """Places of the points that train and of those held out, drawn by the seed."""
    order = torch.randperm(points, generator=torch.Generator().manual_seed(seed))
    held = points // _HELD_OUT
    return order[held:], order[:held]


def for_networks(x: Tensor, owner: Tensor) -> Tensor:
    """Tensors [S, ...] of S seeds, once for each of N networks [N, ...], ``owner`` [N] the places of their seeds."""
    return x.expand(len(owner), *x.shape[1:]) if len(x) == 1 else x[owner]


def fit(x: Tensor, labels: Tensor, bits: Sequence[int], seeds: Sequence[int], recipe: Recipe) -> Fitted:
    """Trains a network for each of S seeds and Q bits, N = S x Q in this order, on points [S, n, inputs] of each seed.

    Adam on the sum of mean losses, weights and biases kept in [-1, 1], their rounded values in every forward pass, the
    gradient straight through. Seed, start, held-out points and order are the same for all bits of a seed. The numbers
    of a network do not depend on the others, but for the last bits of sums.
    """
    owner = torch.arange(len(seeds)).repeat_interleave(len(bits))
    widths = torch.tensor(bits).repeat(len(seeds))
    generators = [torch.Generator().manual_seed(2 * seed + 1) for seed in seeds]
    starts = [initial(recipe.sizes, generator) for generator in generators]
    current = Parameters(*(torch.cat(parts)[owner].to(x.dtype) for parts in zip(*starts, strict=True)))
    parts = [split(x.shape[1], seed) for seed in seeds]
    train, held = (torch.stack(places) for places in zip(*parts, strict=True))
    seat = torch.arange(len(seeds))[:, None]
    best = rounded(current, widths)
    accuracy = torch.full((len(owner),), -1.0)
    epoch, epochs = torch.zeros(len(owner), dtype=torch.long), torch.zeros(len(owner), dtype=torch.long)
    active, optimizer = torch.arange(len(owner)), _adam(current, recipe.rate)
    for now in range(1, recipe.epochs + 1):
        orders = torch.stack(
            [own[torch.randperm(len(own), generator=one)] for own, one in zip(train, generators, strict=True)]
        )
        for places in orders.split(recipe.batch, 1):
            batch, wanted = (for_networks(values[seat, places], owner[active]) for values in (x, labels))
            _update(current, optimizer, batch, wanted, widths[active], recipe)
        found = rounded(current, widths[active])
        shown, wanted = (for_networks(values[seat, held], owner[active]) for values in (x, labels))
        right = _accuracy(found, shown, wanted, recipe)
        epochs[active] = now
        better = right > accuracy[active]
        for kept, new in zip(best, found, strict=True):
            kept[active[better]] = new[better]
        accuracy[active[better]], epoch[active[better]] = right[better], now
        keep = now - epoch[active] < recipe.patience
        if not keep.any():
            break
        if not keep.all():
            current, optimizer = _kept(current, optimizer, keep, recipe.rate)
            active = active[keep]
    return Fitted(best, epoch, accuracy, epochs)


def _update(
    current: Parameters, optimizer: torch.optim.Adam, x: Tensor, labels: Tensor, bits: Tensor, recipe: Recipe
) -> None:
    """One step of Adam, from the gradient at the rounded values."""
    values = Parameters(*(part.requires_grad_() for part in rounded(current, bits)))
    outputs = logits(values, x, recipe.activation, recipe.gain)
    losses(outputs, labels.contiguous()).mean(1).sum().backward()
    for part, value in zip(current, values, strict=True):
        part.grad = value.grad
    optimizer.step()
    for part in current:
        part.clamp_(-1, 1)


def _accuracy(parameters: Parameters, x: Tensor, labels: Tensor, recipe: Recipe) -> Tensor:
    right = predicted(logits(parameters, x, recipe.activation, recipe.gain)) == labels
    return right.float().mean(1)


def _adam(parameters: Parameters, rate: float) -> torch.optim.Adam:
    return torch.optim.Adam(list(parameters), lr=rate, fused=True)


def _kept(
    parameters: Parameters, optimizer: torch.optim.Adam, keep: Tensor, rate: float
) -> tuple[Parameters, torch.optim.Adam]:
    """Parameters and optimizer without the networks that have stopped."""
    made = parameters.at(keep)
    fresh = _adam(made, rate)
    for old, new in zip(parameters, made, strict=True):
        fresh.state[new] = {name: value[keep] if value.dim() else value for name, value in optimizer.state[old].items()}
    return made, fresh
