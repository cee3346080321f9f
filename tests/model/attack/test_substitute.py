"""Substitutes: their neighbours and queries in closed form, and that they learn what the labels say."""

import pytest
import torch
from attacked import inner_images, linear
from torch import nn

from axmac.model.attack.substitute import Settings, default_network, neighbours, train_substitute
from axmac.model.spec import InputError

QUICK = Settings(rounds=3, epochs=2, batch_size=16)


def bright(images):
    """No network: class 1 where the mean pixel is above a half."""
    return (images.mean((1, 2, 3)) > 0.5).long()


def shades(n, seed):
    """Images of every brightness, with noise."""
    generator = torch.Generator().manual_seed(seed)
    level = torch.rand(n, 1, 1, 1, generator=generator)
    return (level + 0.2 * torch.rand(n, 1, 8, 8, generator=generator) - 0.1).clamp(0, 1)


class Asked:
    """A victim that keeps what it was shown."""

    def __init__(self, answers):
        self.answers, self.shown = answers, []

    def __call__(self, images):
        self.shown.append(images)
        return self.answers(images)


def test_neighbours_of_a_linear_network():
    """Of two classes, the likelihood of a label rises along the difference of the rows, whatever the scale."""
    images = inner_images(6)
    images[0, 0, 0, 0] = 0.95
    labels = torch.tensor([0, 1, 0, 1, 1, 0])
    for gain in (1.0, 1e-3, 4.0):
        net = linear(2, gain=gain)
        rows = net[1].weight
        signs = (rows[labels] - rows[1 - labels]).sign().reshape(6, 1, 8, 8)
        torch.testing.assert_close(neighbours(net, images, labels, 0.1), (images + 0.1 * signs).clamp(0, 1))


def test_neighbours_where_the_substitute_is_certain():
    """A likelihood that rounds to 1 still has a sign."""
    net, images = linear(2, gain=1000.0), inner_images(4)
    labels = net(images).argmax(1)
    assert (net(images).softmax(1).amax(1) == 1).all()
    assert (neighbours(net, images, labels, 0.1) != images).flatten(1).all(1).all()


def test_queries_double_each_round_and_no_image_is_asked_twice():
    victim, images = Asked(bright), shades(10, 0)
    made = train_substitute(victim, images, default_network((1, 8, 8), 2), Settings(rounds=4, epochs=1))
    assert [len(part) for part in victim.shown] == [10, 10, 20, 40]
    assert made.queries == 80 == len(made.labels)
    assert torch.equal(made.images, torch.cat(victim.shown))
    assert torch.equal(made.labels, bright(made.images))
    assert torch.equal(made.images[:10], images)
    moved = (made.images[40:] - made.images[:40]).abs()
    assert 0 < float(moved.max()) <= 0.1 + 1e-6
    assert not made.module.training
    assert not any(parameter.requires_grad for parameter in made.module.parameters())


def test_it_learns_from_labels_alone():
    """The victim is a function without a gradient; fresh images are classified as it does."""
    made = train_substitute(bright, shades(40, 1), default_network((1, 8, 8), 2), Settings(rounds=3))
    fresh = shades(200, 2)
    agreed = (made.module(fresh).argmax(1) == bright(fresh)).float().mean()
    assert float(agreed) > 0.9
    always = train_substitute(lambda images: torch.ones(len(images)).long(), shades(40, 1), linear_net(), QUICK)
    assert (always.module(fresh).argmax(1) == 1).float().mean() > 0.95


def linear_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 2))


def test_a_seed_says_all():
    images = shades(20, 3)

    def weights(seed, net_seed=0):
        net = default_network((1, 8, 8), 2, net_seed)
        return train_substitute(bright, images, net, QUICK, seed=seed).module.state_dict()

    torch.manual_seed(1)
    before = torch.random.get_rng_state()
    first, again, other, drawn = weights(0), weights(0), weights(1), weights(0, 1)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(first[name], again[name]) for name in first)
    for different in (other, drawn):
        assert not all(torch.equal(first[name], different[name]) for name in first)


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (1, 9, 6)])
def test_the_default_network_takes_images_of_any_size(shape):
    assert default_network(shape, 7)(torch.rand(2, *shape)).shape == (2, 7)


def test_refuses_what_makes_no_sense():
    net, images = linear_net(), shades(4, 0)
    for options, words in (
        ({"rounds": 0}, "rounds of a substitute must be at least 1, not 0"),
        ({"epochs": 0}, "epochs of a substitute must be at least 1"),
        ({"step": 0.0}, "step of a substitute must be finite and above 0, not 0.0"),
        ({"step": float("nan")}, "not nan"),
    ):
        with pytest.raises(InputError, match=words):
            Settings(**options)
    for bad in (images[:0], images.double(), images + 1):
        with pytest.raises(InputError, match=r"one or more float32 images in \[0, 1\]"):
            train_substitute(bright, bad, net, QUICK)
    for answers, words in (
        (lambda images: bright(images) + 1, "names class 2, the substitute has 2 classes"),
        (lambda images: bright(images).float(), r"must answer int64 \[4\], not torch.float32 \[4\]"),
        (lambda images: bright(images)[:2], r"not torch.int64 \[2\]"),
    ):
        with pytest.raises(InputError, match=words):
            train_substitute(answers, images, net, QUICK)
