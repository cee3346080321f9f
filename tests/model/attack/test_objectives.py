"""Losses of attacks: values by hand, what they do not depend on, and gradients where there are none."""

import pytest
import torch
from torch import nn

from axmac.model.attack.objectives import cross_entropy, dlr, likeliest_others, look, margin, targeted_dlr
from axmac.model.attack.victim import Goal, Victim
from axmac.model.spec import InputError

LOGITS = torch.tensor([[5.0, 1.0, 3.0, -1.0], [5.0, 1.0, 3.0, -1.0]])
AWAY = Goal(torch.tensor([0, 2]))
TOWARDS = Goal(torch.tensor([0, 2]), targeted=True)


def test_margin_by_hand():
    assert margin(LOGITS, AWAY).tolist() == [2.0, -2.0]
    assert margin(LOGITS, TOWARDS).tolist() == [-2.0, 2.0]
    assert (margin(LOGITS, AWAY) < 0).tolist() == AWAY.reached(LOGITS).tolist()
    assert (margin(LOGITS, TOWARDS) < 0).tolist() == TOWARDS.reached(LOGITS).tolist()


def test_dlr_by_hand():
    """Margins 2 and -2 over 5 - 1; leads of class 1 of -4 and -2 over 5 - (1 - 1) / 2."""
    assert dlr(LOGITS, AWAY).tolist() == [-0.5, 0.5]
    assert dlr(LOGITS, TOWARDS).tolist() == [0.5, -0.5]
    lead = targeted_dlr(LOGITS, AWAY.labels, torch.tensor([1, 1]))
    torch.testing.assert_close(lead, torch.tensor([-0.8, -0.4]))


def test_cross_entropy_grows_towards_the_goal():
    wrong = LOGITS.clone()
    wrong[:, 1] += 9
    assert (cross_entropy(wrong, AWAY) > cross_entropy(LOGITS, AWAY)).all()
    assert (cross_entropy(wrong, TOWARDS) < cross_entropy(LOGITS, TOWARDS)).all()


@pytest.mark.parametrize("factor", [2.0**-30, 0.125, 1024.0, 2.0**60])
def test_dlr_does_not_depend_on_the_scale(factor):
    targets = torch.tensor([1, 3])
    assert torch.equal(dlr(factor * LOGITS, AWAY), dlr(LOGITS, AWAY))
    expected = targeted_dlr(LOGITS, AWAY.labels, targets)
    assert torch.equal(targeted_dlr(factor * LOGITS, AWAY.labels, targets), expected)


def test_equal_logits():
    flat = torch.zeros(2, 4, requires_grad=True)
    value = dlr(flat, AWAY) + targeted_dlr(flat, AWAY.labels, torch.tensor([1, 1]))
    value.sum().backward()
    assert value.tolist() == [0.0, 0.0]
    assert flat.grad.isfinite().all()


def test_likeliest_others():
    assert likeliest_others(LOGITS, AWAY.labels, 2).tolist() == [[2, 1], [0, 1]]
    assert likeliest_others(LOGITS, AWAY.labels, 9).tolist() == [[2, 1, 3], [0, 1, 3]]


def test_too_few_classes():
    with pytest.raises(InputError, match="at least 3 classes, not 2: use apgd_ce or square"):
        dlr(LOGITS[:, :2], Goal(torch.tensor([0, 1])))
    with pytest.raises(InputError, match="at least 4 classes, not 3: use apgd_ce, fab_t or square"):
        targeted_dlr(LOGITS[:, :3], AWAY.labels, torch.tensor([1, 1]))


class Constant(nn.Module):
    """The same logits whatever the image; ``value`` times 0 of it where it shall be part of the graph."""

    def __init__(self, value=None):
        super().__init__()
        self.value = value

    def forward(self, x):
        logits = LOGITS[:1].repeat(len(x), 1)
        return logits if self.value is None else logits + self.value * x.flatten(1).sum(1, keepdim=True)


@pytest.mark.parametrize(
    ("value", "gradient"), [(None, 0.0), (0.0, 0.0), (torch.nan, 0.0), (torch.inf, 0.0), (1.0, 4.0)]
)
def test_a_gradient_that_is_none_is_zero(value, gradient):
    victim, images = Victim(Constant(value).eval()), torch.rand(2, 1, 2, 2)
    logits, loss, actual = look(victim, images, lambda logits: logits.sum(1))
    assert [tensor.requires_grad for tensor in (logits, loss, actual)] == [False] * 3
    assert torch.equal(actual, torch.full_like(images, gradient))
    assert (victim.forward_images, victim.backward_images) == (2, 2)
