"""Networks with weights and activations of 4 bits (DoReFa), the "defensive quantisation" of the Ax-FPM study.

``lenet5_dq``: `lenet5` with all layers but the last one quantised, as in table 11 of that study.

For images of 32 x 32 pixels the layers are those of table 11 (Guesmi et al., Defensive Approximation, ASPLOS 2021):
six convolutions with batch normalisation, three pools, two fully connected layers with batch normalisation, and a last
one in float32. Weights have 4 bits.

* ``dq_full``, table 11 "fully quantized": the outputs of its ReLUs have 4 bits too; its image stays as it is;
* ``dq_weights``, table 11 "weight quantized": ordinary ReLUs;
* ``dq_official``, as the authors of DoReFa do it: ``dq_full`` with a first layer in float32.

The ``_s`` forms are narrower. Table 11 has a "ConvolutionreluQuant" in its second place, read here as a convolution
like the others. It gives no widths, strides or recipes, so these are our choice: 64, 128, 192, 192, 256, 256 filters
and 2048, 1024 units, near those of `alexnet`; 32, 64, 96, 96, 128, 128 and 512, 256 for the ``_s`` forms; and, as in
`alexnet`, a stride of 2 in the first convolution.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

from torch import nn

from axmac.model.nn.dorefa import DorefaReLU, dorefa
from axmac.model.nn.network import Network, Recipe, he_normal
from axmac.model.nn.networks.lenet5 import NETWORKS as EXACT

__all__ = ["NETWORKS"]

_BITS = 4
_FULL = (64, 128, 192, 192, 256, 256), (2048, 1024)
_SMALL = (32, 64, 96, 96, 128, 128), (512, 256)
_RECIPE = Recipe("adam", learning_rate=2e-3, schedule="cosine", steps=7_800, mirror=True)
_SHORT = Recipe("adam", learning_rate=3e-3, schedule="cosine", steps=2_700, mirror=True)


def _lenet5_dq() -> nn.Module:
    """Images float32 [B, 1, 28, 28] to scores [B, 10]."""
    return dorefa(EXACT["lenet5"].build(), _BITS, _BITS, stay=("fc2",))


def _table_11(
    filters: Sequence[int], units: Sequence[int], relu: Callable[[], nn.Module], stay: Sequence[str] = ()
) -> nn.Module:
    """Images float32 [B, 3, 32, 32] to scores [B, 10]; ``stay`` and the last layer keep float32 weights."""
    features: list[nn.Module] = []
    for place, (channels, width) in enumerate(pairwise((3, *filters))):
        features.append(nn.Conv2d(channels, width, 3, stride=1 if place else 2, padding=1, bias=False))
        features += [nn.MaxPool2d(2)] if place % 2 else []
        features += [nn.BatchNorm2d(width), relu()]
    classifier: list[nn.Module] = [nn.Flatten()]
    for inputs, width in pairwise((4 * filters[-1], *units)):
        classifier += [nn.Linear(inputs, width, bias=False), nn.BatchNorm1d(width), relu()]
    parts = OrderedDict(features=nn.Sequential(*features), classifier=nn.Sequential(*classifier))
    parts["scores"] = nn.Linear(units[-1], 10)
    return dorefa(he_normal(nn.Sequential(parts)), _BITS, stay=(*stay, "scores"))


def _forms(widths: tuple[Sequence[int], Sequence[int]], suffix: str, recipe: Recipe) -> dict[str, Network]:
    quantised, shape = partial(DorefaReLU, _BITS), (3, 32, 32)
    builds = {
        "dq_full": partial(_table_11, *widths, quantised),
        "dq_weights": partial(_table_11, *widths, nn.ReLU),
        "dq_official": partial(_table_11, *widths, quantised, stay=("features.0",)),
    }
    return {f"{name}{suffix}": Network(build, shape, recipe) for name, build in builds.items()}


NETWORKS = {
    "lenet5_dq": Network(_lenet5_dq, (1, 28, 28), Recipe(steps=3000)),
    **_forms(_FULL, "", _RECIPE),
    **_forms(_SMALL, "_s", _SHORT),
}
