"""ResNet-18 and ResNet-50 for images of 32 x 32 pixels: a 3 x 3 stem of stride 1, four stages, a mean over the image.

He et al., CVPR 2016; shortcuts that change the shape are 1 x 1 convolutions, and a bottleneck has its stride in the
3 x 3 convolution. ``resnet18`` has 11,173,962 parameters and 555 M products, ``resnet50`` 23,520,842 and 1,298 M;
``resnet50_pool``, with a 3 x 3 pool of stride 2 after the stem, as many parameters and 326 M products. ``resnet50_s``
is the latter with a quarter of all channels, 1,484,186 parameters and 21 M products: what one core can train.
``resnet18_q`` is ``resnet18`` with that pool and 12, 24, 48, 96 channels in its stages, 395,350 parameters and 5.2 M
products: one pass over CIFAR-10 with quantised layers takes 40 seconds on one core, for studies that train many of them
(QUANOS). Its recipe, 30 passes over CIFAR-10, is our choice. ``resnet18_c100`` and ``resnet18_q_c100`` have 100 scores,
for CIFAR-100.
"""

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from axmac.model.nn.network import Network, Recipe, he_normal
from axmac.model.nn.residual import Residual

__all__ = ["NETWORKS"]

_RECIPE = Recipe("sgd", learning_rate=0.1, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=30_000)
_SHORT = Recipe("sgd", learning_rate=0.05, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=2_700, mirror=True)
_HYBRID = Recipe("sgd", 0.05, momentum=0.9, weight_decay=5e-4, schedule="cosine", steps=11_700, mirror=True)
_WIDTHS = (64, 128, 256, 512)
_NARROW = tuple(width // 4 for width in _WIDTHS)


def _conv(channels: int, filters: int, size: int, stride: int = 1) -> list[nn.Module]:
    """Convolution that keeps the image where its stride is 1, and batch normalisation."""
    return [nn.Conv2d(channels, filters, size, stride, size // 2, bias=False), nn.BatchNorm2d(filters)]


def _residual(body: list[nn.Module], channels: int, filters: int, stride: int) -> nn.Module:
    keeps = stride == 1 and channels == filters
    shortcut = nn.Identity() if keeps else nn.Sequential(*_conv(channels, filters, 1, stride))
    return Residual(nn.Sequential(*body), shortcut)


def _basic(channels: int, width: int, stride: int) -> tuple[nn.Module, int]:
    """Two 3 x 3 convolutions; the block and its channels."""
    body = [*_conv(channels, width, 3, stride), nn.ReLU(), *_conv(width, width, 3)]
    return _residual(body, channels, width, stride), width


def _bottleneck(channels: int, width: int, stride: int) -> tuple[nn.Module, int]:
    """1 x 1, 3 x 3, 1 x 1; the block and its channels."""
    body = [*_conv(channels, width, 1), nn.ReLU(), *_conv(width, width, 3, stride), nn.ReLU()]
    return _residual([*body, *_conv(width, 4 * width, 1)], channels, 4 * width, stride), 4 * width


def _resnet(
    block: Callable[[int, int, int], tuple[nn.Module, int]],
    blocks: tuple[int, int, int, int],
    *,
    widths: tuple[int, ...] = _WIDTHS,
    pool: bool = False,
    classes: int = 10,
) -> nn.Module:
    """Images float32 [B, 3, 32, 32] to scores [B, classes]."""
    stem = [*_conv(3, widths[0], 3), nn.ReLU(), *([nn.MaxPool2d(3, 2, 1)] if pool else [])]
    parts: OrderedDict[str, nn.Module] = OrderedDict(stem=nn.Sequential(*stem))
    channels = widths[0]
    for stage, (width, count) in enumerate(zip(widths, blocks, strict=True), start=1):
        chain = []
        for i in range(count):
            part, channels = block(channels, width, 2 if i == 0 and stage > 1 else 1)
            chain.append(part)
        parts[f"stage{stage}"] = nn.Sequential(*chain)
    parts |= {"mean": nn.AdaptiveAvgPool2d(1), "flatten": nn.Flatten(), "fc": nn.Linear(channels, classes)}
    return he_normal(nn.Sequential(parts))


def _resnet18_q(classes: int = 10) -> nn.Module:
    return _resnet(_basic, (2, 2, 2, 2), widths=(12, 24, 48, 96), pool=True, classes=classes)


NETWORKS = {
    "resnet18": Network(lambda: _resnet(_basic, (2, 2, 2, 2)), (3, 32, 32), _RECIPE),
    "resnet18_c100": Network(lambda: _resnet(_basic, (2, 2, 2, 2), classes=100), (3, 32, 32), _RECIPE, classes=100),
    "resnet18_q": Network(_resnet18_q, (3, 32, 32), _HYBRID),
    "resnet18_q_c100": Network(lambda: _resnet18_q(100), (3, 32, 32), _HYBRID, classes=100),
    "resnet50": Network(lambda: _resnet(_bottleneck, (3, 4, 6, 3)), (3, 32, 32), _RECIPE),
    "resnet50_pool": Network(lambda: _resnet(_bottleneck, (3, 4, 6, 3), pool=True), (3, 32, 32), _RECIPE),
    "resnet50_s": Network(lambda: _resnet(_bottleneck, (3, 4, 6, 3), widths=_NARROW, pool=True), (3, 32, 32), _SHORT),
}
