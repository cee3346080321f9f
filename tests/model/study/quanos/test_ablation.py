"""Ablation: which units are clamped, where, and that more of them include fewer."""

import torch
from torch import nn

from axmac.model.study.quanos.ablation import ablated, clamped


def net():
    """A convolution with normalisation, and one without; all of random weights."""
    torch.manual_seed(0)
    parts = [nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten()]
    module = nn.Sequential(*parts, nn.Linear(24, 3))
    nn.init.uniform_(module[1].bias, 1, 2)
    return module.eval()


def test_units_are_zero_behind_the_normalisation_of_their_layer():
    module, images = net(), torch.rand(5, 1, 4, 4)
    seen = {}
    for place in (2, 4):
        module[place].register_forward_hook(lambda _, __, out, place=place: seen.__setitem__(place, out.clone()))
    for layer, behind, kept in (("0", 2, [0, 2]), ("3", 4, [0, 2, 4, 5])):
        whole = module(images).detach()
        before = seen[behind].clone()
        with torch.no_grad(), clamped(module, layer, images[:1], torch.tensor([1, 3])):
            module(images)
            assert float(seen[behind][:, [1, 3]].abs().max()) == 0
            assert torch.equal(seen[behind][:, kept], before[:, kept])
        assert torch.equal(module(images).detach(), whole)


def test_counts_by_share_and_draw():
    """With all units of the last convolution clamped only the bias speaks: one class for all images."""
    module, images = net(), torch.rand(40, 1, 4, 4)
    with torch.no_grad():
        module[6].bias.copy_(torch.tensor([0.0, 5.0, 0.0]))
        labels = module(images).argmax(1)
    labels[:7], labels[7:12] = 1, 2
    counts = ablated(module, "3", images, labels, (0.0, 0.5, 1.0), 3, 9)
    assert [len(found) for found in counts] == [3, 3, 3]
    assert counts[0] == [int((module(images).argmax(1) == labels).sum())] * 3
    assert counts[2] == [int((labels == 1).sum())] * 3
    assert counts == ablated(module, "3", images, labels, (0.0, 0.5, 1.0), 3, 9)
    draws = [torch.randperm(6, generator=torch.Generator().manual_seed(seed))[:3] for seed in (9, 10, 11)]
    for found, units in zip(counts[1], draws, strict=True):
        with torch.no_grad(), clamped(module, "3", images[:1], units):
            assert found == int((module(images).argmax(1) == labels).sum())
