"""Modules found by name."""

import pytest

from axmac.model.nn.registry import find, names
from axmac.model.spec import InputError

PACKAGE = "axmac.model.nn.data"


def test_names_are_the_files_of_the_package():
    assert names(PACKAGE) == ["cifar10", "digits", "digits32", "mnist"]


def test_finds_a_module_and_refuses_others():
    assert find(PACKAGE, "digits", "data set").__name__ == f"{PACKAGE}.digits"
    with pytest.raises(InputError, match=r"unknown data set '\.\./digits': use cifar10 or digits or digits32 or mnist"):
        find(PACKAGE, "../digits", "data set")
