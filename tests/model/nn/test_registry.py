"""Modules found by name."""

import pytest

from axmac.model.nn.registry import find, names
from axmac.model.spec import InputError

PACKAGE = "axmac.model.nn.data"


def test_names_are_the_files_of_the_package():
    assert names(PACKAGE) == ["cifar10", "cifar100", "digits", "digits32", "mnist"]


def test_finds_a_module_and_refuses_others():
    assert find(PACKAGE, "digits", "data set").__name__ == f"{PACKAGE}.digits"
    known = "cifar10 or cifar100 or digits or digits32 or mnist"
    with pytest.raises(InputError, match=rf"unknown data set '\.\./digits': use {known}"):
        find(PACKAGE, "../digits", "data set")
