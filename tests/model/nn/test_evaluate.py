"""Evaluation: counts that can be checked by hand."""

import os

import pytest
import torch
from torch import nn

from axmac.model.nn import approximate, data, evaluate, networks
from axmac.model.spec import InputError


def dataset(count=10):
    labels = torch.arange(count) % 10
    images = torch.nn.functional.one_hot(labels, 10).float().reshape(count, 1, 2, 5)
    return data.Dataset("made", "test", images, labels, "0" * 64)


def test_counts_right_answers():
    net = nn.Flatten()
    made = dataset(25)
    made.images[3] = made.images[4]
    result = evaluate.accuracy(net, made, batch_size=7)
    assert (result["n"], result["correct"], result["accuracy"]) == (25, 24, 0.96)


def test_counts_products_of_all_layers_and_of_the_unit():
    net = networks.build("lenet5").eval()
    real = data.load("mnist" if os.environ.get("AXMAC_DATA") else "digits", "test")
    few = data.Dataset(real.name, "test", real.images[:20], real.labels[:20], real.sha256)
    conv, linear = 28 * 28 * 32 * 9 + 14 * 14 * 64 * 288, 3136 * 200 + 200 * 10
    result = evaluate.accuracy(approximate(net, "ax_fpm", layers="conv"), few, batch_size=8)
    assert result["products"] == 20 * (conv + linear)
    assert result["unit_products"] == 20 * conv
    assert result["images_per_s"] == pytest.approx(20 / result["seconds"])
    assert evaluate.accuracy(net, few)["unit_products"] == 0


def test_shows_progress_and_leaves_no_hook():
    net, seen = nn.Sequential(nn.Flatten(), nn.Linear(10, 10)), []
    evaluate.accuracy(net, dataset(10), batch_size=4, progress=lambda *step: seen.append(step))
    assert seen == [("classify", 4, 10), ("classify", 8, 10), ("classify", 10, 10)]
    assert not net[1]._forward_hooks


def test_refuses_an_empty_data_set():
    with pytest.raises(InputError, match="the test part of made is empty"):
        evaluate.accuracy(nn.Flatten(), dataset(0))


def test_predictions_do_not_depend_on_batch_or_threads_with_a_unit():
    net = approximate(networks.build("lenet5").eval(), "ax_fpm")
    images = data.load("digits", "test").images[:12]
    with torch.no_grad():
        whole = net(images)
        assert torch.equal(torch.cat([net(images[i : i + 5]) for i in range(0, 12, 5)]), whole)
        torch.set_num_threads(2)
        assert torch.equal(net(images), whole)


@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama1_t8"])
def test_resumes_after_a_kill_without_repeating_a_batch(unit, tmp_path):
    net, real, state = networks.build("lenet5").eval(), data.load("digits", "test"), tmp_path / "state.safetensors"
    few = data.Dataset(real.name, "test", real.images[:40], real.labels[:40], real.sha256)
    converted, seen = approximate(net, unit, layers="conv"), []
    whole = evaluate.accuracy(converted, few, batch_size=8)
    converted.register_forward_pre_hook(lambda _, inputs: seen.append(len(inputs[0])))

    def kill(_what, done, _total):
        if done >= 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate.accuracy(converted, few, batch_size=8, state=state, progress=kill)
    assert seen == [8, 8, 8]
    resumed = evaluate.accuracy(converted, few, batch_size=8, state=state)
    assert seen == [8] * 5
    for figure in ("n", "correct", "products", "unit_products"):
        assert resumed[figure] == whole[figure]
    assert evaluate.accuracy(converted, few, batch_size=8, state=state)["correct"] == whole["correct"]
    assert len(seen) == 5


def test_refuses_the_state_of_another_evaluation(tmp_path):
    net, state, made = networks.build("lenet5").eval(), tmp_path / "state.safetensors", data.load("digits", "test")
    few = data.Dataset(made.name, "test", made.images[:4], made.labels[:4], made.sha256)
    evaluate.accuracy(net, few, state=state)
    with pytest.raises(InputError, match="belongs to an evaluation with other layers: delete it"):
        evaluate.accuracy(approximate(net, "ax_fpm"), few, state=state)
    other = data.Dataset(made.name, "test", made.images[1:5], made.labels[1:5], made.sha256)
    with pytest.raises(InputError, match="belongs to an evaluation with other data: delete it"):
        evaluate.accuracy(net, other, state=state)


def test_products_of_each_layer():
    net, image = networks.build("lenet5").eval(), data.load("digits", "test").images[:1]
    found = evaluate.layer_products(net, image)
    assert found == {"conv1": 28 * 28 * 32 * 9, "conv2": 14 * 14 * 64 * 32 * 9, "fc1": 3136 * 200, "fc2": 200 * 10}
    twice = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.ReLU())
    twice.append(twice[1]).append(nn.Linear(4, 3))
    assert evaluate.layer_products(twice, torch.zeros(1, 1, 2, 2)) == {"1": 2 * 16, "4": 12}
    assert not any(layer._forward_hooks for layer in twice)
