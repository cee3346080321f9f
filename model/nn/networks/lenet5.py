"""LeNet-5 of the Ax-FPM paper, in the form of its released software: two convolutions, two fully connected layers.

Guesmi et al., Defensive Approximation, ASPLOS 2021. 648,226 parameters for images of 28 x 28 pixels.
"""

from collections import OrderedDict

from torch import nn

from axmac.model.nn.network import Network

__all__ = ["NETWORKS"]


def _lenet5() -> nn.Module:
    """Images float32 [B, 1, 28, 28] to scores [B, 10]; 3.84 M products in convolutions, .63 M in the other layers."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 32, 3, padding=1),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(32, 64, 3, padding=1),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(3136, 200),
            relu3=nn.ReLU(),
            fc2=nn.Linear(200, 10),
        )
    )


NETWORKS = {"lenet5": Network(_lenet5, (1, 28, 28))}
