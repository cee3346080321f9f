"""JSMA: against a slow reading of its definition, its limits, and LeNet-5."""

import pytest
import torch
import torch.nn.functional as F
import victims

from axmac.model.attack import settings_of


def one_by_one(net, image, target, theta, most):
    """The definition for one image, without a batch: until the network gives the target."""
    moved, changes, over = image.clone(), torch.zeros_like(image), torch.zeros_like(image, dtype=torch.bool)
    while net(moved[None]).argmax() != target:
        x = moved.clone().requires_grad_()
        F.cross_entropy(net(x[None]), target[None]).backward()
        best = None
        for place in map(tuple, torch.cartesian_prod(*(torch.arange(n) for n in image.shape)).tolist()):
            stuck = (x[place] >= 1) if x.grad[place] < 0 else (x[place] <= 0)
            usable = not (over[place] or stuck) and changes[place] < most
            if usable and (best is None or x.grad[place].abs() > x.grad[best].abs()):
                best = place
        if best is None:
            break
        moved[best] = (moved[best] - theta * x.grad[best].sign()).clamp(0, 1)
        changes[best] += 1
        over[best] = moved[best] in (0, 1)
    return moved


def test_published_settings():
    settings = settings_of("jsma")
    assert (settings.theta, settings.max_changes, settings.steps) == (0.1, 7, 2000)


@pytest.mark.parametrize("shape", [(1, 4, 4), (3, 2, 3)])
@pytest.mark.parametrize("theta", [0.02, 0.3])
def test_is_the_definition(theta, shape):
    """20 images, each with a target; with .02 at most 7 times .02 a value, with .3 bounds are met."""
    case = victims.linear(4, shape=shape)
    targets = (case.labels + 1) % 4
    found, _ = victims.crafted("jsma", case, targets=targets, theta=theta)
    pairs = zip(case.images, targets, strict=True)
    expected = torch.stack([one_by_one(case.net, image, target, theta, 7) for image, target in pairs])
    torch.testing.assert_close(found.images[found.fooled], expected[found.fooled], rtol=0, atol=1e-6)
    with torch.no_grad():
        assert torch.equal(case.net(expected).argmax(1) == targets, found.fooled)
    assert found.fooled.sum() > 15
    assert float((found.images - case.images).abs().max()) <= min(7 * theta, 1) + 1e-6


def test_without_a_target_it_goes_where_the_gradient_leads():
    """Of two classes that is the other one; the fewest values are those of the largest weights."""
    case = victims.linear(2)
    found, changed = victims.crafted("jsma", case, theta=0.01, max_changes=100)
    rows = case.net[1].weight.detach()
    strongest = (rows[1] - rows[0]).abs().argmax()
    assert found.fooled.all()
    single = changed == 1
    moved = (found.images - case.images).flatten(1).abs().argmax(1)
    assert int(single.sum()) > 5
    assert (moved[single] == strongest).all()
    again, _ = victims.crafted("jsma", case, theta=0.01, max_changes=100, seed=9)
    assert torch.equal(found.images, again.images)


def test_works_on_most_of_lenet5():
    net, images, labels = victims.trained()
    found, changed = victims.crafted("jsma", (net, images, labels))
    assert len(images) == 40
    assert found.fooled.float().mean() > 0.8
    assert 1 <= changed[found.fooled].median() < 100
