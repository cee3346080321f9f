"""Networks that attacks are tested on: linear ones, whose nearest wrong images are known, and small trained ones."""

import functools

import torch
from torch import nn

from axmac.model.nn import data, training
from axmac.model.nn.network import Recipe


def linear(classes, shape=(1, 8, 8), *, seed=0, gain=1.0):
    """A linear classifier of images, float32 weights drawn from a normal distribution."""
    size = torch.Size(shape).numel()
    net = nn.Sequential(nn.Flatten(), nn.Linear(size, classes))
    generator = torch.Generator().manual_seed(seed)
    for parameter in net.parameters():
        parameter.data = gain * torch.randn(parameter.shape, generator=generator)
    return net.eval().requires_grad_(False)


def inner_images(n, shape=(1, 8, 8), *, seed=0):
    """Images with values .3 to .7: no bound is met within .3."""
    return 0.3 + 0.4 * torch.rand(n, *shape, generator=torch.Generator().manual_seed(seed))


def distances_to_boundary(net, images, labels, dual_norm):
    """Where bounds are not met: the margin over the dual norm of the difference of rows, least over classes [n]."""
    rows = net[1].weight.double()
    logits = images.double().flatten(1) @ rows.T + net[1].bias.double()
    gaps = logits.gather(1, labels[:, None]) - logits
    lengths = torch.linalg.vector_norm(rows[labels][:, None] - rows[None], ord=dual_norm, dim=2)
    return (gaps / lengths).nan_to_num(torch.inf).scatter(1, labels[:, None], torch.inf).amin(1)


@functools.cache
def digits(split, count):
    """The first images of the digits and their labels."""
    part = data.load("digits", split)
    return data.Dataset(part.name, part.split, part.images[:count], part.labels[:count], part.sha256)


@functools.cache
def trained(seed):
    """A small convolutional network trained on digits, over 90 % right, seconds of work; do not change it."""
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Conv2d(1, 8, 5, stride=2),
        nn.ReLU(),
        nn.Conv2d(8, 16, 5, stride=2),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(256, 10),
    )
    recipe = Recipe(learning_rate=3e-3)
    training.train(net, digits("train", 1437), epochs=4, seed=seed, batch_size=64, recipe=recipe)
    return net.requires_grad_(False)
