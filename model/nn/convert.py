"""Turns a torch module into one that computes with a unit: a converted copy, same weights, no training."""

import copy
import operator
import warnings
from collections.abc import Callable, Iterator, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, fx, nn
from torch.nn.utils import parametrize

from axmac.model.nn.layers import ApproxConv1d, ApproxConv2d, ApproxConv3d, ApproxLinear, ApproxMixin
from axmac.model.spec import FpMul, InputError, IntMul, Mac

__all__ = ["Layers", "approximate", "check_module", "chosen_layers"]

Unit = Mac | FpMul | IntMul | str
Layers = str | Callable[[str, nn.Module], Unit | None] | Mapping[str, Unit]

_APPROXIMATE = (ApproxConv1d, ApproxConv2d, ApproxConv3d, ApproxLinear)
_CONVERTED = {
    **dict(zip((nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Linear), _APPROXIMATE, strict=True)),
    **{layer: layer for layer in _APPROXIMATE},
}
_CONVOLUTIONS = (nn.modules.conv._ConvNd,)
_OTHERS = (nn.Linear, nn.Bilinear, nn.RNNBase, nn.RNNCellBase, nn.MultiheadAttention)
_FOREIGN = ("torch.ao.nn.", "torch.nn.quantized", "torch.nn.intrinsic", "torch.nn.qat")
_CONV_CALLS = {getattr(F, f"conv{kind}{n}d"): f"F.conv{kind}{n}d" for kind in ("", "_transpose") for n in (1, 2, 3)}
_PRODUCT_CALLS = {
    F.linear: "F.linear",
    F.bilinear: "F.bilinear",
    F.scaled_dot_product_attention: "F.scaled_dot_product_attention",
    F.multi_head_attention_forward: "F.multi_head_attention_forward",
    torch.einsum: "torch.einsum",
    torch.tensordot: "torch.tensordot",
    operator.matmul: "@",
}
_PRODUCT_METHODS = (
    *("matmul", "mm", "bmm", "mv", "dot", "vdot", "inner", "outer"),
    *("addmm", "addmv", "addr", "addbmm", "baddbmm"),
)
_PRODUCT_CALLS |= {getattr(torch, name): f"torch.{name}" for name in _PRODUCT_METHODS}


def approximate(
    module: nn.Module, spec: Unit | None = None, layers: Layers = "all", gradient: str = "exact"
) -> nn.Module:
    """A copy of ``module`` whose layers compute with ``spec``. Weights, names and hooks stay; what is shared stays so.

    ``layers`` says which: ``"conv"`` the convolutions, ``"all"`` the linear layers too, a callable (name, module) the
    unit of each layer or None, a mapping the unit of each name (any one, of a layer that has several); ``spec`` is
    needed for the first two only.
    ``gradient`` names the backward pass. A module that ``torch.fx`` cannot trace is converted with a warning: functions
    such as ``F.conv2d`` in its forward would stay exact.

    Raises ``TypeError`` for no module, ``InputError`` for parameters that are not finite float32, for layers and calls
    that multiply in a way that is not converted (quantised and fused layers, ``F.conv2d`` as far as ``torch.fx`` can
    trace the module), for compiled modules and weights that hooks compute, for names that do not exist, for two units
    for one layer, and where nothing is to convert.
    """
    if not isinstance(module, nn.Module):
        raise TypeError(f"module must be a torch.nn.Module, not {module!r}")
    check_module(module)
    converted = copy.deepcopy(module)
    chosen = dict(chosen_layers(converted, spec, layers))
    if not chosen:
        raise InputError(f"{type(module).__name__} has no layer to convert with layers={layers!r}")
    for layer, unit in chosen.items():
        layer.__class__ = _CONVERTED[type(layer)]
        layer.set_unit(unit, gradient)
    return converted


def check_module(module: nn.Module) -> None:
    """Refuses parameters that are not finite values, compiled modules and computed weights; ``InputError``."""
    _check_values(module)
    _check_copies(module)


def chosen_layers(module: nn.Module, spec: Unit | None, layers: Layers) -> list[tuple[nn.Module, Unit]]:
    """(layer, unit) of every layer that ``layers`` names, as ``approximate`` takes it; raises what that raises."""
    known = layers in ("conv", "all") if isinstance(layers, str) else callable(layers) or isinstance(layers, Mapping)
    if not known:
        raise InputError(f"layers must be 'conv', 'all', a callable or a mapping, not {layers!r}")
    chosen = list(_choose(module, spec, layers))
    if chosen and isinstance(layers, str) and all(layer is not module for layer, _ in chosen):
        _check_calls(module, layers)
    return chosen


def _check_values(module: nn.Module) -> None:
    for name, tensor in [*module.named_parameters(), *module.named_buffers()]:
        if isinstance(tensor, nn.parameter.UninitializedTensorMixin):
            raise InputError(f"{name} has no shape yet: call the module once before it is converted")
        if tensor.is_meta:
            raise InputError(f"{name} is on the meta device and has no values: load them before it is converted")
        if tensor.is_floating_point() and not bool(torch.isfinite(tensor).all()):
            raise InputError(f"{name} holds NaN or infinite values: load or train finite ones")


