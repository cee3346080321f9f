"""VGG-19 with batch normalisation for images of 32 x 32 pixels: sixteen convolutions, five pools.

Simonyan & Zisserman, ICLR 2015, configuration E. ``vgg19`` ends in three fully connected layers (512-4096-4096-10, as
in studies of approximate multipliers; 38,958,922 parameters), ``vgg19_fc1`` in one (512-10, as in QUANOS, Panda 2020;
20,040,522). Both have 398 M products in convolutions. ``vgg19_s`` has a quarter of the channels of ``vgg19`` and
linear layers 128-256-256-10: 1,357,018 parameters, 25 M products in convolutions, what one core can train.
``vgg19_q`` is ``vgg19_fc1`` with an eighth of its channels, 315,698 parameters and 6.4 M products: one pass over
CIFAR-10 with quantised layers takes 40 seconds on one core, for studies that train many of them (QUANOS). Its recipe,
30 passes over CIFAR-10, is our choice.
"""

from collections import OrderedDict

from torch import nn

from axmac.model.nn.network import Network, Recipe, he_normal

__all__ = ["NETWORKS"]

_BLOCKS = ((64, 64), (128, 128), (256,) * 4, (512,) * 4, (512,) * 4)
_RECIPE = Recipe("sgd", learning_rate=0.05, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=30_000)
_SHORT = Recipe("sgd", learning_rate=0.02, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=4_700, mirror=True)
_HYBRID = Recipe("sgd", 0.05, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=11_700, mirror=True)


def _vgg19(*hidden: int, share: int = 1) -> nn.Module:
    """Images float32 [B, 3, 32, 32] to scores [B, 10]; convolutions have one of ``share`` channels."""
    features: list[nn.Module] = []
    channels = 3
    for widths in _BLOCKS:
        for width in (whole // share for whole in widths):
            features += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
            channels = width
        features.append(nn.MaxPool2d(2))
    classifier: list[nn.Module] = [nn.Flatten()]
    for width in hidden:
        classifier += [nn.Linear(channels, width), nn.ReLU(), nn.Dropout()]
        channels = width
    parts = OrderedDict(
        features=nn.Sequential(*features), classifier=nn.Sequential(*classifier, nn.Linear(channels, 10))
    )
    return he_normal(nn.Sequential(parts))


NETWORKS = {
    "vgg19": Network(lambda: _vgg19(4096, 4096), (3, 32, 32), _RECIPE),
    "vgg19_fc1": Network(_vgg19, (3, 32, 32), _RECIPE),
    "vgg19_q": Network(lambda: _vgg19(share=8), (3, 32, 32), _HYBRID),
    "vgg19_s": Network(lambda: _vgg19(256, 256, share=4), (3, 32, 32), _SHORT),
}
