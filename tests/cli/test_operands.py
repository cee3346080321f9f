"""Operands of a network's layers: those that its layers multiply, in the order of a MAC, each layer by its share."""

import json
from collections import OrderedDict

import numpy as np
import pytest
import torch
from torch import nn

from axmac.cli.operands import write_operands
from axmac.model.nn import checkpoint, data, networks
from axmac.model.nn.network import Network
from axmac.model.nn.networks import lenet5 as family
from axmac.model.spec import InputError


def build():
    parts = {"conv": nn.Conv2d(1, 4, 5, stride=4), "relu": nn.ReLU(), "flatten": nn.Flatten()}
    return nn.Sequential(OrderedDict(parts, fc=nn.Linear(144, 10)))


def test_operands_are_those_of_the_layers(tmp_path, monkeypatch):
    monkeypatch.setitem(family.NETWORKS, "tiny", Network(build, (1, 28, 28)))
    module = networks.build("tiny")
    checkpoint.save(tmp_path / "tiny-digits-seed0.safetensors", "tiny", module, {"data": {"name": "digits"}})
    path, context = write_operands(tmp_path / "out", "tiny", "digits", tmp_path, 1001, 0, lambda *_: None)
    with np.load(path, allow_pickle=False) as file:
        a, b = file["a"], file["b"]
    assert (a.dtype, b.dtype, a.shape, b.shape) == (np.float32, np.float32, (1001,), (1001,))
    manifest = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    of_conv = manifest["products"]["conv"]
    shares = {"conv": 36 * 25 * 4, "fc": 144 * 10}
    assert of_conv == round(1001 * shares["conv"] / sum(shares.values()))
    assert context["data"]["name"] == "digits/test"
    weight = module.conv.weight.detach().flatten(1).numpy()
    images = data.load("digits", "test").images[:4]
    patches = torch.nn.functional.unfold(images, 5, stride=4).transpose(1, 2).reshape(-1, 25).numpy()
    for start in range(0, of_conv - 25, 25):  # output by output, k after k
        assert (weight == b[start : start + 25]).all(axis=1).any()
        assert (patches == a[start : start + 25]).all(axis=1).any()
    fc = module.fc.weight.detach().numpy()
    assert (fc == b[of_conv : of_conv + 144]).all(axis=1).any()


def test_a_network_that_is_not_trained(tmp_path):
    with pytest.raises(InputError, match="axmac train lenet5 --data digits"):
        write_operands(tmp_path, "lenet5", "digits", tmp_path, 100, 0, lambda *_: None)
