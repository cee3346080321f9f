"""Networks trained for one pass over the digits, as a study's setting names them."""

from axmac.model.nn import data
from axmac.model.nn.trained import trained


def trained_nets(folder, *needs, name="digits"):
    """{need: {net, seed, path, sha256, data}} of networks for images of one data set."""
    test, found = data.load(name, "test"), {}
    for need in needs:
        made = trained(need.net, data.load(name, "train"), folder, seed=need.seed, epochs=1)
        found[need] = {
            "net": need.net,
            "seed": need.seed,
            "path": str(made.path),
            "sha256": made.metadata["sha256"],
            "data": {"name": name, "sha256": test.sha256},
        }
    return found


def named_nets(needs, datasets):
    """The same without any files, for plans and rows: ``datasets`` names the test set of each network."""
    return {
        need: {
            "net": need.net,
            "seed": need.seed,
            "path": f"{need.net}-{need.seed}",
            "sha256": "0" * 64,
            "data": {"name": datasets[need.net], "sha256": "1" * 64},
        }
        for need in needs
    }
