"""The local search: what one round picks and does, seeds, and LeNet-5."""

import pytest
import torch
import victims
from torch import nn

from axmac.model.attack import settings_of


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


def test_a_value_out_of_bounds_comes_in_from_the_other_side():
    """.9 is .4; .6 is over .5 and becomes -.4, which is .1; .05 is -.45, becomes .325, which is .825."""
    images = torch.full((1, 1, 10, 10), 0.9)
    images[0, 0, 0, :5] = 0.05
    case = OnePixel(0).eval(), images, torch.zeros(1, dtype=torch.int64)
    net = case[0]
    net.forward = lambda x: torch.cat([x.flatten(1).sum(1, keepdim=True), torch.full((len(x), 1), 0.0)], dim=1)
    found, changed = victims.crafted("lsa", case, rounds=1, picks=10)
    assert not found.fooled.any()
    assert not changed.any()


def test_pixels_are_near_that_are_at_most_five_rows_and_columns_away():
    """After the pick of the first round nothing beyond its square is touched: 20 images, 3 rounds, 2 channels."""
    images = 0.3 + 0.4 * torch.rand(20, 2, 28, 28, generator=torch.Generator().manual_seed(1))
    net = nn.Sequential(nn.Flatten(), nn.Linear(2 * 784, 2)).eval()
    with torch.no_grad():
        net[1].weight *= 1e-3
        net[1].bias.copy_(torch.tensor([5.0, -5.0]))
    victim = victims.Recorder(net)
    victims.crafted("lsa", (victim, images, torch.zeros(20, dtype=torch.int64)), rounds=3, picks=1)
    probed = victim.seen_pixels(images)
    assert probed == [78, 121, 121]


def test_is_seeded():
    net, images, labels = victims.trained()
    case = net, images[:6], labels[:6]
    first, again, other = (victims.crafted("lsa", case, seed=s, rounds=20)[0].images for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_works_on_most_of_lenet5():
    net, images, labels = victims.trained()
    found, changed = victims.crafted("lsa", (net, images[:20], labels[:20]))
    assert found.fooled.float().mean() > 0.6
    assert 1 <= changed[found.fooled].median() < 400
