"""One independent piece of a study: a function by name, with plain arguments and a plain result."""

import ast
import hashlib
import importlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import foolbox
import numpy as np
import torch

import axmac.model
from axmac.model.spec import InputError

__all__ = ["Shard", "compute"]

_STAGES = ("spec", "golden", "fast", "nn", "attack")
"""The parts of ``axmac.model`` on whose sources every result depends."""


@dataclass(frozen=True)
class Shard:
    """Calls ``function``, ``"package.module:name"``, with keyword ``arguments``; both they and the result are JSON.

    ``name`` is unique in its study. The result may depend on nothing but the arguments, and files that these name
    together with their hash.
    """

    name: str
    function: str
    arguments: dict[str, Any]

    def __post_init__(self) -> None:
        if self.function.count(":") != 1:
            raise ValueError(f"function must be 'package.module:name', not {self.function!r}")
        plain(self.arguments)

    @property
    def identity(self) -> str:
        """SHA-256 of what the result depends on: function, arguments, sources, and versions of the libraries."""
        module = self.function.partition(":")[0]
        return hashlib.sha256(plain([self.function, self.arguments, _sources(module)])).hexdigest()


def compute(function: str, arguments: dict[str, Any]) -> bytes:
    """The result of a shard as JSON. One thread of torch, so that it is the same wherever it is computed."""
    module, _, name = function.partition(":")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return plain(getattr(importlib.import_module(module), name)(**arguments))
    finally:
        torch.set_num_threads(threads)


def plain(value: Any) -> bytes:
    """JSON with sorted keys; ``ValueError`` or ``TypeError`` for what it cannot hold, NaN included."""
    return json.dumps(value, sort_keys=True, allow_nan=False).encode()


@lru_cache(maxsize=64)
def _sources(module: str) -> str:
    """The hash of the sources of the stages and of a study's own modules, and of the versions of the libraries."""
    found = hashlib.sha256(f"torch {torch.__version__} numpy {np.__version__} foolbox {foolbox.__version__}\n".encode())
    root = Path(next(iter(axmac.model.__path__)))
    stages = (path for stage in _STAGES for path in sorted((root / stage).rglob("*.py")))
    for path in (*stages, *sorted(_own(module))):
        found.update(f"{path.name}\0".encode() + hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _own(module: str) -> set[Path]:
    """The file of a module, and those of the modules of its package that it imports, and that these import."""
    package, paths, waiting = module.rpartition(".")[0], set(), [module]
    while waiting:
        name = waiting.pop()
        try:
            path = Path(importlib.import_module(name).__file__)
        except ImportError as error:
            raise InputError(f"a shard calls {module}, which cannot be imported ({error})") from error
        if path not in paths:
            paths.add(path)
            nodes = (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom))
            names = (node.module or "" for node in nodes)
            waiting += [other for other in names if package and other.rpartition(".")[0] == package]
    return paths
