"""LeNet-5 for images of 28 x 28 pixels, in the forms of two papers.

``lenet5``, 648,226 parameters: two convolutions, two fully connected layers, as in the released software of the Ax-FPM
paper (Guesmi et al., Defensive Approximation, ASPLOS 2021). ``lenet5_fc3``, 44,426 parameters: two convolutions without
padding, three fully connected layers (LeCun et al., Proc. IEEE 1998, with ReLU and max pooling), as in studies of
approximate integer multipliers.
"""

from collections import OrderedDict

from torch import nn

from axmac.model.nn.network import Network, Recipe

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


def _lenet5_fc3() -> nn.Module:
    """Images float32 [B, 1, 28, 28] to scores [B, 10]; .24 M products in convolutions, .04 M in the other layers."""
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(1, 6, 5),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2),
            conv2=nn.Conv2d(6, 16, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2),
            flatten=nn.Flatten(),
            fc1=nn.Linear(256, 120),
            relu3=nn.ReLU(),
            fc2=nn.Linear(120, 84),
            relu4=nn.ReLU(),
            fc3=nn.Linear(84, 10),
        )
    )


NETWORKS = {
    "lenet5": Network(_lenet5, (1, 28, 28)),
    "lenet5_fc3": Network(_lenet5_fc3, (1, 28, 28), Recipe(schedule="cosine", steps=4_700)),
}
