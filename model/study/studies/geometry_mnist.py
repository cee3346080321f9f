"""Figures 3 and 4 of Gorsline, Smith and Merkel (GLSVLSI 2021): weight bits and FGSM on MNIST.

An MLP 784-100-10, its weights and biases rounded to 1 to 10 bits in the forward pass. The paper does not name: the
levels (here 2^bits, evenly from -1 to 1, no scale), the gradient of the step (here that of the sigmoid), batch (128),
rate of Adam (.001), patience (3 epochs of at most 12), whether images stay within 0 to 1 (here they do).
"""

from axmac.model.study.geometry_images import ImageCurves

__all__ = ["STUDY"]

STUDY = ImageCurves("Figures 3 and 4: accuracy by weight bits under FGSM, images", ("step", "sigmoid", "relu"), 0.01)
