"""QUANOS (Panda, ISLPED 2020), figure 4, tables V, VI and VII: ResNet-18 for CIFAR-100, the paper's data set."""

from dataclasses import replace

from axmac.model.study.studies import quanos_resnet

__all__ = ["STUDY"]

STUDY = replace(
    quanos_resnet.STUDY,
    title="QUANOS on ResNet-18 for CIFAR-100: figure 4, tables V, VI, VII",
    net="resnet18_q_c100",
    full_net="resnet18_c100",
    absent=("ResNet-18 at full size and length: `axmac quanos resnet18_c100 --warmup 30 --epochs 210`",),
)
