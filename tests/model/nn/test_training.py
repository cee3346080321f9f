"""Training: reproducible, resumable, and it learns."""

import math

import pytest
import torch

from axmac.model.nn import checkpoint, data, evaluate, networks, training
from axmac.model.nn.network import Recipe
from axmac.model.spec import InputError


@pytest.fixture(scope="module")
def digits():
    whole = data.load("digits", "train")
    return data.Dataset("digits", "train", whole.images[:320], whole.labels[:320], "0" * 64)


def trained(dataset, epochs, **options):
    net = networks.build("lenet5", seed=1)
    return net, training.train(net, dataset, epochs=epochs, seed=1, batch_size=64, **options)


def same(first, second):
    return checkpoint.digest(first.state_dict()) == checkpoint.digest(second.state_dict())


def test_the_same_seed_gives_the_same_bits_whatever_torch_drew_before(digits):
    first, _ = trained(digits, 1)
    torch.rand(5)
    again, _ = trained(digits, 1)
    assert same(first, again)
    other = networks.build("lenet5", seed=1)
    training.train(other, digits, epochs=1, seed=2, batch_size=64)
    assert not same(first, other)


def test_resumes_after_a_kill_with_the_same_bits(digits, tmp_path):
    state = tmp_path / "state.safetensors"
    whole, facts = trained(digits, 3)

    def kill(_what, done, _total):
        if done > 2.5 * len(digits):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        trained(digits, 3, state=state, progress=kill)
    steps = []
    resumed, again = trained(digits, 3, state=state, progress=lambda *step: steps.append(step))
    assert steps[0][1] == 2 * len(digits) + 64
    assert same(whole, resumed)
    assert facts == again


def test_refuses_the_state_of_another_training(digits, tmp_path):
    state = tmp_path / "state.safetensors"
    trained(digits, 1, state=state)
    with pytest.raises(InputError, match="belongs to a training with other seed, batch_size: delete it"):
        training.train(networks.build("lenet5"), digits, epochs=2, seed=7, batch_size=32, state=state)


def test_learns_and_says_what_it_did(digits):
    net, facts = trained(digits, 4)
    assert not net.training
    assert len(facts["loss"]) == 4
    assert facts["loss"][-1] < facts["loss"][0] / 2
    assert evaluate.accuracy(net, digits)["accuracy"] > 0.8
    assert facts["data"] == {"name": "digits", "split": "train", "sha256": "0" * 64}
    assert (facts["seed"], facts["epochs"], facts["threads"]) == (1, 4, torch.get_num_threads())


def test_every_epoch_takes_every_image_once_in_another_order():
    class Recorder(torch.nn.Linear):
        def forward(self, x):
            seen.extend(x.flatten().int().tolist())
            return super().forward(x.flatten(1))

    seen = []
    numbered = torch.arange(40.0).reshape(-1, 1, 1, 1)
    made = data.Dataset("made", "train", numbered, torch.zeros(40, dtype=torch.int64), "0" * 64)
    training.train(Recorder(1, 2), made, epochs=2, batch_size=16)
    first, second = seen[:40], seen[40:]
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second != list(range(40))


@pytest.mark.parametrize("field", [{"epochs": 0}, {"seed": -1}, {"batch_size": 0}])
def test_refuses_settings_out_of_range(digits, field):
    with pytest.raises(InputError, match=f"{next(iter(field))} must be"):
        training.train(networks.build("lenet5"), digits, **{"epochs": 1, **field})


def test_sgd_is_the_published_rule_along_a_falling_step():
    """v = momentum * v + gradient + decay * w; w = w - step * v, written out for two steps of one epoch."""
    made = data.Dataset("made", "train", torch.tensor([1.0, 1.0]).reshape(2, 1, 1, 1), torch.zeros(2).long(), "0" * 64)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 2, bias=False))
    with torch.no_grad():
        net[1].weight[:] = torch.tensor([[0.5], [-0.25]])
    weight, moment = net[1].weight.detach().clone().double(), torch.zeros(2, 1, dtype=torch.float64)
    for step in (0.3, 0.3 * (1 + math.cos(math.pi / 2)) / 2):
        odds = torch.softmax(weight.flatten(), 0)
        gradient = (odds - torch.tensor([1.0, 0.0])).reshape(2, 1) + 0.1 * weight
        moment = 0.9 * moment + gradient
        weight = weight - step * moment
    recipe = Recipe("sgd", learning_rate=0.3, momentum=0.9, weight_decay=0.1, schedule="cosine")
    training.train(net, made, epochs=1, batch_size=1, recipe=recipe)
    torch.testing.assert_close(net[1].weight.detach().double(), weight, rtol=1e-6, atol=1e-6)


