"""Finds the modules of a package by name: one file for each network, data set or attack, and no list to keep."""

import importlib
import pkgutil
from types import ModuleType

from axmac.model.spec import InputError

__all__ = ["find", "names"]


def names(package: str) -> list[str]:
    """The names of a package's modules in alphabetical order."""
    return sorted(module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__))


def find(package: str, name: str, kind: str) -> ModuleType:
    """The module of that name. ``InputError`` for another name; ``kind`` says in that line what was looked for."""
    known = names(package)
    if name not in known:
        raise InputError(f"unknown {kind} {name!r}: use {' or '.join(known)}")
    return importlib.import_module(f"{package}.{name}")
