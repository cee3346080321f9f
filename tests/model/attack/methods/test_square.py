"""Square attack: the schedule of the published code, and squares of that side only."""

from itertools import pairwise

import torch

from axmac.model.attack.methods.square import QUICK, Settings, budget, side
from axmac.model.attack.victim import Goal, Victim


def test_schedule():
    """The share .8 is halved after 10, 50, 200, 500, 1000, 2000, 4000, 6000 and 8000 of 10,000 queries."""
    full = Settings(queries=10_000)
    changes = [(query, side(query, full, 1000, 1000)) for query in range(1, 10_000)]
    steps = [(query, size) for (_, before), (query, size) in pairwise(changes) if size != before]
    assert changes[0] == (1, 894)
    assert steps == [(limit + 1, round(1000 * (0.8 / 2**k) ** 0.5)) for k, limit in enumerate(LIMITS, start=1)]


LIMITS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


def test_fewer_queries_shrink_the_schedule():
    few = Settings(queries=5000)
    assert [side(query, few, 1000, 1000) for query in (5, 6)] == [894, 632]
    assert side(299, QUICK, 28, 28) == 1
    assert side(1, Settings(), 1, 3) == 1


class Recorder(torch.nn.Module):
    """Keeps what it was asked; every image gets the same logits, so that no change is kept."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def forward(self, x):
        self.asked.append(x.clone())
        return torch.tensor([[1.0, 0.0]]).repeat(len(x), 1)


def test_stripes_then_one_square_a_query():
    victim = Victim(Recorder().eval())
    images = torch.full((2, 3, 12, 12), 0.5)
    budget(victim, images, Goal(torch.tensor([0, 0])), 0.25, Settings(queries=120))
    asked = victim.module.asked
    assert len(asked) == 120
    stripes = asked[0]
    assert torch.equal(stripes, stripes[:, :, :1].expand_as(stripes))
    for query, tried in enumerate(asked):
        assert ((tried - images).abs() == 0.25).all()
        if query:
            size = side(query, Settings(queries=120), 12, 12)
            changed = (tried != stripes).any(1)
            for image in changed:
                rows, columns = image.any(1).nonzero(), image.any(0).nonzero()
                assert len(rows) == 0 or int(rows.max() - rows.min()) + 1 <= size
                assert len(columns) == 0 or int(columns.max() - columns.min()) + 1 <= size
