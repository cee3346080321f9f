"""How the results of studies are shown: one module for each form, found by the name that the study gives.

A module has ``tables(result)``, a list of `Table`; ``sentence(result)``, what came of it in plain words; where there is
something to look at, ``draw(result, figure)``, which fills a matplotlib figure; and, where the tables are too wide for
a page, ``short(result)``, those that are not. To add a form, add a module.
"""

import importlib
from types import ModuleType
from typing import Any

__all__ = ["form_of"]


def form_of(result: dict[str, Any]) -> ModuleType:
    """The module that shows a result of kind study."""
    return importlib.import_module(f"{__name__}.{result['study']['form']}")
