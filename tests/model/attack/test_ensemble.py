"""Worst case per image: the union of its attacks, each on the images still standing."""

from itertools import pairwise

import pytest
import torch
from attacked import digits, distances_to_boundary, inner_images, linear, trained

from axmac.model.attack.craft import craft, distances, settings_of
from axmac.model.attack.ensemble import ATTACKS, ensemble
from axmac.model.attack.methods.square import Settings
from axmac.model.attack.victim import Goal
from axmac.model.spec import InputError


def test_worst_case_is_the_union():
    """Attacks without randomness of their own: what falls to any of them alone, falls, and nothing else does."""
    net, part, attacks = trained(0), digits("test", 60), ("fab_t", "apgd_ce", "apgd_dlr")
    alone = [
        craft(net, attack, part.images, Goal(part.labels), eps=0.05, settings=settings_of(attack, quick=True)).fooled
        for attack in attacks
    ]
    worst = ensemble(net, part.images, part.labels, 0.05, attacks=attacks, quick=True)
    clean = net(part.images).argmax(1) == part.labels
    union = torch.stack(alone).any(0) | ~clean
    assert 5 < int((union & clean).sum()) < 50
    assert int((worst.survived == ~union).sum()) >= 59
    assert worst.survived[~union].all()
    assert torch.equal(worst.survived, net(worst.images).argmax(1) == part.labels)
    assert float(distances(part.images, worst.images, "linf").max()) <= 0.05 + 1e-6


def test_by_which_attack_each_image_fell():
    net, part = trained(0), digits("test", 40)
    worst = ensemble(net, part.images, part.labels, 0.06, quick=True, seed=3)
    counts = {name: worst.fell_to.count(name) for name in ("clean", *ATTACKS, None)}
    assert sum(counts.values()) == 40
    assert counts["clean"] == int((net(part.images).argmax(1) != part.labels).sum())
    assert [row["k"] for row in worst.rows] == [counts[attack] for attack in ATTACKS]
    assert worst.rows[0]["n"] == 40 - counts["clean"]
    assert all(row["n"] - row["k"] == after["n"] for row, after in pairwise(worst.rows))
    assert worst.rows[-1]["forward_images"] >= 300 * counts[None]
    assert [fell is None for fell in worst.fell_to] == worst.survived.tolist()
    accuracy = worst.robust_accuracy
    assert (accuracy["n"], accuracy["k"]) == (40, counts[None])
    assert accuracy["interval"][0] < accuracy["rate"] < accuracy["interval"][1]
    again = ensemble(net, part.images, part.labels, 0.06, quick=True, seed=3)
    assert torch.equal(again.images, worst.images)
    assert again.fell_to == worst.fell_to


def test_what_the_first_attack_leaves_falls_to_the_second():
    """Square with one query is stripes and nothing else; the gradient does better on a linear classifier."""
    net, images = linear(4), inner_images(30)
    labels = net(images).argmax(1)
    settings = {"square": Settings(queries=1)}
    worst = ensemble(net, images, labels, 0.1, attacks=("square", "apgd_ce"), settings=settings)
    stripes = craft(net, "square", images, Goal(labels), eps=0.1, settings=settings["square"]).fooled
    assert [fell == "square" for fell in worst.fell_to] == stripes.tolist()
    assert worst.fell_to.count("apgd_ce") == int((~stripes).sum()) >= 10


def test_known_robust_accuracy():
    net, images = linear(6), inner_images(50)
    labels = net(images).argmax(1)
    near = distances_to_boundary(net, images, labels, 1)
    eps = float(near.median())
    settings = {"square": Settings(queries=50)}
    worst = ensemble(net, images, labels, eps, settings=settings, quick=True)
    assert (near[~worst.survived] < 1.0001 * eps).all()
    assert (near[worst.survived] > 0.99 * eps).all()
    assert worst.rows[-1]["settings"] == {"queries": 50, "share": 0.8}


def test_nothing_is_left():
    net, images = linear(4), inner_images(5)
    wrong = (net(images).argmax(1) + 1) % 4
    worst = ensemble(net, images, wrong, 0.1, quick=True)
    assert worst.fell_to == ["clean"] * 5
    assert [(row["n"], row["k"], row["forward_images"]) for row in worst.rows] == [(0, 0, 0)] * 5
    assert torch.equal(worst.images, images)


def test_refuses_what_makes_no_sense():
    net, images = linear(4), inner_images(2)
    labels = net(images).argmax(1)
    with pytest.raises(InputError, match=r"one norm, not apgd_ce, apgd_ce_l2 in \['l2', 'linf'\]"):
        ensemble(net, images, labels, 0.1, attacks=("apgd_ce", "apgd_ce_l2"))
    with pytest.raises(InputError, match="attacks must be one or more"):
        ensemble(net, images, labels, 0.1, attacks=())
    with pytest.raises(InputError, match="unknown attack 'apgd'"):
        ensemble(net, images, labels, 0.1, attacks=("apgd",))
    three = linear(3)
    few = three(images).argmax(1)
    with pytest.raises(InputError, match="at least 4 classes, not 3"):
        ensemble(three, images, few, 1e-6, quick=True)
