"""Networks that are found trained, or trained now."""

from dataclasses import replace

import pytest

from axmac.model.nn import checkpoint, data, networks, training
from axmac.model.nn.trained import checkpoint_path, find_checkpoint, trained


def few(split="train"):
    whole = data.load("digits", split)
    return data.Dataset("digits", split, whole.images[:256], whole.labels[:256], whole.sha256)


def test_a_network_is_trained_once_for_the_same_settings(tmp_path):
    path = checkpoint_path(tmp_path, "lenet5", "digits", 3)
    first = trained("lenet5", few(), tmp_path, seed=3, epochs=1)
    assert (first.path, first.found) == (path, False)
    assert sorted(file.name for file in tmp_path.iterdir()) == [path.name]
    again = trained("lenet5", few(), tmp_path, seed=3, epochs=1)
    assert (again.metadata, again.found) == (first.metadata, True)
    more = trained("lenet5", few(), tmp_path, seed=3, epochs=2)
    assert not more.found
    assert more.metadata["sha256"] != first.metadata["sha256"]
    assert checkpoint.load(path)[1] == more.metadata


def test_other_data_of_the_same_name_is_trained_on_anew(tmp_path):
    trained("lenet5", few(), tmp_path, epochs=1)
    other = replace(few(), sha256="0" * 64)
    assert not trained("lenet5", other, tmp_path, epochs=1).found


def test_a_damaged_file_is_named_and_replaced(tmp_path):
    path, said = checkpoint_path(tmp_path, "lenet5", "digits", 0), []
    path.write_bytes(b"no weights")
    made = trained("lenet5", few(), tmp_path, epochs=1, say=said.append)
    assert not made.found
    assert len(said) == 1
    assert str(path) in said[0]
    assert said[0].endswith("; training it now")


@pytest.mark.parametrize(
    ("net", "dataset", "most"),
    [("lenet5", "mnist", 3_000_000), ("lenet5_fc3", "mnist", 200_000), ("alexnet_s", "cifar10", 10_000_000)],
)
def test_weights_of_the_package_are_those_of_the_recipe(net, dataset, most, tmp_path):
    """Their size is bounded, their bits are those that they say, and today's recipe would make them again."""
    path = find_checkpoint(tmp_path, net, dataset, 0)
    assert path.parent.name == "weights"
    assert path.stat().st_size < most
    metadata = checkpoint.load(path)[1]
    recipe = networks.get(net).recipe
    assert {name: metadata[name] for name in training.recipe_settings(recipe)} == training.recipe_settings(recipe)
    steps = metadata["epochs"] * -(-{"mnist": 60_000, "cifar10": 50_000}[dataset] // metadata["batch_size"])
    assert recipe.steps <= steps < recipe.steps * 1.1
    assert metadata["threads"] == 1


def test_weights_of_the_package_are_taken_where_they_fit_and_the_folder_has_none(tmp_path):
    assert find_checkpoint(tmp_path, "lenet5", "mnist", 1) is None
    own = checkpoint_path(tmp_path, "lenet5", "mnist", 0)
    own.write_bytes(b"own")
    assert find_checkpoint(tmp_path, "lenet5", "mnist", 0) == own
    own.unlink()
    shipped = find_checkpoint(tmp_path, "lenet5", "mnist", 0)
    said = checkpoint.load(shipped)[1]
    whole = data.load("digits", "train")
    fitting = data.Dataset("mnist", "train", whole.images[:128], whole.labels[:128], said["data"]["sha256"])
    options = {"epochs": said["epochs"], "shipped": True}
    made = trained("lenet5", fitting, tmp_path, **options)
    assert (made.path, made.found, made.metadata) == (shipped, True, said)
    other = replace(fitting, sha256="0" * 64)
    assert trained("lenet5", other, tmp_path, **options).path == own
    own.unlink()
    assert trained("lenet5", fitting, tmp_path, epochs=said["epochs"]).path == own