def test_sgd_resumes_with_the_same_bits_and_refuses_another_length(tmp_path):
    """A network with dropout and batch normalisation, whose random draws and buffers belong to the training too."""
    digits = data.load("digits", "train")
    few = data.Dataset("digits", "train", digits.images[:96], digits.labels[:96], digits.sha256)
    recipe, state = Recipe("sgd", 0.05, momentum=0.9, weight_decay=5e-4, schedule="cosine"), tmp_path / "state"

    def fresh():
        torch.manual_seed(3)
        layers = (torch.nn.Conv2d(1, 4, 5, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Dropout())
        return torch.nn.Sequential(*layers, torch.nn.Flatten(), torch.nn.Linear(256, 10))

    whole = fresh()
    facts = training.train(whole, few, epochs=3, batch_size=32, recipe=recipe)

    def kill(_what, done, _total):
        if done > 2.5 * len(few):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training.train(fresh(), few, epochs=3, batch_size=32, recipe=recipe, state=state, progress=kill)
    with pytest.raises(InputError, match="belongs to a training with other epochs: delete it"):
        training.train(fresh(), few, epochs=4, batch_size=32, recipe=recipe, state=state)
    resumed = fresh()
    assert training.train(resumed, few, epochs=3, batch_size=32, recipe=recipe, state=state) == facts
    assert same(whole, resumed)
    assert (facts["optimizer"], facts["momentum"], facts["schedule"]) == ("sgd", 0.9, "cosine")


@pytest.mark.parametrize("mirror", [False, True])
def test_images_are_turned_left_to_right_half_of_the_time_where_the_recipe_says_so(digits, mirror):
    shown = []

    class Seeing(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(digits.images[0].numel(), 10)

        def forward(self, images):
            shown.append(images)
            return self.layer(images.flatten(1))

    training.train(Seeing(), digits, epochs=2, batch_size=64, recipe=Recipe(mirror=mirror))
    as_they_are = {image.numpy().tobytes() for image in digits.images}
    turned = {image.flip(-1).contiguous().numpy().tobytes() for image in digits.images}
    keys = [image.contiguous().numpy().tobytes() for images in shown for image in images]
    assert len(keys) == 2 * len(digits)
    assert all(key in as_they_are | turned for key in keys)
    count = sum(key in turned - as_they_are for key in keys)
    low, high = (0.4, 0.6) if mirror else (0, 0)
    assert low * len(keys) <= count <= high * len(keys)


class Dimming:
    """Makes images darker by a number from torch's generator; what it saw is written down."""

    def __init__(self, seen):
        self.seen = seen

    def __repr__(self):
        return "dimming"

    def __call__(self, module, images, labels):
        assert module.training
        self.seen.append((len(images), len(labels)))
        return images * torch.rand(1)


def test_hardening_moves_the_images_of_later_epochs_and_resumes_with_the_same_bits(digits, tmp_path):
    seen, state = [], tmp_path / "state"
    plain, _ = trained(digits, 1)
    whole, facts = trained(digits, 3, hardening=Dimming(seen), hardening_from=1)
    assert seen == [(64, 64)] * 10
    assert (facts["hardening"], facts["hardening_from"]) == ("dimming", 1)
    paused, first = trained(digits, 3, hardening=Dimming(seen), hardening_from=1, until=1, state=state)
    assert len(first["loss"]) == 1
    assert len(seen) == 10
    assert same(paused, plain)
    with pytest.raises(InputError, match="belongs to a training with other hardening_from: delete it"):
        trained(digits, 3, hardening=Dimming(seen), hardening_from=2, state=state)
    resumed, again = trained(digits, 3, hardening=Dimming(seen), hardening_from=1, state=state)
    assert same(whole, resumed)
    assert facts == again
    assert "hardening" not in trained(digits, 1)[1]
