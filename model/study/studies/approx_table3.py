"""Table III of Askarizadeh et al. (2024): accuracy of LeNet-5, ResNet-50 and VGG-19 in int8 on seven integer units.

Units are in all layers of LeNet-5, and in the convolutions of the others, whose linear layers are exact int8. float32
is a row of ours. The large networks take days to train without a GPU: they stand in the table where they are trained,
and so do forms with a quarter of the channels, which a core trains in a quarter of an hour. The paper names no recipe.
Ranges of activations are min-max, of the narrower forms a percentile.
"""

from axmac.model.study.accuracy_table import AccuracyTable, Entry
from axmac.model.study.approximate_multipliers import LENET5, PERCENTILES, UNITS

__all__ = ["STUDY"]

_PAPER = {
    LENET5: (98.73, 98.12, 98.52, 98.60, 98.68, 98.62, 98.66),
    "resnet50": (93.54, 86.16, 91.94, 92.48, 93.38, 93.40, 93.42),
    "vgg19": (93.78, 91.18, 93.22, 93.16, 93.63, 93.66, 93.79),
}
"""In the order of the units."""


def _entries(net: str, layers: str, paper: tuple[float, ...], *, optional: bool) -> list[Entry]:
    rows = [
        Entry(label, (net, net), unit, layers, paper=printed, optional=optional, percentile=PERCENTILES.get(net))
        for (label, unit), printed in zip(UNITS.items(), paper, strict=True)
    ]
    return [*rows, Entry("float32", (net, net), optional=optional)]


STUDY = AccuracyTable(
    title="Table III: accuracy of int8 networks on integer units",
    entries=(
        *_entries(LENET5, "all", _PAPER[LENET5], optional=False),
        *(
            entry
            for net in ("resnet50", "vgg19")
            for form in (net, f"{net}_s")
            for entry in _entries(form, "conv", _PAPER[net], optional=True)
        ),
    ),
    by_net=True,
)
