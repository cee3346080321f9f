"""Distances between images, and what depends on the norm that they are measured in."""

import torch
from torch import Tensor

__all__ = ["distances", "farthest", "per_image", "stretched"]


def distances(clean: Tensor, moved: Tensor, norm: str) -> Tensor:
    """The distance of each pair of images [n, C, H, W] in ``norm``, float64 [n]; l0 counts changed values."""
    change = (moved.double() - clean.double()).flatten(1)
    if norm == "l0":
        return (change != 0).sum(1).double()
    return torch.linalg.vector_norm(change, ord={"l1": 1, "l2": 2, "linf": torch.inf}[norm], dim=1)


def farthest(images: Tensor, norm: str) -> float:
    """The largest distance, in l2 or linf, between two images of this shape [n, C, H, W] with values in [0, 1]."""
    return {"l2": float(images[0].numel()) ** 0.5, "linf": 1.0}[norm]


def per_image(values: Tensor) -> Tensor:
    """Values [n] as float32 [n, 1, 1, 1], to be multiplied with images."""
    return values.float()[:, None, None, None]


def stretched(clean: Tensor, moved: Tensor, margin: float) -> Tensor:
    """The perturbations of images [n, C, H, W] times ``margin``, clipped to [0, 1]; at 1 the same bits."""
    return moved if margin == 1 else (clean + margin * (moved - clean)).clamp(0, 1)
