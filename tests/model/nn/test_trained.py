"""Networks that are found trained, or trained now."""

from dataclasses import replace

from axmac.model.nn import checkpoint, data
from axmac.model.nn.trained import checkpoint_path, trained


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
