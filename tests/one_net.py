"""LeNet-5 trained for one pass over the digits, as studies of one network are planned for it."""

import functools
import tempfile
from pathlib import Path

from axmac.model.nn import data
from axmac.model.nn.trained import trained
from axmac.model.study.planning import Need, Setting

__all__ = ["digits_net", "setting"]


@functools.cache
def digits_net():
    """The entry of a setting; the checkpoint lies in a folder that is gone when the tests end."""
    made = trained("lenet5", data.load("digits", "train"), Path(_folder().name), epochs=1)
    test = {"name": "digits", "sha256": data.load("digits", "test").sha256}
    return {"net": "lenet5", "seed": 0, "path": str(made.path), "sha256": made.metadata["sha256"], "data": test}


@functools.cache
def _folder():
    return tempfile.TemporaryDirectory()


def setting(quick=True):
    """A setting of a network that is nowhere: enough to plan, and to make rows of results."""
    net = {"net": "lenet5", "seed": 0, "path": "nowhere", "sha256": "0" * 64}
    return Setting({Need("lenet5"): net | {"data": {"name": "digits", "sha256": "1" * 64}}}, 0, quick)
