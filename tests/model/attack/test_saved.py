"""Files of adversarial images: what comes back, and what is refused."""

import io
import json
import pickle

import numpy as np
import pytest
import torch

from axmac.model import attack
from axmac.model.attack import saved
from axmac.model.nn import data
from axmac.model.spec import InputError

ATTACK = {"name": "fgsm", "params": {"scan": 1000}, "protocol": "budget", "norm": "linf"}


@pytest.fixture
def dataset():
    images = torch.rand(9, 1, 2, 3, generator=torch.Generator().manual_seed(2))
    return data.Dataset("pixels", "test", images, torch.arange(9) % 4, "a" * 64)


@pytest.fixture
def examples(dataset):
    chosen = torch.tensor([1, 4, 8])
    clean, labels = dataset.images[chosen], dataset.labels[chosen]
    classes = torch.tensor([3, 0, 1]), torch.tensor([1, 0, 2])
    return attack.Examples(0.25, chosen.tolist(), labels, labels, clean, (clean + 0.25).clamp(0, 1), *classes)


@pytest.fixture
def path(tmp_path, examples, dataset):
    file = tmp_path / "x.npz"
    file.write_bytes(saved.pack(examples, dataset, ATTACK, 7))
    return file


def changed(path, **arrays):
    with np.load(path, allow_pickle=False) as file:
        content = {name: file[name] for name in file.files} | arrays
    np.savez(path, **{name: value for name, value in content.items() if value is not None})
    return path


def test_the_images_come_back(path, examples, dataset):
    found = saved.read(path, dataset)
    assert torch.equal(found.dataset.images, examples.adversarial)
    assert torch.equal(found.dataset.labels, examples.labels)
    assert (found.dataset.name, found.dataset.split, found.dataset.sha256) == ("pixels", "test", "a" * 64)
    assert (found.indices, found.attack, found.seed) == ([1, 4, 8], ATTACK, 7)


def test_anybody_can_read_it_without_pickles(path, examples):
    with np.load(path, allow_pickle=False) as file:
        described = json.loads(str(file["description"]))
        arrays = {name: file[name] for name in file.files if name != "description"}
    assert described["size"] == 0.25
    assert {name: array.shape for name, array in arrays.items() if array.ndim == 1} == dict.fromkeys(
        ("indices", "label", "wanted", "source_before", "source_after", "target_before", "target_after"), (3,)
    )
    np.testing.assert_array_equal(arrays["clean"], examples.clean.numpy())
    np.testing.assert_array_equal(arrays["target_after"], [1, 0, 2])


def test_another_data_set_is_refused(path, dataset):
    other = data.Dataset("pixels", "test", dataset.images, dataset.labels, "b" * 64)
    with pytest.raises(InputError, match="was made from other images than pixels/test"):
        saved.read(path, other)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"adversarial": None}, "holds no adversarial images"),
        ({"description": np.array("no JSON")}, "holds no adversarial images"),
        ({"description": np.array("[1]")}, "holds no adversarial images"),
        ({"description": np.array('{"attack": {}, "seed": 0, "data": 3}')}, "holds no adversarial images"),
        ({"adversarial": np.full((3, 1, 2, 3), 1.5, np.float32)}, r"not float32 in \[0, 1\]"),
        ({"adversarial": np.full((3, 1, 2, 3), np.nan, np.float32)}, r"not float32 in \[0, 1\]"),
        ({"adversarial": np.zeros((3, 1, 2, 3))}, r"not float32 in \[0, 1\]"),
        ({"adversarial": np.zeros((3, 1, 3, 2), np.float32)}, "of the data set's size"),
        ({"adversarial": np.zeros((2, 1, 2, 3), np.float32)}, "of the data set's size"),
        ({"indices": np.int64(3)}, "of the data set's size"),
        ({"indices": np.array([1, 4, 9])}, "labels are not those of pixels/test"),
        ({"indices": np.array([1, 4, -1])}, "labels are not those of pixels/test"),
        ({"indices": np.array([1, 4, 7])}, "labels are not those of pixels/test"),
        ({"label": np.array([1.0, 0.0, 0.0])}, "labels are not those of pixels/test"),
        ({"label": np.array([1, 0])}, "labels are not those of pixels/test"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(arrays, words, path, dataset):
    with pytest.raises(InputError, match=words) as refused:
        saved.read(changed(path, **arrays), dataset)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def as_npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04", pickle.dumps([1]), as_npy(np.zeros(3))])
def test_what_is_no_such_file_is_refused(content, tmp_path, dataset):
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"x\.npz: (holds no adversarial images|cannot be read)"):
        saved.read(tmp_path / "x.npz", dataset)


def test_pickles_truncated_and_missing_files_are_refused(path, dataset, tmp_path):
    whole = path.read_bytes()
    for keep in (len(whole) // 2, len(whole) - 10):
        path.write_bytes(whole[:keep])
        with pytest.raises(InputError, match="holds no adversarial images"):
            saved.read(path, dataset)
    np.savez(path, description=np.array([{}], dtype=object))
    with pytest.raises(InputError, match="holds no adversarial images"):
        saved.read(path, dataset)
    with pytest.raises(InputError, match="cannot be read"):
        saved.read(tmp_path / "none.npz", dataset)
    with pytest.raises(InputError, match="cannot be read"):
        saved.read(tmp_path, dataset)
