"""Post-training quantisation: a float network becomes one of int8 layers, each with its own unit, in one call."""

import copy
import operator
from collections.abc import Iterable, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from axmac.model.nn.calibration import input_scales
from axmac.model.nn.convert import Layers, check_module, chosen_layers
from axmac.model.nn.int8 import Int8Conv1d, Int8Conv2d, Int8Conv3d, Int8Linear, Int8Mixin, int8_unit
from axmac.model.spec import InputError, IntMul

__all__ = ["quantize", "reassign"]

_INT8 = {nn.Conv1d: Int8Conv1d, nn.Conv2d: Int8Conv2d, nn.Conv3d: Int8Conv3d, nn.Linear: Int8Linear}
_NORMS = {nn.Conv1d: nn.BatchNorm1d, nn.Conv2d: nn.BatchNorm2d, nn.Conv3d: nn.BatchNorm3d}
_INT32_MAX = (1 << 31) - 1

_KEEPING_LAYERS = (
    *(nn.ReLU, nn.Identity, nn.Flatten, nn.Unflatten, nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d),
    *(nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
)
_KEEPING_CALLS = (
    *(F.relu, torch.relu, torch.flatten, F.dropout, operator.getitem),
    *(F.max_pool1d, F.max_pool2d, F.max_pool3d, torch.max_pool1d, torch.max_pool2d, torch.max_pool3d),
)
_KEEPING_METHODS = ("relu", "flatten", "reshape", "view", "contiguous", "squeeze", "unsqueeze", "permute", "transpose")
"""What gives back some of the values that it takes, or 0."""


def quantize(
    module: nn.Module,
    calibration: Tensor,
    spec: IntMul | str | None = None,
    layers: Layers = "all",
    *,
    rest: IntMul | str | None = "s8_exact",
    percentile: float = 100.0,
) -> nn.Module:
    """A copy of a trained float32 ``module`` whose convolutions and linear layers compute in int8.

    Symmetric, without zero points: weights per channel, activations per tensor, all clipped to +-127; biases int32; one
    rounding at the end of a layer (see `axmac.model.nn.int8`). ``calibration`` float32 images [n, ...] give the ranges
    of activations, by the largest magnitude (``percentile=100``) or by a percentile of magnitudes.
    ``layers`` says which layers multiply with ``spec``: ``"conv"``, ``"all"``, a callable (name, module), or a mapping
    of names; the latter two give the units themselves. The other layers multiply with ``rest``, or stay float for None.
    Units are signed with 8 bits. Batch normalisation after a convolution becomes part of it, and outputs take the step
    of the next layer, as far as ``torch.fx`` can trace the module; elsewhere both stay in float32.

    Raises ``TypeError`` for no module, ``InputError`` as ``approximate`` and ``input_scales``, for units that do not
    fit, and for weights with which a sum could leave int32.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, not {module!r}")
    check_module(module)
    made = copy.deepcopy(module)
    units = _units(made, spec, layers, rest)
    _fold_norms(made)
    found = dict(made.named_modules())
    scales = input_scales(made, {name: found[name] for name in units}, calibration, percentile)
    for name, unit in units.items():
        found[name].__class__ = _INT8[type(found[name])]
        found[name].set_unit(unit, scales[name])
    for layer, scale in _following_scales(made).items():
        layer.out_scale = scale
    _check_bounds(made, units)
    return made


def reassign(module: nn.Module, units: Mapping[str, IntMul | str]) -> nn.Module:
    """A copy of a network of ``quantize`` with other units in the layers that ``units`` names, and the same steps.

    Steps and weights do not depend on units, so it is what ``quantize`` makes with these units. Raises ``InputError``
    for a name of no int8 layer, for units that do not fit, and for weights with which a sum could leave int32.
    """
    made = copy.deepcopy(module)
    layers = {name: layer for name, layer in made.named_modules() if isinstance(layer, Int8Mixin)}
    for name, unit in units.items():
        if name not in layers:
            raise InputError(f"there is no int8 layer {name!r}: use {', '.join(layers)}")
        layers[name].set_unit(unit, layers[name].in_scale, layers[name].out_scale)
    _check_bounds(made, units)
    return made


def _check_bounds(module: nn.Module, names: Iterable[str]) -> None:
    """``InputError`` for the layers of these names with weights with which a sum could leave int32."""
    for name in names:
        bound = module.get_submodule(name).bound()
        if bound > _INT32_MAX:
            raise InputError(f"layer {name!r}: sums up to {bound:,} may leave int32: split the layer")


def _units(module: nn.Module, spec: IntMul | str | None, layers: Layers, rest: IntMul | str | None) -> dict:
    """The unit of every layer that is to be quantised, by name."""
    chosen = {layer: int8_unit(unit) for layer, unit in chosen_layers(module, spec, layers)}
    names = {layer: name for name, layer in module.named_modules()}
    for layer in chosen:
        if type(layer) not in _INT8:
            kind = type(layer).__name__
            raise InputError(f"layer {names[layer]!r} is a {kind}: give the float module as it was before")
    others = {} if rest is None else {layer: int8_unit(rest) for layer in names if type(layer) in _INT8}
    found = {names[layer]: unit for layer, unit in {**others, **chosen}.items()}
    if not found:
        raise InputError(f"{type(module).__name__} has no layer to quantise with layers={layers!r}")
    return found


class _Tracer(fx.Tracer):
    """Traces through modules of the user; int8 layers are leaves."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, Int8Mixin) or super().is_leaf_module(m, module_qualified_name)


def _traced(module: nn.Module) -> list[fx.Node]:
    """The calls of a module's forward pass, none where it cannot be traced."""
    try:
        return list(_Tracer().trace(module).nodes)
    except Exception:  # control flow that depends on values
        return []


def _fold_norms(module: nn.Module) -> None:
    """Puts batch normalisations into the convolutions before them, where both are called once and in this order."""
    parts, nodes = dict(module.named_modules()), _traced(module)
    calls = [node for node in nodes if node.op == "call_module"]
    often = {node.target for node in calls if sum(parts[node.target] is parts[other.target] for other in calls) > 1}
    for node in calls:
        norm, before = parts[node.target], node.args[0] if node.args else None
        if not isinstance(before, fx.Node) or before.op != "call_module" or {node.target, before.target} & often:
            continue
        conv = parts[before.target]
        if type(norm) is not _NORMS.get(type(conv)) or len(before.users) > 1 or norm.running_mean is None:
            continue
        training = conv.training
        fused = fuse_conv_bn_eval(conv.eval(), norm.eval())
        conv.weight, conv.bias = nn.Parameter(fused.weight.detach()), nn.Parameter(fused.bias.detach())
        conv.train(training)
        parent, _, name = node.target.rpartition(".")
        setattr(parts[parent], name, nn.Identity())


def _following_scales(module: nn.Module) -> dict[Int8Mixin, float]:
    """Per int8 layer the step of the int8 layers that alone read its output; a layer of several calls needs one."""
    parts, found = dict(module.named_modules()), {}
    for node in _traced(module):
        layer = parts.get(node.target) if node.op == "call_module" else None
        if isinstance(layer, Int8Mixin):
            found.setdefault(layer, set()).update(_read_by(node, parts))
    return {layer: scales.pop() for layer, scales in found.items() if len(scales) == 1 and None not in scales}


def _read_by(node: fx.Node, parts: dict[str, nn.Module]) -> Iterator[float | None]:
    """Steps of the layers that read a value, None for any other reader."""
    for user in node.users:
        layer = parts.get(user.target) if user.op == "call_module" else None
        if isinstance(layer, Int8Mixin):
            yield layer.in_scale
        elif (
            type(layer) in _KEEPING_LAYERS
            or (user.op == "call_function" and user.target in _KEEPING_CALLS)
            or (user.op == "call_method" and user.target in _KEEPING_METHODS)
        ):
            yield from _read_by(user, parts)
        else:
            yield None
