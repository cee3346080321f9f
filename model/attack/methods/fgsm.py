"""The fast gradient sign method of Goodfellow et al. (ICLR 2015), by foolbox, with a fixed eps."""

import foolbox
from torch import Tensor, nn

__all__ = ["NORM", "PARAMS", "perturb"]

NORM = "linf"
PARAMS = {"library": f"foolbox {foolbox.__version__}", "steps": 1, "random_start": False, "clip": [0.0, 1.0]}


def perturb(module: nn.Module, images: Tensor, labels: Tensor, eps: float) -> Tensor:
    """Adversarial images float32 [n, C, H, W] in [0, 1]: clip(image + eps * sign(gradient of the cross-entropy)).

    ``module`` must be in evaluation mode. ``labels`` int64 [n] are the true classes.
    """
    model = foolbox.PyTorchModel(module, bounds=(0, 1), device="cpu")
    _, clipped, _ = foolbox.attacks.FGSM(random_start=False)(model, images, labels, epsilons=eps)
    return clipped.detach()
