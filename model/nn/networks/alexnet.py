"""AlexNet for images of 32 x 32 pixels: five convolutions, three pools, three fully connected layers, dropout.

The layers are those of the Ax-FPM paper's network for CIFAR-10 (Guesmi et al., Defensive Approximation, ASPLOS 2021,
section 5.1). ``alexnet`` has 23,272,266 parameters, 41.7 M products in convolutions and 21.0 M in the other layers;
``alexnet_s``, narrower in every layer but the first, 2,127,274 parameters, 24.6 M and 0.9 M.

The paper trains with SGD and names one more setting, the learning rate 0.001. The step size here, momentum, weight
decay, the number of steps, and that half of the images are turned left to right are our choice.
"""

from collections import OrderedDict
from dataclasses import replace

from torch import nn

from axmac.model.nn.network import Network, Recipe, he_normal

__all__ = ["NETWORKS"]

_RECIPE = Recipe(
    "sgd", learning_rate=0.03, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=11_700, mirror=True
)
_WIDE = replace(_RECIPE, learning_rate=0.01, steps=5_850)
"""With .03 the wide network does not learn at all; 15 passes over CIFAR-10 take less than an hour on two cores."""


def _alexnet(convolutions: tuple[int, int, int, int, int], hidden: tuple[int, int]) -> nn.Module:
    """Images float32 [B, 3, 32, 32] to scores [B, 10]."""
    c1, c2, c3, c4, c5 = convolutions
    features = nn.Sequential(
        *(nn.Conv2d(3, c1, 3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(c1, c2, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(c2, c3, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(c3, c4, 3, padding=1), nn.ReLU()),
        *(nn.Conv2d(c4, c5, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
    )
    classifier = nn.Sequential(
        *(nn.Flatten(), nn.Dropout(), nn.Linear(4 * c5, hidden[0]), nn.ReLU()),
        *(nn.Dropout(), nn.Linear(hidden[0], hidden[1]), nn.ReLU()),
        nn.Linear(hidden[1], 10),
    )
    return he_normal(nn.Sequential(OrderedDict(features=features, classifier=classifier)))


NETWORKS = {
    "alexnet": Network(lambda: _alexnet((64, 192, 384, 256, 256), (4096, 4096)), (3, 32, 32), _WIDE),
    "alexnet_s": Network(lambda: _alexnet((64, 160, 256, 192, 192), (768, 384)), (3, 32, 32), _RECIPE),
}
