"""Adversarial noise sensitivity of each layer, and the widths that follow from it (QUANOS, Panda, ISLPED 2020).

    ANS_l = |a_adv - a| / |a|              equation 2, norms L2
    k_l   = k - round(ANS_l * k)           equation 3, here within 1 .. k; a half goes to the even number

a, a_adv are the activations of layer l for clean images and for those of one FGSM step on the network itself
(white-box, L-inf, clipped to [0, 1]). The activation of a layer is the output of the first ReLU that runs after it and
before the next layer that gets a width: behind batch normalisation, before a pool, and for the last convolution of a
residual block behind its sum. Where no ReLU runs there it is the layer's own output.

Both norms run over all values of all images of the sample: an image that a layer answers with zeros counts like any
other, where a mean of ratios by image would divide by zero. The paper leaves that open.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from axmac.model.attack.craft import craft
from axmac.model.attack.victim import Goal
from axmac.model.nn.hybrid import quantisable
from axmac.model.nn.modes import evaluating
from axmac.model.spec import InputError

__all__ = ["assigned_bits", "noise_sensitivity"]

_RELUS = (torch.ops.aten.relu.default, torch.ops.aten.relu_.default)
_TINY = 1e-30
"""A square of a norm below it counts as this one, so that nothing is divided by zero."""


def noise_sensitivity(
    module: nn.Module, images: Tensor, labels: Tensor, eps: float = 0.05, batch_size: int = 125
) -> dict[str, float]:
    """Equation 2 for each layer of `hybrid.quantisable`: float32 ``images`` [n, C, H, W] in [0, 1], labels int64 [n].

    The module computes in evaluation mode and is left as it was. A layer that never moves has 0, also where its
    activations are all 0. Raises ``InputError`` as `hybrid.quantisable` and `craft`.
    """
    names = quantisable(module, tuple(images.shape[1:]))
    moved, whole = dict.fromkeys(names, 0.0), dict.fromkeys(names, 0.0)

    def see(name: str, activations: Tensor) -> None:
        clean, noisy = activations.double().chunk(2)
        moved[name] += float((noisy - clean).square().sum())
        whole[name] += float(clean.square().sum())

    with evaluating(module):
        for start in range(0, len(images), batch_size):
            part = slice(start, start + batch_size)
            noisy = craft(module, "fgsm", images[part], Goal(labels[part]), eps=eps, every=True).images
            with torch.no_grad(), _watched(module, names, see):
                module(torch.cat([images[part], noisy]))
    return {name: (moved[name] / max(whole[name], _TINY)) ** 0.5 for name in names}


def assigned_bits(sensitivity: Mapping[str, float], initial: int | Mapping[str, int] = 16) -> dict[str, int]:
    """Equation 3 for each layer; ``initial`` is the width that all layers had, or that of each.

    Raises ``InputError`` for a sensitivity that is negative or NaN.
    """
    widths = dict.fromkeys(sensitivity, initial) if isinstance(initial, int) else initial
    for name, value in sensitivity.items():
        if not value >= 0:
            raise InputError(f"the sensitivity of {name} must be at least 0, not {value!r}: is the network finite?")
    return {name: max(1, widths[name] - round(min(value, 1.0) * widths[name])) for name, value in sensitivity.items()}


class _Relus(TorchDispatchMode):
    """Shows every ReLU's output to a function while it is on."""

    def __init__(self, see: Callable[[Tensor], None]) -> None:
        super().__init__()
        self.see = see

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func in _RELUS:
            self.see(out)
        return out


@contextmanager
def _watched(module: nn.Module, names: Sequence[str], see: Callable[[str, Tensor], None]) -> Iterator[None]:
    """While open, ``see(name, activation)`` is called once for each layer in each forward pass."""
    waiting: list[tuple[str, Tensor]] = []

    def close(*_: object) -> None:
        if waiting:
            see(*waiting.pop())

    def activated(out: Tensor) -> None:
        if waiting:
            name, _ = waiting.pop()
            see(name, out)

    handles = [module.register_forward_hook(close)]
    for name in names:
        layer = module.get_submodule(name)
        handles.append(layer.register_forward_pre_hook(close))
        handles.append(layer.register_forward_hook(lambda _layer, _inputs, out, name=name: waiting.append((name, out))))
    try:
        with _Relus(activated):
            yield
    finally:
        for handle in handles:
            handle.remove()
