"""The residual block that networks are made of, and that ``hybrid`` knows the shortcut of."""

import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Residual"]


class Residual(nn.Module):
    """relu(body(x) + shortcut(x)); the shortcut is ``nn.Identity`` or, where the shape changes, a projection."""

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """float32 [B, C, H, W] to [B, C', H', W']."""
        return F.relu(self.body(x) + self.shortcut(x))
