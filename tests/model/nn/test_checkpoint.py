"""Checkpoints: whole or not there, and refused when they are not what was written."""

import pytest
import torch
from safetensors.torch import save_file

from axmac.model.nn import checkpoint, networks
from axmac.model.spec import InputError


@pytest.fixture
def saved(tmp_path):
    net = networks.build("lenet5", seed=5)
    checkpoint.save(tmp_path / "deep" / "net.safetensors", "lenet5", net, {"seed": 5, "data": {"name": "digits"}})
    return tmp_path / "deep" / "net.safetensors", net


def test_there_and_back(saved):
    path, net = saved
    loaded, metadata = checkpoint.load(path)
    assert not loaded.training
    assert (metadata["net"], metadata["seed"], metadata["data"]) == ("lenet5", 5, {"name": "digits"})
    assert metadata["sha256"] == checkpoint.digest(net.state_dict())
    assert all(torch.equal(value, net.state_dict()[name]) for name, value in loaded.state_dict().items())
    assert [file.name for file in path.parent.iterdir()] == ["net.safetensors"]


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match=r"none\.safetensors is missing: train a network with `axmac train` first"):
        checkpoint.load(tmp_path / "none.safetensors")


@pytest.mark.parametrize("keep", [0, 7, 1000, -100])
def test_a_truncated_file(saved, keep):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="is no whole safetensors file") as info:
        checkpoint.load(path)
    assert "\n" not in str(info.value)


def test_a_changed_weight(saved):
    path, _ = saved
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="was not written by axmac or was changed since"):
        checkpoint.load(path)


def test_a_file_of_another_program(tmp_path):
    save_file({"weight": torch.zeros(2)}, tmp_path / "other.safetensors")
    with pytest.raises(InputError, match="was not written by axmac"):
        checkpoint.load(tmp_path / "other.safetensors")


def test_tensors_that_do_not_fit_the_network(saved):
    path, net = saved
    tensors = {name: value for name, value in net.state_dict().items() if name != "fc2.bias"}
    checkpoint.save_tensors(path, tensors, {"net": "lenet5"})
    with pytest.raises(InputError, match="does not fit the network lenet5"):
        checkpoint.load(path)


def test_values_that_are_not_finite(saved):
    path, net = saved
    with torch.no_grad():
        net.fc2.bias[0] = float("nan")
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"fc2\.bias holds NaN or infinite values"):
        checkpoint.save(path, "lenet5", net, {})
    assert path.read_bytes() == before
    checkpoint.save_tensors(path, net.state_dict(), {"net": "lenet5"})
    with pytest.raises(InputError, match=r"fc2\.bias holds NaN or infinite values"):
        checkpoint.load(path)


def test_a_training_state_is_no_network(tmp_path):
    checkpoint.save_tensors(tmp_path / "state.safetensors", {"a": torch.zeros(1)}, {"history": []})
    with pytest.raises(InputError, match="holds no network"):
        checkpoint.load(tmp_path / "state.safetensors")
