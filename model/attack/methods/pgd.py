"""Projected gradient descent of Madry et al. (ICLR 2018) in the L-inf ball, by foolbox: 20 steps of eps / 10."""

import foolbox
from torch import Tensor, nn

__all__ = ["NORM", "PARAMS", "perturb"]

NORM = "linf"
_STEPS, _REL_STEP = 20, 0.1
PARAMS = {
    "library": f"foolbox {foolbox.__version__}",
    "steps": _STEPS,
    "rel_stepsize": _REL_STEP,
    "random_start": False,
    "clip": [0.0, 1.0],
}


def perturb(module: nn.Module, images: Tensor, labels: Tensor, eps: float) -> Tensor:
    """Adversarial images float32 [n, C, H, W] in [0, 1], at most ``eps`` from ``images`` in each pixel.

    ``module`` must be in evaluation mode. ``labels`` int64 [n] are the true classes.
    """
    model = foolbox.PyTorchModel(module, bounds=(0, 1), device="cpu")
    attack = foolbox.attacks.LinfPGD(rel_stepsize=_REL_STEP, steps=_STEPS, random_start=False)
    _, clipped, _ = attack(model, images, labels, epsilons=eps)
    return clipped.detach()
