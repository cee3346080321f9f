"""Training: reproducible, resumable, and it learns."""

import pytest
import torch

from axmac.model.nn import checkpoint, data, evaluate, networks, training
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


@pytest.mark.parametrize("field", [{"epochs": 0}, {"seed": -1}, {"batch_size": 0}, {"learning_rate": 0.0}])
def test_refuses_settings_out_of_range(digits, field):
    with pytest.raises(InputError, match=f"{next(iter(field))} must be"):
        training.train(networks.build("lenet5"), digits, **{"epochs": 1, **field})
