"""What runs of QUANOS are tested on: a small network with batch normalisation and a name, and some digits."""

from torch import nn

from axmac.model.nn import data
from axmac.model.nn.network import Network, Recipe
from axmac.model.nn.networks import lenet5

NAME = "mini"
LAYERS = ("0", "3", "7")


def mini():
    """Two convolutions, a hidden layer and the scores."""
    return nn.Sequential(
        *(nn.Conv2d(1, 4, 5, stride=3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 8, 3, stride=2), nn.ReLU()),
        *(nn.Flatten(), nn.Dropout(0.1), nn.Linear(72, 16), nn.ReLU(), nn.Linear(16, 10)),
    )


def name_it():
    """Makes the network known as ``mini`` in this process."""
    recipe = Recipe("sgd", 0.05, momentum=0.9, schedule="cosine", steps=60, mirror=True)
    lenet5.NETWORKS[NAME] = Network(mini, (1, 28, 28), recipe)


def digits(count=256):
    """The first training images."""
    whole = data.load("digits", "train")
    return data.Dataset(whole.name, whole.split, whole.images[:count], whole.labels[:count], whole.sha256)
