"""Layers of every kind against a loop over golden: each output place by itself, padding written out by hand.

The bits must not depend on threads, on how a batch is split, on the memory format, or on the limit of memory.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from oracles import assert_same_bits
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from axmac.model import golden
from axmac.model.nn import approximate
from axmac.model.spec import FLOAT32, catalog

CASES = {
    "1d": (nn.Conv1d(3, 4, 3), (2, 3, 9)),
    "1d stride, dilation": (nn.Conv1d(2, 3, 2, stride=3, dilation=2, padding=1), (3, 2, 11)),
    "1d same": (nn.Conv1d(2, 3, 4, padding="same", dilation=2), (2, 2, 8)),
    "1d reflect, groups": (nn.Conv1d(4, 6, 3, padding=2, padding_mode="reflect", groups=2), (2, 4, 6)),
    "1d depthwise, one signal": (nn.Conv1d(5, 5, 3, padding=1, groups=5), (5, 7)),
    "2d": (nn.Conv2d(3, 5, (3, 2)), (2, 3, 6, 5)),
    "2d valid": (nn.Conv2d(3, 5, 3, padding="valid"), (2, 3, 6, 5)),
    "2d same": (nn.Conv2d(2, 3, (2, 3), padding="same"), (2, 2, 5, 4)),
    "2d stride, padding": (nn.Conv2d(2, 17, 3, stride=(2, 3), padding=(2, 1)), (2, 2, 7, 8)),
    "2d dilation": (nn.Conv2d(2, 3, (3, 2), dilation=(2, 3), padding=2), (2, 2, 7, 6)),
    "2d reflect": (nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="reflect"), (2, 2, 4, 5)),
    "2d replicate": (nn.Conv2d(2, 3, 3, padding=(2, 1), padding_mode="replicate"), (2, 2, 4, 5)),
    "2d circular": (nn.Conv2d(2, 3, 3, padding=(1, 2), padding_mode="circular"), (2, 2, 4, 5)),
    "2d same, reflect": (nn.Conv2d(2, 3, 4, padding="same", padding_mode="reflect"), (2, 2, 5, 6)),
    "2d groups": (nn.Conv2d(6, 9, 3, padding=1, groups=3, bias=False), (2, 6, 4, 5)),
    "2d depthwise": (nn.Conv2d(4, 4, 3, padding=1, groups=4), (2, 4, 5, 5)),
    "2d depthwise, two filters": (nn.Conv2d(3, 6, 3, stride=2, groups=3), (3, 3, 7, 7)),
    "2d one place": (nn.Conv2d(8, 3, 1), (2, 8, 3, 3)),
    "2d one image": (nn.Conv2d(2, 3, 3), (2, 5, 6)),
    "2d no image": (nn.Conv2d(2, 3, 3, padding=1), (0, 2, 5, 6)),
    "2d no image, circular": (nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), (0, 2, 5, 6)),
    "3d": (nn.Conv3d(2, 3, (2, 3, 2)), (2, 2, 3, 4, 5)),
    "3d all at once": (nn.Conv3d(4, 6, 2, (2, 1, 2), (1, 0, 2), (2, 1, 3), groups=2), (2, 4, 4, 3, 5)),
    "3d replicate": (nn.Conv3d(1, 2, 3, padding=(1, 0, 2), padding_mode="replicate"), (1, 1, 2, 4, 3)),
    "3d depthwise": (nn.Conv3d(3, 3, 2, groups=3), (2, 3, 3, 3, 3)),
    "linear": (nn.Linear(11, 7), (4, 11)),
    "linear, one row": (nn.Linear(5, 3), (5,)),
    "linear, no row": (nn.Linear(5, 3, bias=False), (0, 5)),
    "linear, more axes": (nn.Linear(5, 3), (2, 3, 2, 5)),
}
UNITS = ("ax_fpm", "fp32_array_ama5_t4_xc", "bf16_array_ama5_t4", "bf16_array_ama1_t8", "fp32_array_ama1_t4", "fp32")
MODES = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def inputs(shape, seed=1):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def converted(name, unit):
    layer, shape = CASES[name]
    for seed, parameter in enumerate(layer.parameters(), start=2):
        parameter.data = inputs(parameter.shape, seed)
    return approximate(layer, unit), inputs(shape)


def bits(tensor):
    return np.ascontiguousarray(tensor.detach().numpy()).view(np.uint32)


def padded(layer, x):
    """numpy's own padding, from the arguments of the layer."""
    widths = []
    for i, size in enumerate(layer.kernel_size):
        total = layer.dilation[i] * (size - 1)
        known = {"same": (total // 2, total - total // 2), "valid": (0, 0)}
        widths.append(known[layer.padding] if isinstance(layer.padding, str) else (layer.padding[i],) * 2)
    widths = [(0, 0), (0, 0), *widths]
    if layer.padding_mode == "zeros" or not len(x):
        return np.pad(x, widths)
    return np.pad(x, widths, mode=MODES[layer.padding_mode])


def rows_by_weights(unit, rows, weights):
    spec = catalog[unit]
    a, b = (golden.convert(FLOAT32, spec.format, np.ascontiguousarray(v).view(np.uint32)) for v in (rows, weights))
    return golden.matmul(spec, a, b).view(np.float32)


def naive(unit, layer, x):
    """Place by place: the patch, in the order of weight.flatten(1), by golden; the bias once."""
    weight = layer.weight.detach().numpy()
    if isinstance(layer, nn.Linear):
        out = rows_by_weights(unit, x.numpy().reshape(-1, x.shape[-1]), weight.T).reshape(*x.shape[:-1], len(weight))
        return out if layer.bias is None else out + layer.bias.detach().numpy()
    dims = len(layer.kernel_size)
    whole = padded(layer, x.numpy().reshape(-1, *x.shape[-1 - dims :]))
    spans = [d * (k - 1) + 1 for k, d in zip(layer.kernel_size, layer.dilation, strict=True)]
    size = [(n - span) // s + 1 for n, span, s in zip(whole.shape[2:], spans, layer.stride, strict=True)]
    out = np.zeros((len(whole), len(weight), *size), np.float32)
    channels, filters = weight.shape[1], len(weight) // layer.groups
    for group, place in itertools.product(range(layer.groups), np.ndindex(*size)):
        window = tuple(
            slice(at * s, at * s + span, d)
            for at, s, span, d in zip(place, layer.stride, spans, layer.dilation, strict=True)
        )
        own = slice(group * filters, (group + 1) * filters)
        patches = whole[(slice(None), slice(group * channels, (group + 1) * channels), *window)]
        kernels = weight[own].reshape(filters, -1).T
        out[(slice(None), own, *place)] = rows_by_weights(unit, patches.reshape(len(whole), len(kernels)), kernels)
    if layer.bias is not None:
        out = out + layer.bias.detach().numpy().reshape(-1, *(1,) * dims)
    return out.reshape(*x.shape[: x.ndim - 1 - dims], *out.shape[1:])


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_a_loop_over_golden(name):
    for unit in UNITS if name in ("2d", "3d all at once", "linear") else UNITS[:1]:
        layer, x = converted(name, unit)
        actual = layer(x)
        assert actual.shape == CASES[name][0](x).shape
        assert_same_bits(bits(actual), naive(unit, layer, x).view(np.uint32))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama1_t8"])
def test_bits_do_not_depend_on_threads_batch_format_or_limit(name, unit, monkeypatch):
    layer, x = converted(name, unit)
    whole = layer(x).detach()
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    variants = [x.transpose(-1, -2).contiguous().transpose(-1, -2)] if x.ndim > 1 else []
    variants += [x.to(memory_format=formats[x.ndim])] if x.ndim in formats else []
    variants += [torch.stack([x, x + 1], -1)[..., 0]]
    results = [layer(variant) for variant in variants]
    if x.ndim > 1 and len(x) > 1 and not name.endswith(("one image", "one signal")):
        results.append(torch.cat([layer(x[i : i + 1]) for i in range(len(x))]))
    torch.set_num_threads(2)
    results.append(layer(x))
    monkeypatch.setattr("axmac.model.fast.bounded._limit", [1])
    with torch.no_grad():
        results.append(layer(x))
    assert len(results) >= 3
    for result in results:
        assert_same_bits(bits(result), bits(whole))


@pytest.mark.parametrize("unit", UNITS)
def test_special_values_go_through_a_layer_as_through_golden(unit):
    """Infinities, NaN, zeros of both signs and subnormals among the activations, and zeros among the weights."""
    layer, x = converted("2d stride, padding", unit)
    special = torch.tensor([np.inf, -np.inf, np.nan, 0.0, -0.0, 1e-40, -1e-40, 3e38, 1e-38])
    flat = x.flatten()
    flat[:: len(flat) // len(special)][: len(special)] = special
    with torch.no_grad():
        layer.weight[0, 0, 0] = 0.0
    expected, actual = naive(unit, layer, x), layer(x)
    assert np.isnan(expected).any()
    assert_same_bits(bits(actual), expected.view(np.uint32), any_nan=True)


def test_a_layer_may_be_called_from_several_threads_at_once():
    layer, x = converted("2d stride, padding", "ax_fpm")
    whole = layer(x).detach()
    torch.set_num_threads(2)
    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: layer(x).detach(), range(12)))
    assert len(results) == 12
    assert all(torch.equal(result, whole) for result in results)


class Largest(TorchDispatchMode):
    """Notes the bytes of the largest tensor that a torch operation returns."""

    bytes = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        out = function(*args, **(kwargs or {}))
        if isinstance(out, torch.Tensor):
            self.bytes = max(self.bytes, out.numel() * out.element_size())
        return out


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_padding_is_made_in_parts_that_fit_the_limit(mode, monkeypatch):
    layer = approximate(nn.Conv2d(4, 2, 3, padding=1, padding_mode=mode), "ax_fpm")
    x = inputs((40, 4, 30, 30))
    whole = layer(x).detach()
    monkeypatch.setattr("axmac.model.fast.bounded._limit", [50_000])
    seen = Largest()
    with torch.no_grad(), seen:
        parts = layer(x)
    assert torch.equal(parts, whole)
    assert seen.bytes == whole.numel() * 4 < x.numel() * 4
