"""The digits of scikit-learn and the lookup by name."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from axmac.model.nn import data
from axmac.model.spec import InputError


def test_split_sizes_shapes_and_values():
    train, test = data.load("digits", "train"), data.load("digits", "test")
    assert (len(train), len(test)) == (1437, 360)
    assert train.images.shape == (1437, 1, 28, 28)
    assert train.images.dtype == torch.float32
    assert (float(train.images.min()), float(train.images.max())) == (0.0, 1.0)
    assert torch.bincount(test.labels).min() >= 34


def test_both_parts_together_are_all_images_once():
    parts = [data.load("digits", split) for split in ("train", "test")]
    small = torch.cat([part.images for part in parts])[:, 0, 3:-2:3, 3:-2:3].reshape(1797, 64) * 16
    actual = sorted(map(tuple, torch.column_stack([small, torch.cat([p.labels for p in parts])]).int().tolist()))
    source = load_digits()
    assert actual == sorted(map(tuple, np.column_stack([source.data, source.target]).astype(int).tolist()))


def test_the_same_bytes_every_time():
    assert data.load("digits", "test").sha256 == data.load("digits", "test").sha256
    assert data.load("digits", "test").sha256 != data.load("digits", "train").sha256


def test_unknown_names():
    with pytest.raises(
        InputError, match="unknown data set 'digit': use cifar10 or cifar100 or digits or digits32 or mnist"
    ):
        data.load("digit", "test")
    with pytest.raises(InputError, match="split must be 'train' or 'test', not 'all'"):
        data.load("digits", "all")
