"""QUANOS (Panda, ISLPED 2020), figure 4, tables V, VI and VII: ResNet-18, here for CIFAR-10.

`quanos_cifar100` is for the paper's data set. ``resnet18_q`` has fewer channels and a pool after its stem; energy and
memory are given for the paper's size, too.
"""

from axmac.model.study.quanos.printed import RESNET18
from axmac.model.study.quanos.table import QuanosTable

__all__ = ["STUDY"]

STUDY = QuanosTable(
    title="QUANOS on ResNet-18: figure 4, tables V, VI, VII",
    net="resnet18_q",
    full_net="resnet18",
    bits=(16, 8, 4),
    hardened=4,
    printed=RESNET18,
    ablation=False,
    absent=(
        "CIFAR-100, the paper's data set: `axmac study quanos_cifar100`, with cifar-100-python.tar.gz in $AXMAC_DATA",
        "ResNet-18 at full size and length, days without a GPU: `axmac quanos resnet18 --warmup 30 --epochs 210`",
    ),
)
