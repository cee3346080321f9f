"""One entry for all attacks: what it refuses and promises, whatever the attack and the network."""

import pytest
import torch
import victims

from axmac.model.attack import Goal, attack_names, craft, settings_of
from axmac.model.attack.methods import fgsm
from axmac.model.nn.registry import find
from axmac.model.spec import InputError

FEW = {
    "boundary": {"steps": 12},
    "cw": {"steps": 10},
    "deepfool": {"steps": 5},
    **{name: {"scan": 10} for name in ("fgsm", "fgsm_l2")},
    "hopskipjump": {"steps": 2, "initial_gradient_eval_steps": 10},
    "jsma": {"steps": 20},
    "lsa": {"rounds": 4},
    "square": {"queries": 20},
    **{name: {"steps": 3, "rounds": 3} for name in ("bim", "bim_l2", "pgd", "pgd_l2")},
    **{name: {"steps": 5} for name in ("apgd_ce", "apgd_ce_l2", "apgd_dlr", "apgd_t", "fab_t")},
}
METHODS = {name: find("axmac.model.attack.methods", name, "attack") for name in attack_names()}
PROTOCOLS = [(name, p) for name, method in METHODS.items() for p in ("budget", "minimal") if hasattr(method, p)]


def images_of(count, channels=1):
    return 0.3 + 0.4 * torch.rand(count, channels, 6, 6, generator=torch.Generator().manual_seed(8))


def run(name, protocol, net, images, goal, **options):
    settings = settings_of(name, FEW.get(name), quick=True)
    eps = {"linf": 0.2, "l2": 0.8}[METHODS[name].NORM] if protocol == "budget" else None
    return craft(net, name, images, goal, protocol=protocol, eps=eps, settings=settings, **options)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["flat", "cut", "nan", "all_nan", "constant", "plain"])
@pytest.mark.parametrize(("name", "protocol"), PROTOCOLS)
def test_no_network_brings_an_attack_down(name, protocol, kind, channels):
    """7 images, the third one misclassified already, and a batch of one that is left over."""
    net, images = victims.Odd(kind, channels).eval(), images_of(7, channels)
    with torch.no_grad():
        labels = net(images).argmax(1)
    labels[2] = (labels[2] + 1) % 4
    found = run(name, protocol, net, images, Goal(labels), batch_size=3)
    assert found.images.shape == images.shape
    assert torch.isfinite(found.images).all()
    assert 0 <= float(found.images.min()) <= float(found.images.max()) <= 1
    assert bool(found.fooled[2]) == (kind not in ("all_nan",))
    if found.fooled[2]:
        assert torch.equal(found.images[2], images[2])
    if kind in ("all_nan", "constant"):
        assert int(found.fooled.sum()) == int(found.fooled[2])
    if protocol == "minimal":
        assert torch.equal(found.images[~found.fooled], images[~found.fooled])


@pytest.mark.parametrize(("name", "protocol"), PROTOCOLS)
def test_the_seed_decides(name, protocol):
    """Same seed, same bits; an attack that draws nothing gives the same for all seeds."""
    net, images = victims.Odd("plain").eval(), images_of(6)
    goal = Goal(net(images).argmax(1))
    state = torch.random.get_rng_state()
    first, again, other = (run(name, protocol, net, images, goal, seed=s).images for s in (3, 3, 4))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(first, again)
    if name in ("boundary", "hopskipjump", "lsa"):
        assert not torch.equal(first, other)
    if name in ("fgsm", "bim", "pgd", "pgd_l2", "deepfool", "cw"):
        assert torch.equal(first, other)


@pytest.mark.parametrize(("name", "protocol"), [pair for pair in PROTOCOLS if METHODS[pair[0]].TARGETED])
def test_a_target_is_reached_or_the_image_is_not_counted(name, protocol):
    net, images = victims.Odd("plain").eval(), images_of(6)
    with torch.no_grad():
        targets = (net(images).argmax(1) + 1) % 4
        found = run(name, protocol, net, images, Goal(targets, targeted=True))
        assert torch.equal(net(found.images).argmax(1) == targets, found.fooled)


@pytest.mark.parametrize("name", ["fgsm", "bim", "pgd", "pgd_l2"])
def test_batches_do_not_matter_where_nothing_is_drawn(name):
    net, images = victims.Odd("plain").eval(), images_of(6)
    goal = Goal(net(images).argmax(1))
    whole, parts = (run(name, "budget", net, images, goal, batch_size=size) for size in (6, 1))
    torch.testing.assert_close(whole.images, parts.images, rtol=0, atol=1e-6)
    assert whole.forward_images == parts.forward_images


def test_an_attack_that_leaves_its_ball_or_the_range_is_caught(monkeypatch):
    net, images = victims.Odd("plain").eval(), images_of(2)
    goal = Goal(net(images).argmax(1))
    for shift, words in ((0.21, "further than eps"), (0.9, "left the images' range")):
        monkeypatch.setattr(fgsm, "budget", lambda *given, shift=shift: given[1] + shift)
        with pytest.raises(AssertionError, match=words):
            craft(net, "fgsm", images, goal, eps=0.2)


def test_refuses_what_does_not_fit():
    net, images, goal = victims.Odd("plain").eval(), images_of(2), Goal(torch.zeros(2, dtype=torch.int64))
    for options, words in (
        ({"attack": "deepfool", "eps": 0.1}, "deepfool has no protocol 'budget': use minimal"),
        ({"attack": "fgsm"}, "eps must be a finite number above 0"),
        ({"attack": "fgsm", "eps": float("inf")}, "eps must be a finite number above 0"),
        ({"attack": "fgsm", "eps": 0.1, "protocol": "minimal"}, "eps must be left out"),
        ({"attack": "none", "eps": 0.1}, "unknown attack 'none'"),
        ({"attack": "fgsm", "eps": 0.1, "images": 2 * images}, r"images must be float32 in \[0, 1\]"),
        ({"attack": "fgsm", "eps": 0.1, "images": images[:1]}, "images and labels must be as many"),
        ({"attack": "deepfool", "protocol": "minimal", "goal": Goal(goal.labels, True)}, "cannot aim at a class"),
        ({"attack": "fgsm", "eps": 0.1, "module": victims.Odd("plain").train()}, "in training mode"),
    ):
        with pytest.raises(InputError, match=words):
            craft(**{"module": net, "images": images, "goal": goal, **options})
    with pytest.raises(InputError, match="fgsm has no setting 'steps': use scan"):
        settings_of("fgsm", {"steps": 3})


def test_every_image_is_moved_where_that_is_asked_for():
    """Of 7 images the third is misclassified already."""
    net, images = victims.Odd("plain").eval(), images_of(7)
    with torch.no_grad():
        labels = net(images).argmax(1)
    labels[2] = (labels[2] + 1) % 4
    usual, every = (run("pgd", "budget", net, images, Goal(labels), every=flag) for flag in (False, True))
    others = torch.arange(7) != 2
    assert torch.equal(usual.images[others], every.images[others])
    assert torch.equal(usual.images[2], images[2])
    assert float((every.images[2] - images[2]).abs().max()) == pytest.approx(3 / 15 * 0.2, abs=1e-6)
    with pytest.raises(InputError, match="every must be left out with protocol minimal"):
        run("pgd", "minimal", net, images, Goal(labels), every=True)
