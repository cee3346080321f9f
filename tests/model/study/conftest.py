"""LeNet-5 of three seeds and its 4-bit form, trained for one pass over the digits."""

import pytest

from axmac.model.nn import data
from axmac.model.nn.trained import trained
from axmac.model.study.planning import Need


@pytest.fixture(scope="session")
def nets(tmp_path_factory):
    """What a setting says of each network: {net, seed, path, sha256, data}."""
    folder, found = tmp_path_factory.mktemp("nets"), {}
    test = data.load("digits", "test")
    for net, seed in (("lenet5", 0), ("lenet5", 1), ("lenet5", 2), ("lenet5_dq", 0)):
        made = trained(net, data.load("digits", "train"), folder, seed=seed, epochs=1)
        entry = {"net": net, "seed": seed, "path": str(made.path), "sha256": made.metadata["sha256"]}
        found[Need(net, seed)] = entry | {"data": {"name": test.name, "sha256": test.sha256}}
    return found
