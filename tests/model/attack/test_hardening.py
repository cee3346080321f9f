"""Hardeners: half of a batch within eps, deterministic by the seed, on the module as it evaluates."""

import pytest
import torch
from attacked import digits, inner_images, linear, trained

from axmac.model.attack.hardening import HARDENERS, Hardener, hardener
from axmac.model.spec import InputError


def test_fgsm_moves_the_first_half_by_the_formula():
    net, images, labels = linear(3), inner_images(5), torch.tensor([0, 1, 2, 0, 1])
    leaf = images.clone().requires_grad_()
    torch.nn.functional.cross_entropy(net(leaf), labels, reduction="sum").backward()
    moved = hardener("fgsm", eps=0.03)(net, images, labels)
    torch.testing.assert_close(moved[:3], images[:3] + 0.03 * leaf.grad[:3].sign())
    assert torch.equal(moved[3:], images[3:])


@pytest.mark.parametrize("name", HARDENERS)
def test_stays_within_eps_and_leaves_the_module_as_it_was(name):
    net, part = trained(0).train(), digits("test", 20)
    moved = hardener(name)(net, part.images, part.labels)
    assert net.training
    net.eval()
    assert float((moved - part.images).abs().max()) == pytest.approx(8 / 255, rel=1e-4)
    assert moved.min() >= 0
    assert moved.max() <= 1
    wrong = [int((net(images[:10]).argmax(1) != part.labels[:10]).sum()) for images in (part.images, moved)]
    assert wrong[0] <= wrong[1]


def test_pgd_draws_from_the_seed():
    net, part = trained(0), digits("test", 8)
    runs = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        runs.append(hardener("pgd", steps=1)(net, part.images, part.labels))
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_the_repr_names_all_settings():
    assert repr(hardener("pgd", eps=0.1, steps=3)) == "pgd(eps=0.1, steps=3, rel_step=0.25, random_start=True)"


def test_refuses_what_makes_no_sense():
    with pytest.raises(InputError, match="unknown hardening 'bim': use fgsm or pgd"):
        hardener("bim")
    with pytest.raises(InputError, match="eps of fgsm must be above 0 and at most 1, not 0"):
        hardener("fgsm", eps=0)
    with pytest.raises(InputError, match="fgsm has one step, not 2: use pgd"):
        hardener("fgsm", steps=2)
    with pytest.raises(InputError, match="steps of pgd must be at least 1, not 0"):
        Hardener("pgd", 0.1, 0, 0.25, random_start=False)
