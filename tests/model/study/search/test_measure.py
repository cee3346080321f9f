"""What an assignment is worth, against networks that are quantised with it from the start."""

import pytest
import torch
from attacked import trained
from searched import ENERGIES, LAYERS, plan_in

from axmac.model.attack.craft import craft
from axmac.model.attack.victim import Goal
from axmac.model.nn import data, quantize
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError

BLOCK = (10, 70)
MIXED = dict(zip(LAYERS, ("s8_drum_k3", "s8_trunc_k10", "s8_exact"), strict=True))
ALIKE = [dict.fromkeys(LAYERS, unit) for unit in ENERGIES]


def expected(units, *, white_box, eps=0.1):
    images, test = data.load("digits", "train").images[:100], data.load("digits", "test")
    shown, labels = test.images[slice(*BLOCK)], test.labels[slice(*BLOCK)]
    made = quantize(trained(0), images, layers=units)
    source = made if white_box else quantize(trained(0), images, "s8_exact")
    moved = craft(source, "fgsm", shown, Goal(labels), eps=eps).images
    correct, robust = (int((predict(made, given) == labels).sum()) for given in (shown, moved))
    return {"n": 60, "correct": correct, "robust": robust}


@pytest.mark.parametrize("white_box", [False, True])
def test_counts_are_those_of_the_quantised_network(white_box, tmp_path):
    plan = plan_in(tmp_path, white_box=white_box)
    assignments = [MIXED, *ALIKE]
    found = plan.measure(assignments, BLOCK)
    assert found == [expected(units, white_box=white_box) for units in assignments]
    assert len({tuple(one.values()) for one in found}) >= 3
    assert all(one["robust"] < one["correct"] for one in found[:2])


def test_counts_do_not_depend_on_threads(tmp_path):
    before = torch.get_num_threads()
    found = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        try:
            found.append(plan_in(tmp_path / str(threads)).measure([MIXED], BLOCK))
        finally:
            torch.set_num_threads(before)
    assert found[0] == found[1]


def test_what_was_measured_is_found_again_and_lost_images_are_made_again(tmp_path):
    plan = plan_in(tmp_path)
    first = plan.measure([MIXED, *ALIKE], BLOCK)
    times = {path.name: path.stat().st_mtime_ns for path in plan.folder.glob("*.json")}
    assert len(times) == 1 + 4
    assert plan.measure([*ALIKE, MIXED], BLOCK) == [*first[1:], first[0]]
    assert {path.name: path.stat().st_mtime_ns for path in plan.folder.glob("*.json")} == times
    (images,) = plan.folder.glob("*.safetensors")
    content = images.read_bytes()
    images.unlink()
    assert plan.measure([MIXED], BLOCK) == first[:1]
    assert images.read_bytes() == content


def test_other_attacks_and_images_are_measured_anew(tmp_path):
    found = [plan_in(tmp_path, eps=eps).measure([MIXED], BLOCK)[0] for eps in (0.1, 0.3)]
    assert found == [expected(MIXED, white_box=False, eps=eps) for eps in (0.1, 0.3)]
    assert found[1]["robust"] < found[0]["robust"]
    assert plan_in(tmp_path).measure([MIXED], (0, 5))[0]["n"] == 5


def test_changed_weights_are_refused(tmp_path):
    plan = plan_in(tmp_path)
    other = type(plan)(**{**vars(plan), "net": {**plan.net, "sha256": "0" * 64}})
    with pytest.raises(InputError, match="has changed since the search began"):
        other.measure([MIXED], BLOCK)
