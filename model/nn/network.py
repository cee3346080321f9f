"""What a network is: how it is built, which images it takes, and how it is trained unless told otherwise."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from torch import nn

from axmac.model.spec import InputError

__all__ = ["Network", "Recipe", "he_normal"]

_OPTIMIZERS, _SCHEDULES = ("adam", "sgd"), ("constant", "cosine")


@dataclass(frozen=True)
class Recipe:
    """Settings of a training.

    ``optimizer`` is ``adam`` or ``sgd``, which alone has a ``momentum``. The step size is ``learning_rate`` throughout
    (schedule ``constant``), or falls from there to 0 along half a cosine (``cosine``). ``steps`` of the optimizer are
    made at least where nobody says how many. With ``mirror``, each image is turned left to right or not, drawn anew
    every time that it is shown. Raises ``InputError`` for values out of range.
    """

    optimizer: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: str = "constant"
    steps: int = 900
    mirror: bool = False

    def __post_init__(self) -> None:
        for name, known in (("optimizer", _OPTIMIZERS), ("schedule", _SCHEDULES)):
            if getattr(self, name) not in known:
                raise InputError(f"{name} must be {' or '.join(map(repr, known))}, not {getattr(self, name)!r}")
        if not 0 < self.learning_rate < inf:
            raise InputError(f"learning_rate must be above 0 and finite, not {self.learning_rate!r}")
        if not 0 <= self.momentum < 1:
            raise InputError(f"momentum must be at least 0 and below 1, not {self.momentum!r}")
        if not 0 <= self.weight_decay < inf:
            raise InputError(f"weight_decay must be at least 0 and finite, not {self.weight_decay!r}")
        if self.steps < 1:
            raise InputError(f"steps must be at least 1, not {self.steps!r}")


@dataclass(frozen=True)
class Network:
    """``build`` makes the module; ``images`` is the shape (C, H, W) of an image that it takes, into ``classes``."""

    build: Callable[[], nn.Module]
    images: tuple[int, int, int]
    recipe: Recipe = Recipe()
    classes: int = 10


def he_normal(module: nn.Module) -> nn.Module:
    """The module with weights drawn for ReLU: normal with variance 2 / fan-in (He et al., ICCV 2015), biases 0."""
    for layer in module.modules():
        if isinstance(layer, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return module
