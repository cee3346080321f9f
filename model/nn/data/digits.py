"""The handwritten digits inside scikit-learn: real data that needs no download.

1,797 images of 8 x 8 pixels with values 0 to 16 (UCI "Optical recognition of handwritten digits", test part), each
pixel enlarged to 3 x 3 with a margin of 2: 28 x 28. Split 1,437 to 360 by seed 0, every digit in proportion.
"""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

__all__ = ["load"]

_TEST = 360


def load(split: str, _progress: object) -> tuple[np.ndarray, np.ndarray]:
    """Images float32 [n, 1, 28, 28] with values 0 to 1 and labels int64 [n]."""
    digits = load_digits()
    chosen = train_test_split(np.arange(len(digits.target)), test_size=_TEST, random_state=0, stratify=digits.target)
    index = np.sort(chosen[0] if split == "train" else chosen[1])
    large = digits.images[index].repeat(3, axis=1).repeat(3, axis=2) / 16
    return np.pad(large, ((0, 0), (2, 2), (2, 2)))[:, None].astype(np.float32), digits.target[index]
