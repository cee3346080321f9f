"""Steps with an eps for each image: foolbox's own with one eps; each image as if it were alone."""

import foolbox
import pytest
import torch
from foolbox.criteria import Misclassification, TargetedMisclassification

from axmac.model.attack.norms import distances
from axmac.model.attack.steps import Steps, gradient, walk
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn import networks

IMAGES = torch.rand(12, 1, 28, 28, generator=torch.Generator().manual_seed(3))
LABELS = torch.arange(12) % 10
ATTACKS = {"linf": foolbox.attacks.LinfPGD, "l2": foolbox.attacks.L2PGD}


@pytest.fixture
def net():
    return networks.build("lenet5", seed=2).eval()


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize(("norm", "eps"), [("linf", 0.1), ("linf", 0.3), ("l2", 0.7), ("l2", 3.0)])
def test_with_one_eps_they_are_those_of_foolbox(norm, eps, targeted, net):
    model = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
    wanted = TargetedMisclassification(LABELS) if targeted else Misclassification(LABELS)
    theirs = ATTACKS[norm](steps=10, rel_stepsize=0.15, random_start=False).run(model, IMAGES, wanted, epsilon=eps)
    each = torch.full((12,), eps, dtype=torch.float64)
    settings = Steps(steps=10, rel_step=0.15)
    ours, reached = walk(Victim(net), IMAGES, Goal(LABELS, targeted), each, norm, settings)
    assert not reached.any()
    if norm == "linf":
        assert torch.equal(ours, theirs)
    else:
        torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-5)
    assert float(distances(IMAGES, ours, norm).min()) > 0.3 * eps


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_each_image_keeps_to_its_own_eps(norm, net):
    each = torch.linspace(0.05, 0.4, 12, dtype=torch.float64)
    settings = Steps(steps=5, rel_step=0.3)
    together, _ = walk(Victim(net), IMAGES, Goal(LABELS), each, norm, settings)
    found = distances(IMAGES, together, norm)
    assert (found <= each + 1e-6).all()
    assert (found > 0.9 * each).all()
    alone = [walk(Victim(net), IMAGES[[k]], Goal(LABELS[[k]]), each[[k]], norm, settings)[0] for k in range(12)]
    torch.testing.assert_close(torch.cat(alone), together, rtol=0, atol=1e-5)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_who_arrives_is_asked_no_more(norm, net):
    """The label of six images is not the network's answer, so that they are there before the first step."""
    classes = net(IMAGES).argmax(1)
    labels = torch.where(torch.arange(12) < 6, (classes + 1) % 10, classes)
    victim = Victim(net)
    each = torch.full((12,), 1e-6, dtype=torch.float64)
    moved, reached = walk(victim, IMAGES, Goal(labels), each, norm, Steps(steps=4), stop=True)
    assert reached.tolist() == [True] * 6 + [False] * 6
    assert torch.equal(moved[:6], IMAGES[:6])
    assert victim.forward_images == 12 + 3 * 6 + 6
    assert victim.backward_images == 12 + 3 * 6


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_random_starts_are_seeded_and_fill_the_ball(norm, net):
    each = torch.full((12,), 0.2, dtype=torch.float64)
    inner = 0.3 + 0.4 * IMAGES
    settings = Steps(steps=0, random_start=True)
    starts = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        starts.append(walk(Victim(net), inner, Goal(LABELS), each, norm, settings)[0])
    assert torch.equal(starts[0], starts[1])
    assert not torch.equal(starts[0], starts[2])
    found = distances(inner, starts[0], norm)
    assert (found <= 0.2 + 1e-6).all()
    assert float(found.max()) > 0.19
    assert abs(float((starts[0] - inner).mean())) < 0.01


def test_a_gradient_that_is_no_number_is_zero():
    class Root(torch.nn.Module):
        def forward(self, x):
            return torch.cat([x.flatten(1).sqrt(), -x.flatten(1)], dim=1)

    images = torch.tensor([0.0, 0.25]).reshape(2, 1, 1, 1)
    logits, slope = gradient(Victim(Root().eval()), images, torch.zeros(2, dtype=torch.int64))
    assert torch.equal(logits, torch.tensor([[0.0, 0.0], [0.5, -0.25]]))
    assert slope[0] == 0
    assert slope[1] < 0
