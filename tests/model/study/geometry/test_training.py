"""Training of many networks at once against one network trained alone, by another program."""

import pytest
import torch
import torch.nn.functional as F

from axmac.model.study.geometry.networks import Parameters, initial, logits, predicted
from axmac.model.study.geometry.training import Recipe, fit, split

RECIPE = Recipe((6, 8, 1), "relu", 2.0, 16, 4, 2, 0.05)
"""One output: with several, equal levels out of a unit leave its gradient 0 but for rounding, which decides levels."""
BITS, SEEDS = [1, 3, 10], [4, 9]


def points(seeds=2):
    """Float64 points of two overlapping classes, so that validation accuracies go up and down."""
    random = torch.Generator().manual_seed(3)
    labels = torch.randint(2, (seeds, 120), generator=random)
    noise = torch.randn(seeds, 120, 6, generator=random, dtype=torch.float64)
    return noise + F.one_hot(labels, 6).double() * 1.5, labels


def alone(x, labels, bits, seed, recipe):
    """One network by autograd, torch's plain Adam and the textbook's straight-through estimator; the last weights."""

    def straight(w):
        levels = torch.linspace(-1, 1, 2**bits, dtype=w.dtype)
        ties_to_even = torch.arange(2**bits) % 2 * 1e-12
        nearest = levels[((w.detach()[..., None] - levels).abs() + ties_to_even).argmin(-1)]
        return w + (nearest - w).detach()

    generator = torch.Generator().manual_seed(2 * seed + 1)
    w = [part[0].double().requires_grad_() for part in initial(recipe.sizes, generator)]
    train, _ = split(len(x), seed)
    optimizer = torch.optim.Adam(w, lr=recipe.rate, foreach=False, fused=False)
    for _ in range(recipe.epochs):
        for places in train[torch.randperm(len(train), generator=generator)].split(recipe.batch):
            w1, b1, w2, b2 = map(straight, w)
            outputs = (F.relu(recipe.gain * (x[places] @ w1 + b1)) @ w2 + b2)[:, 0]
            loss = (F.softplus(outputs) - outputs * labels[places]).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            with torch.no_grad():
                for part in w:
                    part.clamp_(-1, 1)
    return [straight(part).detach() for part in w]


def test_a_batch_is_each_network_alone():
    """One epoch, whose end is the best: float64, so that no rounding of a sum decides a level; tolerance 1e-9."""
    x, labels = points()
    recipe = Recipe(**{**vars(RECIPE), "epochs": 1})
    found = fit(x, labels, BITS, SEEDS, recipe)
    compared = 0
    for place, (seed, bits) in enumerate((place, bits) for place in range(len(SEEDS)) for bits in BITS):
        expected = alone(x[seed], labels[seed], bits, SEEDS[seed], recipe)
        for own, other in zip(found.parameters.at([place]), expected, strict=True):
            torch.testing.assert_close(own[0], other, rtol=0, atol=1e-9)
            compared += own.numel()
    assert compared == 6 * (6 * 8 + 8 + 8 + 1)


@pytest.mark.parametrize("activation", ["step", "sigmoid", "relu"])
def test_neighbours_change_nothing_even_where_they_stop(activation):
    x, labels = points()
    recipe = Recipe(**{**vars(RECIPE), "activation": activation, "epochs": 12})
    found = fit(x, labels, BITS, SEEDS, recipe)
    assert found.epochs.min() < found.epochs.max()
    for place, (seed, bits) in enumerate((place, bits) for place in range(len(SEEDS)) for bits in BITS):
        single = fit(x[[seed]], labels[[seed]], [bits], [SEEDS[seed]], recipe)
        assert (single.epoch, single.epochs) == (found.epoch[place], found.epochs[place])
        for own, other in zip(found.parameters.at([place]), single.parameters, strict=True):
            torch.testing.assert_close(own, other, rtol=0, atol=1e-9)


def test_early_stopping_keeps_the_best():
    """Runs of 1, 2, .. epochs say what each epoch was worth."""
    x, labels = points()
    last, patience = 10, 3
    longer = [
        fit(x, labels, BITS, SEEDS, Recipe(**{**vars(RECIPE), "epochs": e, "patience": 99})) for e in range(1, last + 1)
    ]
    best = torch.stack([one.accuracy for one in longer])
    found = fit(x, labels, BITS, SEEDS, Recipe(**{**vars(RECIPE), "epochs": last, "patience": patience}))
    for place in range(6):
        kept = 0
        for now in range(1, last + 1):
            if now - kept > patience:
                break
            if kept == 0 or best[now - 1, place] > best[kept - 1, place]:
                kept = now
        assert found.epoch[place] == kept
        assert found.epochs[place] == min(last, kept + patience)
        assert found.accuracy[place] == best[kept - 1, place]
        _, held = split(120, SEEDS[place // 3])
        shown, true = x[place // 3, held][None], labels[place // 3, held]
        right = predicted(logits(found.parameters.at([place]), shown, "relu", 2.0))[0] == true
        assert right.float().mean() == found.accuracy[place]


def test_weights_stay_in_the_box_and_a_tenth_is_held_out():
    x, labels = points()
    made: Parameters = fit(x, labels, [8], SEEDS, Recipe(**{**vars(RECIPE), "rate": 2.0})).parameters
    assert all(part.abs().max() <= 1 for part in made)
    assert max(part.abs().max() for part in made) == 1
    train, held = split(120, 4)
    assert (len(train), len(held)) == (108, 12)
    assert sorted([*train.tolist(), *held.tolist()]) == list(range(120))
    assert not torch.equal(held, split(120, 5)[1])
