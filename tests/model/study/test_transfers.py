"""Shards of attack studies: what they say of each image, and the rates that come of it."""

import numpy as np
import pytest
import torch

from axmac.model.attack import Goal, craft, settings_of, wilson
from axmac.model.attack.controls import mean_gain
from axmac.model.nn import data
from axmac.model.spec import InputError
from axmac.model.study import transfers
from axmac.model.study.planning import Need
from axmac.model.study.transfers import attacked, paired, rate
from axmac.model.study.variants import build, exact, gained, named, on_unit

ZERO, ONE = (Need("lenet5", seed) for seed in (0, 1))


def arguments(nets, **changes):
    test = data.load("digits", "test")
    net = exact(nets[ZERO])
    base = {
        "source": net,
        "targets": [on_unit(nets[ZERO], "ax_fpm", "conv"), exact(nets[ONE])],
        "dataset": {"name": "digits", "sha256": test.sha256},
        "first": 10,
        "last": 40,
        "attack": "fgsm",
        "settings": {"scan": 50},
        "protocol": "minimal",
        "eps": None,
        "margins": [1, 1.5],
        "seed": 0,
    }
    return base | changes


def test_a_shard_says_of_each_image_what_the_networks_say(nets):
    found = attacked(**arguments(nets))
    test, source = data.load("digits", "test"), build(exact(nets[ZERO]))
    unit, second = build(on_unit(nets[ZERO], "ax_fpm", "conv")), build(exact(nets[ONE]))
    with torch.no_grad():
        right = source(test.images[10:40]).argmax(1) == test.labels[10:40]
        indices = torch.arange(10, 40)[right]
        assert found["indices"] == indices.tolist()
        images, labels = test.images[indices], test.labels[indices]
        made = craft(
            source, "fgsm", images, Goal(labels), protocol="minimal", settings=settings_of("fgsm", {"scan": 50})
        )
        for margin in (1, 1.5):
            moved = (images + margin * (made.images - images)).clamp(0, 1) if margin > 1 else made.images
            judged = found["fooled"][f"{margin:g}"]
            for name, net in (("source", source), ("fp32_array_ama5_t4 (conv)", unit), ("float32, seed 1", second)):
                assert judged[name] == (net(moved).argmax(1) != labels).int().tolist()
        assert found["right"]["float32, seed 1"] == (second(images).argmax(1) == labels).int().tolist()
    change = (made.images - images).double().flatten(1)
    assert np.allclose(found["l2"], change.norm(dim=1))
    assert np.allclose(found["linf"], change.abs().amax(1))
    assert len(indices) > 15
    assert sum(found["fooled"]["1"]["source"]) > 15


def test_rates_by_hand():
    shards = [
        {
            "indices": [0, 1, 2, 3],
            "right": {"t": [1, 1, 0, 1]},
            "fooled": {"1": {"source": [1, 1, 1, 0], "t": [1, 0, 1, 1]}},
        },
        {"indices": [], "right": {}, "fooled": {}},
        {"indices": [9], "right": {"t": [1]}, "fooled": {"1": {"source": [1], "t": [1]}}},
    ]
    assert rate(shards, "t") == {"n": 4, "k1": 3, "k2": 2, "source_rate": 0.75, "rate": 2 / 3, "interval": wilson(2, 3)}
    assert rate(shards[1:2], "t") == {"n": 0, "k1": 0, "k2": 0, "source_rate": None, "rate": None, "interval": None}


def test_pairs_by_hand():
    """Five images that both classify right, of which one fools the first network alone and three the second alone."""
    shards = [
        {
            "indices": [0, 1, 2, 3, 4, 5],
            "right": {"t": [1, 1, 1, 1, 1, 0], "u": [1, 1, 1, 1, 1, 1]},
            "fooled": {"1": {"source": [1] * 6, "t": [1, 0, 0, 0, 1, 1], "u": [0, 1, 1, 1, 1, 0]}},
        },
        {"indices": [], "right": {}, "fooled": {}},
    ]
    assert paired(shards, "t", "u") == {"n": 5, "only_first": 1, "only_second": 3, "p": 2 * (1 + 4) / 2**4}
    assert paired(shards, "source", "t") == {"n": 5, "only_first": 3, "only_second": 0, "p": 2 / 2**3}


def test_other_weights_or_other_data_than_planned_are_refused(nets):
    with pytest.raises(InputError, match="has changed since the study was planned"):
        build(exact({**nets[ZERO], "sha256": "0" * 64}))
    with pytest.raises(InputError, match="not the data set that the study was planned for"):
        attacked(**arguments(nets, dataset={"name": "digits", "sha256": "0" * 64}))


def test_blocks_and_seeds_draw_their_own_numbers(nets, monkeypatch):
    seeds = []
    monkeypatch.setattr(transfers, "craft", lambda *_, seed, **__: seeds.append(seed) or 1 / 0)
    for first, seed in ((10, 0), (20, 0), (10, 1)):
        with pytest.raises(ZeroDivisionError):
            attacked(**arguments(nets, first=first, seed=seed))
    assert len(set(seeds)) == 3


def test_the_gain_is_in_the_products_of_the_convolutions(nets):
    plain, more = build(exact(nets[ZERO])), build(gained(nets[ZERO], "ax_fpm", "conv"))
    for (name, before), (_, after) in zip(plain.named_parameters(), more.named_parameters(), strict=True):
        factor = mean_gain("ax_fpm") if before.dim() == 4 else 1
        assert torch.equal(after, before * factor), name


def test_names_tell_variants_apart(nets):
    made = [exact(nets[ZERO]), exact(nets[ONE]), *(on_unit(nets[ZERO], "ax_fpm", layers) for layers in ("conv", "all"))]
    made += [gained(nets[ZERO], "ax_fpm", "conv"), on_unit(nets[ONE], "ax_fpm", "conv", gradient="unit")]
    made.append(exact(nets[Need("lenet5_dq")], "DoReFa 4-bit"))
    assert [named(variant) for variant in made] == [
        "float32",
        "float32, seed 1",
        "fp32_array_ama5_t4 (conv)",
        "fp32_array_ama5_t4 (all)",
        f"float32 x {mean_gain('ax_fpm'):.3f} (conv)",
        "fp32_array_ama5_t4 (conv), gradient unit, seed 1",
        "DoReFa 4-bit",
    ]


def test_the_backward_pass_of_a_variant_is_that_of_its_layers(nets):
    for gradient in ("exact", "unit"):
        made = build(on_unit(nets[ZERO], "ax_fpm", "conv", gradient))
        assert f"gradient={gradient}" in repr(made.conv1)
