"""LeNet-5 of two seeds, trained for one pass over the digits."""

import pytest

from axmac.model.nn import data
from axmac.model.nn.trained import trained


@pytest.fixture(scope="session")
def nets(tmp_path_factory):
    """The checkpoints {path, sha256, seed} of two networks."""
    folder, found = tmp_path_factory.mktemp("nets"), []
    for seed in (0, 1):
        made = trained("lenet5", data.load("digits", "train"), folder, seed=seed, epochs=1)
        found.append({"path": str(made.path), "sha256": made.metadata["sha256"], "seed": seed})
    return tuple(found)