def _check_copies(module: nn.Module) -> None:
    """Refuses what a copy would not compute with: code that was compiled before, weights that a hook computes."""
    for name, layer in module.named_modules():
        if hasattr(layer, "_orig_mod"):
            raise InputError(f"{_label(name)} is compiled: give the module that torch.compile was given")
        computed = "weight" not in layer._parameters and not parametrize.is_parametrized(layer)
        if isinstance(layer, (*_CONVOLUTIONS, nn.Linear)) and computed and not _is_foreign(layer):
            remedy = "call torch.nn.utils.prune.remove, remove_weight_norm or remove_spectral_norm first"
            raise InputError(f"{_label(name)} has a weight that a hook computes: {remedy}")


def _choose(module: nn.Module, spec: Unit | None, layers: Layers) -> Iterator[tuple[nn.Module, Unit]]:
    """(layer, unit) of every layer to convert, each checked."""
    if isinstance(layers, Mapping):
        yield from _named(module, layers)
        return
    for name, layer in module.named_modules():
        if isinstance(layers, str):
            unit = _required(spec) if _multiplies(layer, layers) else None
        else:
            unit = layers(name, layer)
        if unit is not None:
            _check_layer(name, layer)
            yield layer, unit


def _named(module: nn.Module, layers: Mapping[str, Unit]) -> Iterator[tuple[nn.Module, Unit]]:
    """(layer, unit) of the layers of a mapping."""
    modules = dict(module.named_modules(remove_duplicate=False))
    first: dict[nn.Module, str] = {}
    for name, unit in layers.items():
        if name not in modules:
            raise InputError(f"there is no layer {name!r}: use names of module.named_modules()")
        other = first.setdefault(modules[name], name)
        if unit != layers[other]:
            raise InputError(f"{other!r} and {name!r} are one layer: give it one unit")
        _check_layer(name, modules[name])
        yield modules[name], unit


def _required(spec: Unit | None) -> Unit:
    if spec is None:
        raise InputError("spec is missing: give a unit, such as 'ax_fpm'")
    return spec


def _multiplies(layer: nn.Module, layers: str) -> bool:
    """Whether a layer of these kinds multiplies activations by weights, in whatever way."""
    return _is_foreign(layer) or isinstance(layer, _CONVOLUTIONS if layers == "conv" else _CONVOLUTIONS + _OTHERS)


def _is_foreign(layer: nn.Module) -> bool:
    """Whether a layer has a forward pass of its own that cannot be looked into."""
    return type(layer).__module__.startswith(_FOREIGN) or isinstance(layer, torch.jit.ScriptModule)


def _label(name: str) -> str:
    return f"layer {name!r}" if name else "the module"


def _check_layer(name: str, layer: nn.Module) -> None:
    label = _label(name)
    if parametrize.is_parametrized(layer):
        raise InputError(f"{label} is parametrised: call torch.nn.utils.parametrize.remove_parametrizations first")
    if type(layer) not in _CONVERTED:
        kinds = "nn.Conv1d, nn.Conv2d, nn.Conv3d and nn.Linear are converted"
        remedy = "use one of these, or name the layers to convert"
        if type(layer).__module__.startswith(_FOREIGN):
            remedy = "give the float module as it was before it was fused or quantised"
        raise InputError(f"{label} is a {type(layer).__module__}.{type(layer).__name__}: only {kinds}; {remedy}")
    weight: Tensor = layer.weight
    if weight.dtype != torch.float32:
        raise InputError(f"{label} has {weight.dtype} weights: call module.float() first")


class _Tracer(fx.Tracer):
    """Traces through modules of the user; layers that are converted are leaves."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, ApproxMixin) or super().is_leaf_module(m, module_qualified_name)


def _check_calls(module: nn.Module, layers: str) -> None:
    """Refuses functions that multiply outside of any layer, where ``torch.fx`` can trace the module."""
    try:
        nodes = list(_Tracer().trace(module).nodes)
    except Exception as error:  # control flow that depends on values: it cannot be looked into before it runs
        reason = str(error).partition("\n")[0]
        warnings.warn(
            f"{type(module).__name__} cannot be traced ({reason}): functions that multiply in its forward stay exact",
            stacklevel=4,
        )
        return
    functions = _CONV_CALLS if layers == "conv" else {**_CONV_CALLS, **_PRODUCT_CALLS}
    methods = () if layers == "conv" else _PRODUCT_METHODS
    for node in nodes:
        called = functions.get(node.target) if node.op == "call_function" else None
        if node.op == "call_method" and node.target in methods:
            called = f"Tensor.{node.target}"
        if called:
            raise InputError(
                f"{called} ({node.name} in forward) cannot be converted: use nn.Conv2d or nn.Linear instead"
            )
