"""Starting points: noise, or another image of the batch, as near as 50 steps bring it."""

import pytest
import torch
import victims
from torch import nn

from axmac.model.attack.starts import starting_points
from axmac.model.attack.victim import Goal, Victim


class Brightest(nn.Module):
    """As many classes as pixels: the brightest one."""

    def forward(self, x):
        return x.flatten(1)


def test_noise_serves_an_attack_without_a_target():
    case = victims.linear(2)
    victim = Victim(case.net)
    points, found = starting_points(victim, case.images, Goal(case.labels))
    assert found.all()
    assert Goal(case.labels).reached(case.net(points)).all()
    assert (points - case.images).flatten(1).norm(dim=1).median() < 1
    assert not Goal(case.labels).reached(case.net(case.images + (points - case.images) * 0.5)).all()


def test_with_a_target_the_nearest_image_of_that_class_comes_first():
    """Noise of 400 pixels has its brightest at a given place in one draw of 400."""
    torch.manual_seed(0)
    images = torch.full((4, 1, 20, 20), 0.5)
    for k, place in enumerate((0, 1, 1, 2)):
        images[k].view(-1)[place] = 0.9
    images[2] += 0.05
    victim = Victim(Brightest().eval())
    points, found = starting_points(victim, images, Goal(torch.tensor([1, 0, 0, 1]), targeted=True))
    assert found.all()
    assert victim.forward_images < 4 + 4 * 49 + 4
    assert points[0].view(-1)[1] > points[0].view(-1)[0]
    changed = (points[0] - images[0]).view(-1).abs() > 0
    assert changed.nonzero().flatten().tolist() == [0, 1]


@pytest.mark.parametrize("kind", ["constant", "all_nan"])
def test_where_there_is_none_it_says_so(kind):
    images = torch.rand(2, 1, 6, 6, generator=torch.Generator().manual_seed(1))
    victim = Victim(victims.Odd(kind).eval())
    points, found = starting_points(victim, images, Goal(torch.zeros(2, dtype=torch.int64)))
    assert not found.any()
    assert torch.equal(points, images)
    assert victim.forward_images == 2 * 1000 + 2
