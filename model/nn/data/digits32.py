"""The handwritten digits of ``digits`` in the shape of CIFAR-10, for networks that take colour images.

The same images and the same split, with a margin of 2 more pixels and three equal colours: 3 x 32 x 32.
"""

import numpy as np

from axmac.model.nn.data import digits

__all__ = ["load"]


def load(split: str, progress: object) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 [n, 3, 32, 32] with values 0 to 1 and labels int64 [n]."""
    images, labels = digits.load(split, progress)
    return np.pad(images, ((0, 0), (0, 0), (2, 2), (2, 2))).repeat(3, axis=1), labels
