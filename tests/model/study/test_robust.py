"""Shards of robust accuracy: FGSM written out on a network and its int8 forms, and what they say of each image."""

import pytest
import torch
import torch.nn.functional as F
from one_net import digits_net

from axmac.model.nn import checkpoint, data, quantize
from axmac.model.nn.int8 import Int8Mixin
from axmac.model.spec import InputError
from axmac.model.study import variants
from axmac.model.study.robust import moved_and_shown
from axmac.model.study.variants import build, exact, named, on_unit


@pytest.fixture(scope="module")
def nets():
    """The network, and quantised as `axmac eval` does it: the first 512 training images, min-max."""
    module, _ = checkpoint.load(digits_net()["path"])
    images = data.load("digits", "train").images[:512]
    return {
        "float32": module,
        **{f"{unit} (all)": quantize(module, images, unit, "all") for unit in ("s8_exact", "s8_drum_k3")},
    }


def shard(source, targets, **changes):
    net = digits_net()
    variant = {"float32": exact(net)} | {
        f"{unit} (all)": on_unit(net, unit, "all") for unit in ("s8_exact", "s8_drum_k3")
    }
    asked = {"first": 20, "last": 220, "attack": "fgsm", "settings": {}, "sizes": [0, 0.02, 0.1], "seed": 0}
    shown = {"source": variant[source], "targets": [variant[name] for name in targets]}
    return moved_and_shown(**{**shown, "dataset": net["data"], **asked, **changes})


@pytest.mark.parametrize("source", ["float32", "s8_exact (all)", "s8_drum_k3 (all)"])
def test_a_shard_says_what_the_networks_say(source, nets):
    """All 200 images are moved, those that the source has wrong too."""
    found = shard(source, [name for name in nets if name != source])
    test, compared = data.load("digits", "test"), 0
    images, labels = test.images[20:220], test.labels[20:220]
    assert (found["n"], list(found["right"])) == (200, ["0", "0.02", "0.1"])
    for eps in (0, 0.02, 0.1):
        moving = images.clone().requires_grad_()
        F.cross_entropy(nets[source](moving), labels, reduction="sum").backward()
        moved = (images + eps * moving.grad.sign()).clamp(0, 1)
        for name, net in nets.items():
            with torch.no_grad():
                right = (net(moved).argmax(1) == labels).int().tolist()
            assert found["right"][f"{eps:g}"][name] == "".join(map(str, right))
            compared += len(right)
    assert compared == 3 * 3 * 200
    assert 0 < found["right"]["0.1"][source].count("1") < found["right"]["0"][source].count("1") < 200


def test_seeds_and_blocks_draw_their_own_starts(nets):
    del nets
    common = {"attack": "pgd", "settings": {"random_start": True, "steps": 1, "rel_step": 1e-6}, "sizes": [0.35]}
    runs = [shard("float32", [], **common, seed=seed)["right"]["0.35"]["float32"] for seed in (0, 0, 1)]
    assert runs[0] == runs[1] != runs[2]


def test_an_int8_variant_is_the_network_quantised(nets):
    images = data.load("digits", "test").images[:30]
    for layers in ("conv", "all"):
        variant = on_unit(digits_net(), "s8_drum_k3", layers)
        net = build(variant)
        assert named(variant) == f"s8_drum_k3 ({layers})"
        units = [part.unit.id for part in net.modules() if isinstance(part, Int8Mixin)]
        assert units == ["s8_drum_k3"] * 2 + ["s8_exact" if layers == "conv" else "s8_drum_k3"] * 2
    with torch.no_grad():
        assert torch.equal(net(images), nets["s8_drum_k3 (all)"](images))
    clipped = build(on_unit(digits_net(), "s8_drum_k3", "all", percentile=90.0))
    scales = [[part.in_scale for part in one.modules() if isinstance(part, Int8Mixin)] for one in (clipped, net)]
    assert all(mine < usual for mine, usual in zip(*scales, strict=True))
    assert "percentile" not in variant


def test_other_training_images_than_those_of_the_network_are_refused(monkeypatch):
    variants._quantised.cache_clear()
    monkeypatch.setattr(variants, "_calibration", lambda _: (torch.zeros(1, 1, 28, 28), "0" * 64))
    with pytest.raises(InputError, match="was not trained on the digits of this machine"):
        build(on_unit(digits_net(), "s8_exact", "all"))
    variants._quantised.cache_clear()
