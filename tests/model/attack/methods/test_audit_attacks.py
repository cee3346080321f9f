"""Attacks of an audit: exact on linear classifiers, within their balls, repeatable, unharmed by odd networks."""

import pytest
import torch
from attacked import digits, distances_to_boundary, inner_images, linear, trained
from torch import nn

from axmac.model.attack import methods
from axmac.model.attack.craft import craft, distances, settings_of
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn.registry import find
from axmac.model.spec import InputError

ALL = ("apgd_ce", "apgd_dlr", "apgd_t", "fab_t", "square", "apgd_ce_l2")
TARGETED = ("apgd_ce", "apgd_dlr", "apgd_ce_l2", "square")
DUAL = {"linf": 1, "l2": 2}


def norm_of(attack):
    return "l2" if attack.endswith("_l2") else "linf"


def check_robust_accuracy(net, attack, n, slack, targeted=False):
    """All images nearer to the boundary than eps fall, but for a share of eps, and none of the others."""
    images = inner_images(n)
    labels = net(images).argmax(1)
    near = distances_to_boundary(net, images, labels, DUAL[norm_of(attack)])
    eps = float(near.median())
    goal = Goal(1 - labels, targeted=True) if targeted else Goal(labels)
    fooled = craft(net, attack, images, goal, eps=eps).fooled
    surely, never = near < (1 - slack) * eps, near > (1 + 1e-4) * eps
    assert min(int(surely.sum()), int(never.sum())) >= 0.4 * n
    assert fooled[surely].all()
    assert not fooled[never].any()


@pytest.mark.parametrize(
    ("attack", "classes"), [("fab_t", 2), ("fab_t", 4), ("fab_t", 10), ("apgd_t", 4), ("apgd_t", 10)]
)
def test_robust_accuracy_of_a_linear_classifier(attack, classes):
    """Attacks that try every other class are exact for any number of them."""
    check_robust_accuracy(linear(classes), attack, 40, 0.01)


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("attack", TARGETED)
def test_robust_accuracy_of_a_linear_classifier_of_two_classes(attack, targeted):
    """Others may choose the wrong class, so there is one: the third, which the DLR needs, is out of reach."""
    net = linear(3)
    net[1].weight[2], net[1].bias[2] = 0.0, -100.0
    check_robust_accuracy(net, attack, 40, 0.01 if norm_of(attack) == "linf" else 0.02, targeted)


@pytest.mark.parametrize("eps", [0.02, 0.3])
@pytest.mark.parametrize("attack", ALL)
def test_within_the_ball_and_repeatable(attack, eps):
    net, part = trained(0), digits("test", 20)
    eps = eps * (10 if norm_of(attack) == "l2" else 1)
    settings = settings_of(attack, quick=True)
    first, again = (craft(net, attack, part.images, Goal(part.labels), eps=eps, settings=settings) for _ in range(2))
    assert float(distances(part.images, first.images, norm_of(attack)).max()) <= eps + 1e-6
    assert torch.equal(first.images, again.images)
    assert first.forward_images == again.forward_images
    assert first.fooled.float().mean() > (0.8 if eps >= 0.3 else 0.0)


@pytest.mark.parametrize("attack", ALL)
def test_another_seed_is_another_start(attack):
    net, part = trained(0), digits("test", 20)
    method, made = find(methods.__name__, attack, "attack"), []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        made.append(method.budget(Victim(net), part.images, Goal(part.labels), 0.1, method.QUICK))
    assert torch.equal(made[0], made[1])
    assert torch.equal(made[0], made[2]) == (attack == "fab_t")


@pytest.mark.parametrize(
    ("attack", "forward", "backward"),
    [
        ("apgd_ce", 21, 21),
        ("apgd_dlr", 21, 21),
        ("apgd_ce_l2", 21, 21),
        ("apgd_t", 1 + 3 * 21, 3 * 21),
        ("fab_t", 1 + 3 * (2 * 10 + 2 + 3), 3 * 10),
        ("square", 300, 0),
    ],
)
def test_queries_of_an_image_that_does_not_fall(attack, forward, backward):
    net, images = linear(5), inner_images(6)
    labels = net(images).argmax(1)
    made = craft(net, attack, images, Goal(labels), eps=1e-6, settings=settings_of(attack, quick=True))
    assert not made.fooled.any()
    assert (made.forward_images, made.backward_images) == (6 * forward, 6 * backward)


@pytest.mark.parametrize("attack", ALL)
def test_images_that_fall_at_once_cost_little(attack):
    net, images = linear(5), inner_images(6)
    made = craft(net, attack, images, Goal(net(images).argmax(1)), eps=2.5 if norm_of(attack) == "l2" else 0.29)
    assert made.fooled.all()
    assert made.forward_images <= 6 * (20 if attack == "square" else 4)


class Odd(nn.Module):
    """A linear classifier with something wrong with its logits."""

    def __init__(self, classes, change):
        super().__init__()
        self.net, self.change = linear(classes), change

    def forward(self, x):
        return self.change(self.net(x))


ODD = {
    "constant": lambda logits: 0 * logits,
    "detached": torch.Tensor.detach,
    "rounded": torch.round,
    "nan": lambda logits: logits * torch.nan,
    "some_nan": lambda logits: torch.where(logits > logits.mean(), torch.nan, logits),
    "inf": lambda logits: logits * torch.inf,
    "tiny": lambda logits: logits * 1e-38,
    "huge": lambda logits: logits * 1e36,
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("attack", ALL)
def test_odd_logits_do_no_harm(attack, kind):
    images = inner_images(3)
    net = Odd(5, ODD[kind]).eval()
    settings = settings_of(attack, {"queries" if attack == "square" else "steps": 8})
    made = craft(net, attack, images, Goal(torch.tensor([0, 1, 4])), eps=0.1, settings=settings)
    assert made.images.isfinite().all()
    assert not (kind == "nan" and made.fooled.any())


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 2, 9), (3, 5, 7)])
@pytest.mark.parametrize("attack", ALL)
def test_one_image_of_any_shape(attack, shape):
    net, images = linear(4, shape), inner_images(1, shape)
    goal = Goal(net(images).argmax(1))
    near = float(distances_to_boundary(net, images, goal.labels, DUAL[norm_of(attack)]))
    assert not craft(net, attack, images, goal, eps=0.98 * near).fooled.any()
    if near < 0.3:
        assert craft(net, attack, images, goal, eps=1.3 * near).fooled.all()


@pytest.mark.parametrize("attack", ALL)
def test_two_classes(attack):
    net, images = linear(2), inner_images(4)
    goal = Goal(net(images).argmax(1))
    if attack in ("apgd_dlr", "apgd_t"):
        with pytest.raises(
            InputError, match=f"at least {3 if attack == 'apgd_dlr' else 4} classes, not 2: use apgd_ce"
        ):
            craft(net, attack, images, goal, eps=0.1)
    else:
        assert craft(net, attack, images, goal, eps=2 if attack == "apgd_ce_l2" else 0.25).fooled.all()
