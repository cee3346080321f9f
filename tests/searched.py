"""What searches are tested on: a small network with a name of its own, trained on digits, and made-up energies."""

from attacked import trained
from shown import cost_row
from torch import nn

from axmac.model.nn import checkpoint, data
from axmac.model.nn.network import Network
from axmac.model.nn.networks import lenet5
from axmac.model.report import new_result, save
from axmac.model.spec import catalog
from axmac.model.study.search import Search, Space

NAME = "tiny"
LAYERS = ("0", "2", "5")
PRODUCTS = {"0": 12 * 12 * 8 * 25, "2": 4 * 4 * 16 * 200, "5": 2560}
ENERGIES = {"s8_exact": 4.0, "s8_drum_k3": 3.0, "s8_trunc_k10": 1.0}


def tiny():
    """The network of `attacked.trained`, as it is built."""
    return nn.Sequential(
        *(nn.Conv2d(1, 8, 5, stride=2), nn.ReLU(), nn.Conv2d(8, 16, 5, stride=2), nn.ReLU()),
        *(nn.Flatten(), nn.Linear(256, 10)),
    )


def name_it():
    """Makes the network known as ``tiny`` in this process."""
    lenet5.NETWORKS[NAME] = Network(tiny, (1, 28, 28))


def saved(folder):
    """Its trained weights, in a folder, as ``load_net`` looks for them."""
    name_it()
    path = folder / "tiny-digits-seed0.safetensors"
    checkpoint.save(path, NAME, trained(0), {"data": {"name": "digits"}})
    return path


def costs(path, energies=None):
    """A result of ``axmac ppa`` with the energies of units."""
    energies = ENERGIES if energies is None else energies
    rows = [cost_row(unit, 1.0, 1.0, pj, spec_sha256=catalog[unit].sha256) for unit, pj in energies.items()]
    return save(new_result("ppa", rows, seed=0), path)


def plan_in(folder, *, eps=0.1, white_box=False, **changes):
    """A search of the network on digits, its weights and results in ``folder``."""
    path = saved(folder)
    train, test = (data.load("digits", split) for split in ("train", "test"))
    return Search(
        net={"path": str(path), "sha256": checkpoint.load_tensors(path)[1]["sha256"]},
        calibration={"name": "digits", "sha256": train.sha256, "images": 100, "percentile": 100.0},
        test={"name": "digits", "sha256": test.sha256},
        attack={"name": "fgsm", "eps": eps, "settings": {}, "seed": 0},
        white_box=white_box,
        folder=folder / "shards",
        **changes,
    )


SPACE = Space(PRODUCTS, ENERGIES)
