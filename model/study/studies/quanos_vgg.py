"""QUANOS (Panda, ISLPED 2020), figures 1a, 1b and 3, tables II, III and IV: VGG-19 for CIFAR-10.

``vgg19_q`` has an eighth of the channels; energy and memory are given for the paper's size, too.
"""

from axmac.model.study.quanos.printed import VGG19
from axmac.model.study.quanos.table import QuanosTable

__all__ = ["STUDY"]

STUDY = QuanosTable(
    title="QUANOS on VGG-19: figures 1 and 3, tables II, III, IV",
    net="vgg19_q",
    full_net="vgg19_fc1",
    bits=(16, 8, 5),
    hardened=16,
    printed=VGG19,
    ablation=True,
    absent=("VGG-19 at full size and length, days without a GPU: `axmac quanos vgg19_fc1 --warmup 30 --epochs 210`",),
)
