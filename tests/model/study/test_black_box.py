"""Shards of black-box studies: which images teach a substitute, which are attacked, and what the networks say."""

import pytest
import torch

from axmac.model.attack import Goal, craft, settings_of, wilson
from axmac.model.attack.substitute import Settings, default_network, train_substitute
from axmac.model.nn import checkpoint, data, networks
from axmac.model.study import black_box
from axmac.model.study.black_box import attacked_blind, imitated
from axmac.model.study.variants import build, exact, on_unit

LEARNING = {"net": None, "images": 12, "seed": 3, "settings": {"rounds": 2, "epochs": 2}}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """LeNet-5 after a few steps on some digits."""
    module, path = networks.build("lenet5", 0), tmp_path_factory.mktemp("net") / "net.safetensors"
    train, test = (data.load("digits", part) for part in ("train", "test"))
    optimizer = torch.optim.Adam(module.parameters())
    for batch in range(12):
        chosen = slice(64 * batch, 64 * batch + 64)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(module(train.images[chosen]), train.labels[chosen]).backward()
        optimizer.step()
    checkpoint.save(path, "lenet5", module.eval(), {})
    about = {"name": test.name, "sha256": test.sha256}
    sha256 = checkpoint.load(path)[1]["sha256"]
    return {"net": "lenet5", "seed": 0, "path": str(path), "sha256": sha256, "data": about}


@pytest.fixture(scope="module")
def expected(net):
    """The substitute as it has to be, made here: 12 images from 180 to 359, labelled by the victim alone."""
    test, victim = data.load("digits", "test"), build(exact(net))
    places = [180 + 179 * k // 11 for k in range(12)]
    module = default_network((1, 28, 28), 10, 3)
    settings = Settings(rounds=2, epochs=2)
    made = train_substitute(lambda x: victim(x).argmax(1), test.images[places], module, settings, seed=3)
    return test, victim, made


def test_a_substitute_is_compared_on_images_that_taught_nobody(net, expected):
    test, victim, made = expected
    found = imitated(victim=exact(net), dataset=net["data"], learning=LEARNING, images=300)
    classes = [module(test.images[:180]).argmax(1) for module in (made.module, victim)]
    agree = int((classes[0] == classes[1]).sum())
    assert found == {
        "n": 180,
        "agree": agree,
        "agreement": agree / 180,
        "interval": wilson(agree, 180),
        "accuracy": int((classes[0] == test.labels[:180]).sum()) / 180,
        "victim_accuracy": int((classes[1] == test.labels[:180]).sum()) / 180,
        "seed_images": 12,
        "queries": 24,
    }
    assert found["victim_accuracy"] > 0.5


def test_images_of_the_substitute_are_shown_to_the_victim(net, expected):
    test, victim, made = expected
    shard = attacked_blind(
        victim=exact(net),
        dataset=net["data"],
        learning=LEARNING,
        first=150,
        last=200,
        attack="fgsm",
        settings={"scan": 20},
        protocol="minimal",
        eps=None,
        margins=[1, 2],
        seed=0,
    )
    part = slice(150, 180)
    right = made.module(test.images[part]).argmax(1) == test.labels[part]
    images, labels = test.images[part][right], test.labels[part][right]
    assert shard["indices"] == (150 + right.nonzero().flatten()).tolist()
    assert len(labels) >= 3
    found = craft(
        made.module, "fgsm", images, Goal(labels), protocol="minimal", settings=settings_of("fgsm", {"scan": 20})
    )
    with torch.no_grad():
        assert shard["right"]["float32"] == (victim(images).argmax(1) == labels).int().tolist()
        for margin in (1, 2):
            moved = images + margin * (found.images - images) if margin > 1 else found.images
            for name, module in (("source", made.module), ("float32", victim)):
                fooled = module(moved.clamp(0, 1)).argmax(1) != labels
                assert shard["fooled"][str(margin)][name] == fooled.int().tolist()


def test_victims_and_architectures_are_those_named(net, monkeypatch):
    """The default's first convolution is 5 x 5, that of LeNet-5 3 x 3."""
    seen, image = [], data.load("digits", "test").images[:40]

    def learn(answers, images, module, *settings, seed):
        seen.append((answers(image), next(module.parameters()).shape[-1], len(images), *settings, seed))
        raise ZeroDivisionError

    monkeypatch.setattr(black_box, "train_substitute", learn)
    unit = on_unit(net, "ax_fpm", "conv")
    for victim, changes in ((unit, {"seed": 9}), (exact(net), {"seed": 8, "net": "lenet5"})):
        with pytest.raises(ZeroDivisionError):
            imitated(victim=victim, dataset=net["data"], learning=LEARNING | changes, images=5)
    settings = Settings(rounds=2, epochs=2)
    assert [call[1:] for call in seen] == [(5, 12, settings, 9), (3, 12, settings, 8)]
    with torch.no_grad():
        for (answered, *_), victim in zip(seen, (unit, exact(net)), strict=True):
            assert torch.equal(answered, build(victim)(image).argmax(1))
