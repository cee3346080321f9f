"""The local search: what one round picks and does, seeds, and LeNet-5."""

import pytest
import torch
import victims
from torch import nn

from axmac.model.attack import Goal, settings_of
from axmac.model.attack.methods import lsa
from axmac.model.attack.victim import Victim


class OnePixel(nn.Module):
    """Class 1 where all channels of one pixel exceed .9."""

    def __init__(self, place):
        super().__init__()
        self.place = place

    def forward(self, x):
        value = x.flatten(2)[:, :, self.place].amin(1, keepdim=True)
        return torch.cat([torch.zeros_like(value), value - 0.9], dim=1)


def test_published_settings():
    settings = settings_of("lsa")
    assert (settings.factor, settings.probe, settings.reach, settings.picks) == (1.5, 10, 5, 5)
    assert (settings.rounds, settings.candidates) == (150, 128)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("targeted", [False, True])
def test_picks_the_pixel_that_matters(targeted, channels):
    """The first round probes 10 of 100 pixels; later ones all, as all are near: .7, .8, .95. 8 images."""
    images = torch.full((8, channels, 10, 10), 0.7)
    case = OnePixel(37).eval(), images, torch.zeros(8, dtype=torch.int64)
    targets = torch.ones(8, dtype=torch.int64) if targeted else None
    found, changed = victims.crafted("lsa", case, targets=targets, picks=1, reach=9)
    assert found.fooled.all()
    pixel = found.images.flatten(2)[:, :, 37]
    torch.testing.assert_close(pixel, torch.full((8, channels), 0.95))
    assert set((changed / channels).tolist()) <= {1.0, 2.0}
    lucky = int((changed == channels).sum())
    assert found.forward_images == 8 * (10 + 1) + 8 * (100 + 1) + (8 - lucky) * (100 + 1)
    assert found.backward_images == 0


class Stubborn(nn.Module):
    """Class 0 always, the less likely the brighter the image; remembers all images."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def forward(self, x):
        self.seen.append(x.clone())
        return torch.cat([torch.zeros(len(x), 1), x.flatten(1).mean(1, keepdim=True) - 1000], dim=1)


@pytest.mark.parametrize(("value", "after"), [(0.7, 0.8), (0.9, 0.1), (0.05, 0.825), (0.5, 0.5), (0.0, 0.75)])
def test_a_picked_value_moves_from_the_middle_and_comes_in_from_the_other_side(value, after):
    """.9 is .4; .6 is over .5 and becomes -.4, which is .1. All 10 probed pixels of 100 are picked."""
    images = torch.full((1, 1, 10, 10), value)
    settings = lsa.Settings(rounds=1, picks=10)
    moved = lsa.minimal(Victim(Stubborn().eval()), images, Goal(torch.zeros(1, dtype=torch.int64)), settings)
    changed = (moved - after).abs() < 1e-6
    assert int(changed.sum()) == (100 if value == after else 10)
    assert int((moved == images).sum()) == (100 if value == after else 90)


@pytest.mark.parametrize("reach", [1, 5])
def test_the_next_round_probes_the_square_around_the_pick(reach):
    """28 x 28 pixels; 78 in the first round; a square at the border is cut. 3 rounds."""
    images = 0.3 + 0.4 * torch.rand(1, 2, 28, 28, generator=torch.Generator().manual_seed(reach))
    victim = Victim(Stubborn().eval())
    settings = lsa.Settings(rounds=3, picks=1, reach=reach)
    lsa.minimal(victim, images, Goal(torch.zeros(1, dtype=torch.int64)), settings)
    seen = victim.module.seen
    assert [len(part) for part in seen[:2]] == [78, 1]
    before = images
    for probes, looked in ((seen[2], seen[1]), (seen[4], seen[3])):
        row, column = (looked != before)[0, 0].nonzero()[0].tolist()
        square = {(i, j) for i in range(28) for j in range(28) if max(abs(i - row), abs(j - column)) <= reach}
        probed = (probes != looked)[:, 0].nonzero()[:, 1:].tolist()
        assert sorted(map(tuple, probed)) == sorted(square)
        before = looked


def test_is_seeded():
    images = 0.3 + 0.4 * torch.rand(4, 1, 10, 10, generator=torch.Generator().manual_seed(1))
    drawn = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        goal = Goal(torch.zeros(4, dtype=torch.int64))
        drawn.append(lsa.minimal(Victim(Stubborn().eval()), images, goal, lsa.Settings(rounds=5)))
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.equal(drawn[0], drawn[2])


def test_works_on_most_of_lenet5():
    net, images, labels = victims.trained()
    found, changed = victims.crafted("lsa", (net, images[:20], labels[:20]))
    assert found.fooled.float().mean() > 0.6
    assert 1 <= changed[found.fooled].median() < 400
