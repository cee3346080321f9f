"""QUANOS (Panda, ISLPED 2020), figure 4, tables V, VI and VII: ResNet-18, in the paper for CIFAR-100.

``resnet18_q`` has fewer channels and a pool after its stem; energy and memory are given for the paper's size, too.
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
)
