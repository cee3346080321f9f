"""Arguments of convolutions: one number or one for each dimension, and shapes that fit; misfits are one clear line."""

from collections.abc import Sequence

from torch import Tensor

from axmac.model.fast.drive import Geometry
from axmac.model.spec import InputError

__all__ = ["geometry_of"]

_AXES = ("D", "H", "W")


def geometry_of(
    x: Tensor,
    w: Tensor,
    stride: int | Sequence[int],
    padding: int | Sequence[int],
    dilation: int | Sequence[int],
    groups: int,
) -> Geometry:
    """The geometry of a convolution of x [B, C, *D] with w [O, C/groups, *kernel].

    Raises ``InputError`` for numbers out of range, too many or too few of them, and shapes that do not fit.
    """
    dims = w.ndim - 2
    if not 1 <= dims <= 3 or x.ndim != w.ndim:
        shapes = f"{list(x.shape)} and {list(w.shape)}"
        raise InputError(f"x and w must be images and filters of one, two or three dimensions, not {shapes}")
    stride, dilation = _numbers("stride", stride, dims, 1), _numbers("dilation", dilation, dims, 1)
    padding = _numbers("padding", padding, dims, 0)
    if not _is_count(groups, 1):
        raise InputError(f"groups must be a number of at least 1, not {groups!r}")
    if 0 in w.shape:
        raise InputError(f"w must hold at least one filter, one channel and one place, not {list(w.shape)}")
    if x.shape[1] != w.shape[1] * groups or w.shape[0] % groups:
        axes = _AXES[-dims:]
        wanted = f"[B, C, {', '.join(axes)}] and [O, C/{groups}, {', '.join(f'k{axis.lower()}' for axis in axes)}]"
        multiple = "" if groups == 1 else f" with O and C multiples of {groups}"
        raise InputError(f"x and w must be {wanted}{multiple}, not {list(x.shape)} and {list(w.shape)}")
    geometry = Geometry(stride, padding, dilation, groups)
    if min(geometry.output_size(x.shape[2:], w.shape[2:])) < 1:
        shape = " x ".join(str(n + 2 * p) for n, p in zip(x.shape[2:], padding, strict=True))
        raise InputError(f"x is {shape} with padding: too small for the {list(w.shape[2:])} kernel")
    return geometry


def _numbers(name: str, value: int | Sequence[int], dims: int, least: int) -> tuple[int, ...]:
    numbers = tuple(value) if isinstance(value, Sequence) else (value,) * dims
    if len(numbers) != dims or not all(_is_count(number, least) for number in numbers):
        many = "one number" if dims == 1 else f"one number or {dims}"
        raise InputError(f"{name} must be {many} of at least {least}, not {value!r}")
    return numbers


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least
