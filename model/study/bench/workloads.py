"""What is measured: operators of stated shapes and two whole tasks, each for torch's arithmetic and for a unit's."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from axmac.model import fast
from axmac.model.attack.methods import pgd
from axmac.model.attack.victim import Goal, Victim
from axmac.model.nn import approximate, data, networks
from axmac.model.nn.evaluate import predict
from axmac.model.spec import InputError, IntMul, Mac, as_float_spec, as_spec, catalog
from axmac.model.spec.significand import SignificandSpec

__all__ = [
    "INTEGER",
    "NATIVE",
    "NET",
    "SHAPES",
    "SIZES",
    "TASKS",
    "Conv",
    "Linear",
    "build",
    "integer_unit",
    "products_of",
]

NATIVE = "torch float32"
INTEGER = "u8 products of "
"""Before the id of a unit: its array of cells on 8-bit integers."""


@dataclass(frozen=True)
class Conv:
    """Square images and windows, stride 1, as much padding as keeps the size."""

    batch: int
    channels: int
    filters: int
    size: int
    window: int = 3
    groups: int = 1

    @property
    def products(self) -> int:
        """Products of one call."""
        taps = self.channels // self.groups * self.window**2
        return self.batch * self.filters * self.size**2 * taps


@dataclass(frozen=True)
class Linear:
    """A matrix of weights [outputs, inputs]."""

    batch: int
    inputs: int
    outputs: int

    @property
    def products(self) -> int:
        """Products of one call."""
        return self.batch * self.inputs * self.outputs


SHAPES = {
    "LeNet-5 conv1, batch 256": Conv(256, 1, 32, 28),
    "LeNet-5 conv2, batch 256": Conv(256, 32, 64, 14),
    "LeNet-5 fc1, batch 256": Linear(256, 3136, 200),
    "LeNet-5 fc2, batch 256": Linear(256, 200, 10),
    "64 channels 32x32, batch 16": Conv(16, 64, 64, 32),
    "AlexNet conv2, batch 64": Conv(64, 64, 160, 8),
    "AlexNet conv3, batch 64": Conv(64, 160, 256, 4),
    "VGG 256 channels 8x8, batch 16": Conv(16, 256, 256, 8),
    "depthwise 64 channels 32x32, batch 16": Conv(16, 64, 64, 32, groups=64),
    "linear 4096x1000, batch 64": Linear(64, 4096, 1000),
}
SIZES = {f"{c} channels 32x32, batch 4": Conv(4, c, c, 32) for c in (8, 16, 32, 64, 128)}
"""Convolutions whose cost should grow with the square of the channels."""
TASKS = {"LeNet-5, test set, all layers": "predict", "LeNet-5, PGD-20, 128 images, all layers": "pgd"}

NET = "lenet5"
"""The network of the tasks."""

_PGD_EPS = 0.3
_PGD_IMAGES = 128
_PGD_STEPS = 20


def integer_unit(arithmetic: str) -> IntMul | SignificandSpec | None:
    """What multiplies integers: an integer unit of this id, or the array of cells that INTEGER names; None for floats.

    Raises ``InputError`` for an unknown unit and for integers that are not of 8 bits.
    """
    if arithmetic.startswith(INTEGER):
        return as_float_spec(arithmetic.removeprefix(INTEGER)).significand
    spec = as_spec(arithmetic)
    if not isinstance(spec, IntMul):
        return None
    fast.int_kernel_name(spec)
    return spec


def products_of(name: str) -> int | None:
    """Products of one call of an operator; None for a task."""
    return {**SHAPES, **SIZES}[name].products if name not in TASKS else None


def build(name: str, arithmetic: str, dataset: str) -> tuple[Callable[[], object], str]:
    """A call to measure, and the kernel that it runs.

    ``arithmetic`` is NATIVE, the id of a unit, or INTEGER and the id of a float unit. Operands are drawn from seed 0,
    integers uniform over the format; a task runs the network as it is initialised from seed 0 on the test set of
    ``dataset``.
    """
    torch.manual_seed(0)
    if name in TASKS:
        return _task(TASKS[name], arithmetic, dataset)
    shape = {**SHAPES, **SIZES}[name]
    x_shape, w_shape = _operand_shapes(shape)
    if arithmetic == NATIVE:
        return partial(_native, shape, torch.randn(x_shape), torch.randn(w_shape)), "torch"
    unit = integer_unit(arithmetic)
    if unit is not None:
        x, w = (torch.randint(0, 256, size, dtype=torch.uint8) for size in (x_shape, w_shape))
        if isinstance(unit, IntMul) and unit.format.signed:
            x, w = x.view(torch.int8), w.view(torch.int8)
        call = partial(_operator, shape, partial(fast.int_matmul, unit), partial(fast.int_conv, unit), x, w)
        return call, fast.int_kernel_name(unit)
    x, w = torch.randn(x_shape), torch.randn(w_shape)
    mac = Mac(catalog[arithmetic])
    matmul, conv = partial(fast.matmul, mac), partial(fast.conv, mac)
    return partial(_operator, shape, matmul, conv, x, w), fast.kernel_name(mac)


def _operand_shapes(shape: Conv | Linear) -> tuple[tuple[int, ...], tuple[int, ...]]:
    if isinstance(shape, Linear):
        return (shape.batch, shape.inputs), (shape.outputs, shape.inputs)
    image = shape.batch, shape.channels, shape.size, shape.size
    return image, (shape.filters, shape.channels // shape.groups, shape.window, shape.window)


def _operator(shape: Conv | Linear, matmul: Callable, conv: Callable, x: Tensor, w: Tensor) -> Tensor:
    if isinstance(shape, Linear):
        return matmul(x, w.T)
    return conv(x, w, (1, 1), (shape.window // 2,) * 2, (1, 1), shape.groups)


def _native(shape: Conv | Linear, x: Tensor, w: Tensor) -> Tensor:
    if isinstance(shape, Linear):
        return F.linear(x, w)
    return F.conv2d(x, w, padding=shape.window // 2, groups=shape.groups)


def _task(kind: str, arithmetic: str, dataset: str) -> tuple[Callable[[], object], str]:
    if arithmetic != NATIVE and integer_unit(arithmetic) is not None:
        raise InputError(f"{arithmetic} runs no network: choose a floating-point unit")
    images = data.load(dataset, "test")
    net: nn.Module = networks.build(NET).eval()
    kernel = "torch"
    if arithmetic != NATIVE:
        net, kernel = approximate(net, arithmetic, layers="all"), fast.kernel_name(arithmetic)
    if kind == "predict":
        return partial(predict, net, images.images), kernel
    chosen, goal = images.images[:_PGD_IMAGES], Goal(images.labels[:_PGD_IMAGES])
    settings = pgd.Settings(steps=_PGD_STEPS, rel_step=2 / _PGD_STEPS)
    return partial(pgd.budget, Victim(net), chosen, goal, _PGD_EPS, settings), kernel  # all steps for all images
