"""Confidence: definitions by hand, what a shard says of a network, and the distribution."""

import pytest
import torch
from one_net import digits_net, setting

from axmac.model.nn import data
from axmac.model.study.confidence import Confidence, class_leads, classified
from axmac.model.study.studies import figure12
from axmac.model.study.variants import build, exact


def test_a_lead_is_over_the_highest_other_value():
    values = torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.2, 0.7]], dtype=torch.float64)
    assert class_leads(values, torch.tensor([0, 1])).tolist() == pytest.approx([0.2, -0.5])


def test_a_shard_says_what_the_network_says():
    net = exact(digits_net())
    test = data.load("digits", "test")
    found = classified(variant=net, dataset=net["data"], first=5, last=45)
    with torch.no_grad():
        logits = build(net)(test.images[5:45]).double()
    odds = torch.exp(logits - logits.amax(1, keepdim=True))
    odds /= odds.sum(1, keepdim=True)
    true = [float(odds[i, label]) for i, label in enumerate(test.labels[5:45])]
    other = [max(float(v) for j, v in enumerate(odds[i]) if j != label) for i, label in enumerate(test.labels[5:45])]
    assert found["probability"] == pytest.approx(true)
    assert found["lead"] == pytest.approx([one - two for one, two in zip(true, other, strict=True)])
    assert found["right"] == [int(one > two) for one, two in zip(true, other, strict=True)]
    assert 0 < sum(found["right"]) <= 40


def test_shares_by_hand():
    study = Confidence("t", ("ax_fpm",), "ax_fpm", {"float32": 0.2, "fp32_array_ama5_t4": 0.745})
    names = list(dict.fromkeys(shard.name.rpartition("/")[0] for shard in study.plan(setting())))
    shard = {"right": [1, 0], "lead": [0.9, -0.3], "probability": [0.95, 0.805]}
    more = {"right": [1, 1], "lead": [0.8, 0.81], "probability": [0.9, 0.9]}
    rows = study.rows(setting(), {f"{name}/{first}": one for name in names for first, one in ((0, shard), (500, more))})
    assert [row["paper"] for row in rows] == [0.2, 0.745, None]
    assert rows[0]["accuracy"] == 0.75
    assert (rows[0]["lead"]["k"], rows[0]["lead"]["n"], rows[0]["probability"]["k"]) == (2, 4, 4)
    at_or_below = rows[0]["lead"]["at_or_below"]
    assert len(at_or_below) == 201
    assert [at_or_below[100 + step] for step in (-100, -30, 0, 80, 81, 90)] == [0, 0.25, 0.25, 0.5, 0.75, 1]


def test_all_test_images_are_shown_once_to_each_arithmetic():
    for quick, images in ((True, 1000), (False, 10000)):
        shown = {}
        for shard in figure12.STUDY.plan(setting(quick)):
            shown.setdefault(shard.name.rpartition("/")[0], []).extend(
                range(shard.arguments["first"], shard.arguments["last"])
            )
        assert list(map(len, shown.values())) == [images] * 4
        assert all(sorted(one) == list(range(images)) for one in shown.values())
