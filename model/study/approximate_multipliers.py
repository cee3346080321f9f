"""What the studies of one paper share: Askarizadeh et al., Exploring DNN Robustness Against Adversarial Attacks Using
Approximate Multipliers (2024).

It quantises trained networks to 8 bits and replaces the exact products of all layers, or of the convolutions, by those
of seven units. Text and constants of its scaleTRIM are not public: ours is a reconstruction.

It attacks them with steps of alpha (.2 for BIM, .01 for PGD, 50 of them) and eps from 0 to 2, but does not say what
alpha is a share of, how many images there were, nor on which network they were made. Read here: alpha is a share of
eps, as in foolbox, whose BIM has .2; PGD begins at random in the ball. Its differences on LeNet-5 are multiples of
1/64, so that 64 images are likely. Images are made on float32, on exact int8, and on each unit's own network.
"""

from axmac.model.study.robust_table import Images, Method

__all__ = ["IMAGE", "LENET5", "METHODS", "PERCENTILES", "SOME", "UNITS"]

LENET5 = "lenet5_fc3"
"""Its LeNet-5: two convolutions, three linear layers, 44 K parameters (its table I)."""

UNITS = {
    "ACC": "s8_exact",
    "DR3": "s8_drum_k3",
    "DR4": "s8_drum_k4",
    "sT(3,0)": "s8_scaletrim_h3_m0",
    "sT(4,0)": "s8_scaletrim_h4_m0",
    "sT(4,4)": "s8_scaletrim_h4_m4",
    "sT(4,8)": "s8_scaletrim_h4_m8",
}
"""The columns of its table III."""

_BIM = {"steps": 50, "rel_step": 0.2}
_PGD = {"steps": 50, "rel_step": 0.01, "random_start": True}

METHODS = (
    Method("FGSM", "linf", "fgsm", {}),
    Method("BIM", "linf", "bim", _BIM),
    Method("PGD", "linf", "pgd", _PGD),
    Method("FGSM", "l2", "fgsm_l2", {}),
    Method("BIM", "l2", "bim_l2", _BIM),
    Method("PGD", "l2", "pgd_l2", _PGD),
)
"""The attacks of its figure 2."""

IMAGE = 100 / 64
"""One image of 64, in points."""

SOME = {"full": Images(64, 16, block=64), "quick": Images(8, 4)}
"""What two cores can attack on its large networks."""

PERCENTILES = {"resnet50_s": 99.5, "vgg19_s": 99.9}
"""Ranges of activations: of 99, 99.5, 99.9, 99.99 and 100 (min-max) the one with which exact int8 has most of training
images 1,000 to 1,999 right; ranges are measured on the first 512. Min-max costs ResNet-50 21 points there."""
