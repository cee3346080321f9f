"""Attacks on many networks at once against one network in torch's own modules."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from axmac.model.study.geometry.attacks import Judge, direction, grid_right, moved, pgd, sweep
from axmac.model.study.geometry.networks import Parameters, initial, margins, rounded

N, B = 3, 20


def judge(activation="relu", box=True, outputs=4):
    made = [initial((12, 9, outputs), torch.Generator().manual_seed(one)) for one in range(N)]
    parameters = Parameters(*(torch.cat(parts) for parts in zip(*made, strict=True)))
    return Judge(rounded(parameters, torch.tensor([1, 4, 10])), activation, 1.0, box)


def inputs(classes=4):
    random = torch.Generator().manual_seed(7)
    return torch.rand(N, B, 12, generator=random), torch.randint(classes, (N, B), generator=random)


def module(judged, one):
    """The network in torch's own layers."""
    parts = judged.parameters.at([one])
    first, second = nn.Linear(12, 9), nn.Linear(9, parts.w2.shape[-1])
    for layer, weight, bias in ((first, parts.w1, parts.b1), (second, parts.w2, parts.b2)):
        layer.weight.data, layer.bias.data = weight[0].T.contiguous(), bias[0, 0].clone()
    return nn.Sequential(first, nn.ReLU() if judged.activation == "relu" else nn.Sigmoid(), second)


@pytest.mark.parametrize(("activation", "outputs"), [("relu", 4), ("sigmoid", 4), ("relu", 1)])
def test_fgsm_is_that_of_one_network(activation, outputs):
    judged, (x, labels) = judge(activation, outputs=outputs), inputs(max(outputs, 2))
    sizes = [0.0, 0.1, 0.4]
    signs, counts, compared = direction(judged, x, labels), sweep(judged, x, labels, sizes, 8), 0
    for one in range(N):
        net, image = module(judged, one), x[one].clone().requires_grad_()
        found = net(image)
        if outputs == 1:
            loss = F.binary_cross_entropy(found[:, 0].sigmoid(), labels[one].float(), reduction="sum")
        else:
            loss = F.nll_loss(F.log_softmax(found, 1), labels[one], reduction="sum")
        loss.backward()
        clear = image.grad.abs() > 1e-6
        assert torch.equal(signs[one][clear], image.grad.sign()[clear])
        compared += int(clear.sum())
        for place, eps in enumerate(sizes):
            shown = (x[one] + eps * signs[one]).clamp(0, 1)
            guess = (net(shown)[:, 0] > 0).long() if outputs == 1 else net(shown).argmax(1)
            assert counts[one, place] == (guess == labels[one]).sum()
    assert compared > 500


def test_moved_stays_in_the_box_only_where_there_is_one():
    x, signs = torch.tensor([[[0.0, 0.95, 0.5]]]), torch.tensor([[[-1.0, 1.0, 0.0]]])
    inside, free = moved(judge(), x, signs, 0.25), moved(judge(box=False), x, signs, 0.25)
    torch.testing.assert_close(inside, torch.tensor([[[0.0, 1.0, 0.5]]]))
    torch.testing.assert_close(free, torch.tensor([[[-0.25, 1.2, 0.5]]]))


def test_pgd_stays_within_eps_and_raises_the_margin():
    judged, (x, labels) = judge("sigmoid"), inputs()
    found = pgd(judged, x, labels, 0.2, 10)
    assert (found - x).abs().max() <= 0.2 + 1e-6
    assert found.min() >= 0
    assert found.max() <= 1
    assert (margins(judged.logits(found), labels) > margins(judged.logits(x), labels)).float().mean() > 0.9


def test_the_grid_is_the_worst_case_of_a_linear_rule():
    """Hidden units far in the linear part of the ReLU: right within eps as long as |w x + b| > eps |w|_1."""
    w, b = torch.tensor([0.5, -1.0]), 0.1
    parts = (torch.stack([w, -w], 1)[None], torch.full((1, 1, 2), 30.0), torch.tensor([[[0.5], [-0.5]]]))
    judged = Judge(Parameters(*parts, torch.full((1, 1, 1), b)), "relu", 1.0, box=False)
    x = torch.randn(1, 300, 2, generator=torch.Generator().manual_seed(0))
    value = x[0] @ w + b
    labels = (value > 0).long()[None]
    found = grid_right(judged, x, labels, 0.3, 5)[0]
    expected = value.abs() > 0.3 * w.abs().sum()
    clear = (value.abs() - 0.45).abs() > 1e-4
    assert torch.equal(found[clear], expected[clear])
    assert 30 < int(expected.sum()) < 270
