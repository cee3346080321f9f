"""What an evaluation makes of a layer's parameters once, and keeps for as long as they stay what they are."""

from collections.abc import Callable, Hashable
from typing import NamedTuple, TypeVar
from weakref import WeakKeyDictionary

from torch import Tensor, nn

__all__ = ["forget", "kept"]

Made = TypeVar("Made")


class _Kept(NamedTuple):
    """``held`` shares the memory of the parameters: while it lives, no other tensor can have their addresses."""

    state: tuple
    held: tuple[Tensor, ...]
    made: object


_KEPT: WeakKeyDictionary[nn.Module, _Kept] = WeakKeyDictionary()


def kept(layer: nn.Module, make: Callable[[], Made], settings: Hashable = None) -> Made:
    """``make()`` of the layer's parameters and ``settings``; in evaluation mode kept until one of these changes.

    torch counts changes in place (``Tensor._version``), those of an optimizer and of ``load_state_dict`` too; it does
    not count those through ``.data`` or a numpy view: `forget` after them. In training mode nothing is kept. What is
    returned must not be changed.
    """
    parameters = tuple(parameter.detach() for parameter in layer.parameters(recurse=False))
    if layer.training or any(parameter.is_inference() for parameter in parameters):
        forget(layer)
        return make()
    state = (settings, *((parameter.data_ptr(), parameter._version, parameter.shape) for parameter in parameters))
    found = _KEPT.get(layer)
    if found is None or found.state != state:
        found = _KEPT[layer] = _Kept(state, parameters, make())
    return found.made


def forget(layer: nn.Module) -> None:
    """Drops what is kept for a layer."""
    _KEPT.pop(layer, None)
