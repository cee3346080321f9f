"""Distances and margins by hand."""

import pytest
import torch

from axmac.model.attack.norms import distances, farthest, stretched


def test_distances():
    clean, moved = torch.zeros(1, 1, 2, 2), torch.tensor([[[[0.3, 0.0], [-0.4, 0.0]]]])
    found = [float(distances(clean, moved, norm)) for norm in ("linf", "l2", "l1", "l0")]
    assert found == pytest.approx([0.4, 0.5, 0.7, 2])


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_farthest_images_are_black_and_white(norm):
    black = torch.zeros(1, 3, 4, 5)
    assert farthest(black, norm) == pytest.approx(float(distances(black, black + 1, norm)))


def test_a_margin_of_1_changes_no_bit():
    """Of 1,000 values, some would differ as clean + (moved - clean)."""
    generator = torch.Generator().manual_seed(0)
    clean, moved = (torch.rand(10, 1, 10, 10, generator=generator) ** 3 for _ in range(2))
    assert not torch.equal(clean + 1.0 * (moved - clean), moved)
    assert torch.equal(stretched(clean, moved, 1.0), moved)


def test_a_margin_multiplies_the_change_and_clips():
    clean, moved = torch.tensor([0.5, 0.5, 0.9, 0.1]), torch.tensor([0.6, 0.5, 0.98, 0.0])
    torch.testing.assert_close(stretched(clean, moved, 1.5), torch.tensor([0.65, 0.5, 1.0, 0.0]))
