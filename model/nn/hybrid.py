"""Hybrid networks: a width for each layer, weights and activations of a layer alike (QUANOS, Panda, ISLPED 2020).

The last layer stays float. In a residual block the shortcut has the width of the layer that the block's sum feeds: the
first one after the block, as in the paper (shortcut from layer l to l + 2). That holds for identity shortcuts and for
projections. After the last block comes the float layer; its shortcut has the width of the block's last convolution,
which is our choice. Only the shortcuts of `residual.Residual` are known: other sums in a forward pass stay float.
"""

import copy
from collections.abc import Mapping

import torch
from torch import nn

from axmac.model.nn.convert import check_module
from axmac.model.nn.hooks import watching
from axmac.model.nn.hybrid_layers import MOST_BITS, Codes, HybridConv2d, HybridLinear, HybridMixin, HybridShortcut
from axmac.model.nn.modes import evaluating
from axmac.model.nn.residual import Residual
from axmac.model.spec import InputError

__all__ = ["MOST_BITS", "Codes", "HybridConv2d", "HybridLinear", "HybridShortcut", "bits_of", "hybrid", "quantisable"]

_LAYERS = (nn.Conv2d, nn.Linear)
_HYBRID = {
    nn.Conv2d: HybridConv2d,
    nn.Linear: HybridLinear,
    nn.Identity: HybridShortcut,
    **{layer: layer for layer in (HybridConv2d, HybridLinear, HybridShortcut)},
}


def quantisable(module: nn.Module, shape: tuple[int, int, int]) -> tuple[str, ...]:
    """Names of the layers that get a width, in the order of the forward pass over an image of ``shape`` (C, H, W).

    They are all ``nn.Conv2d`` and ``nn.Linear`` but the last one and projections of residual shortcuts.
    Raises ``InputError`` for subclasses of those, for images that the module does not take, and where none is left.
    """
    projections = {name for layers in _projections(module).values() for name in layers}
    names = [name for name in _called(module, shape) if name not in projections][:-1]
    if not names:
        raise InputError(f"{type(module).__name__} has no layer to quantise: the last one stays float")
    return tuple(names)


def hybrid(module: nn.Module, bits: int | Mapping[str, int], shape: tuple[int, int, int]) -> nn.Module:
    """A copy of ``module`` (float, or hybrid with other widths) whose layers have ``bits``: one width, or one by name.

    Float parameters, and the ranges of a hybrid network, stay. Raises ``InputError`` as ``quantisable``, for bits
    outside 1 to 16, and for a mapping that does not name exactly the layers of ``quantisable``.
    """
    check_module(module)
    made = copy.deepcopy(module)
    names = quantisable(made, shape)
    widths = dict.fromkeys(names, bits) if isinstance(bits, int) else dict(bits)
    wrong = [*(name for name in widths if name not in names), *(name for name in names if name not in widths)]
    if wrong:
        what = "has no width" if wrong[0] in names else "is no layer to quantise"
        raise InputError(f"{wrong[0]!r} {what}: give bits for {', '.join(names)}")
    for name in names:
        _convert(made.get_submodule(name), widths[name])
    for block, projections in _projections(made).items():
        fed = _fed(block, names)
        if fed is not None:
            shortcut = f"{block}.shortcut" if block else "shortcut"
            identity = type(made.get_submodule(shortcut)) in (nn.Identity, HybridShortcut)
            for name in [shortcut] if identity else projections:
                _convert(made.get_submodule(name), widths[fed], follows=True)
    return made


def bits_of(module: nn.Module) -> dict[str, int]:
    """The width of each quantised layer, by name, in the order of the modules; empty for a float network.

    Shortcuts have the width of the layer that they feed, and are left out.
    """
    layers = ((name, layer) for name, layer in module.named_modules() if isinstance(layer, HybridMixin))
    return {name: layer.bits for name, layer in layers if not layer.follows}


def _convert(layer: nn.Module, bits: int, *, follows: bool = False) -> None:
    layer.__class__ = _HYBRID[type(layer)]
    layer.set_bits(bits)
    layer.follows = follows


def _called(module: nn.Module, shape: tuple[int, int, int]) -> list[str]:
    """Names of the layers in the order of their first call."""
    called: dict[str, None] = {}
    layers = {name: layer for name, layer in module.named_modules() if isinstance(layer, _LAYERS)}
    for name, layer in layers.items():
        if type(layer) not in _HYBRID:
            raise InputError(f"layer {name!r} is a {type(layer).__name__}: only nn.Conv2d and nn.Linear get a width")
    try:
        with watching(layers, lambda name, *_: called.setdefault(name)), evaluating(module), torch.no_grad():
            module(torch.zeros(1, *shape))
    except RuntimeError as error:
        reason = str(error).partition("\n")[0]
        raise InputError(f"{type(module).__name__} takes no images of {tuple(shape)} ({reason}): give theirs") from None
    return list(called)


def _projections(module: nn.Module) -> dict[str, list[str]]:
    """The residual blocks by name, and the layers of their shortcuts."""
    blocks = {name: block for name, block in module.named_modules() if isinstance(block, Residual)}
    return {
        name: [
            f"{name}.shortcut.{part}".strip(".")
            for part, layer in block.shortcut.named_modules()
            if isinstance(layer, _LAYERS)
        ]
        for name, block in blocks.items()
    }


def _fed(block: str, names: tuple[str, ...]) -> str | None:
    """The layer after the block, or, where none has a width, the block's last one; None for a block without layers."""
    inside = [place for place, name in enumerate(names) if name.startswith(f"{block}." if block else "")]
    return names[min(inside[-1] + 1, len(names) - 1)] if inside else None
