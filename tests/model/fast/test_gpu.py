"""The GPU kernel against golden and the CPU kernels: on a GPU where there is one, else by Triton's interpreter."""

import os

import numpy as np
import pytest
import torch
from oracles import assert_same_bits, class_pairs

from axmac.model import fast, golden
from axmac.model.fast.geometry import Geometry
from axmac.model.fast.gpu import gpu_conv, gpu_matmul
from axmac.model.spec import FLOAT32, InputError, Mac, catalog

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
if DEVICE == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"

UNITS = [
    *("ax_fpm", "fp32_array_ama5_t4_xc", "heap", "fp32_array_ama5_t4_rne", "fp32_ieee", "fp32_array_ama5_t3_rw"),
    *("bf16_array_ama5_t4", "bf16_booth", "bf16_array_ama1_t8", "bf16_csa_ama3_t8_xc_rne", "e5f3_array_ama3_t2"),
]


def bits(tensor):
    return np.ascontiguousarray(tensor.cpu().numpy()).view(np.uint32)


def on_device(*tensors):
    return [tensor.to(DEVICE) for tensor in tensors]


@pytest.mark.parametrize("unit", UNITS)
def test_every_pair_of_classes_and_random_patterns(unit):
    spec = catalog[unit]
    every = np.unique(class_pairs("fp32")[0])
    rng = np.random.default_rng(3)
    a = np.concatenate([every, rng.integers(0, 1 << 32, 60, dtype=np.uint32)]).astype(np.uint32)
    b = np.concatenate([every, rng.integers(0x38000000, 0x48000000, 60, dtype=np.uint32)]).astype(np.uint32)
    x, w = (torch.from_numpy(v.view(np.float32)) for v in (a, b))
    actual = bits(gpu_matmul(Mac(spec), *on_device(x[:, None], w[None])))
    left, right = (golden.convert(FLOAT32, spec.format, v) for v in (a, b))
    expected = golden.convert(spec.result_format, FLOAT32, golden.multiply(spec, left[:, None], right[None]))
    expected = np.where(expected == 0x80000000, np.uint32(0), expected)
    assert actual.size >= 8000
    assert_same_bits(actual, expected)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (0, 3, 2), (2, 0, 3), (17, 9, 70)])
def test_matmul(unit, m, k, n):
    rng = np.random.default_rng(4)
    x, w = (torch.from_numpy(rng.standard_normal(shape).astype(np.float32)) for shape in ((m, k), (k, n)))
    actual = gpu_matmul(Mac(catalog[unit]), *on_device(x, w))
    assert_same_bits(bits(actual), bits(fast.matmul(unit, x, w)))


@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama1_t8"])
@pytest.mark.parametrize(
    ("x_shape", "w_shape", "geometry"),
    [
        ((2, 3, 6, 5), (4, 3, 3, 2), Geometry((1, 2), (1, 0), (1, 2), 1)),
        ((2, 4, 5, 5), (8, 1, 3, 3), Geometry((1, 1), (1, 1), (1, 1), 4)),
        ((1, 2, 9), (3, 2, 3), Geometry((2,), (1,), (1,), 1)),
        ((0, 2, 5, 5), (3, 2, 3, 3), Geometry((1, 1), (0, 0), (1, 1), 1)),
    ],
)
def test_convolution(unit, x_shape, w_shape, geometry):
    rng = np.random.default_rng(5)
    x, w = (torch.from_numpy(rng.standard_normal(shape).astype(np.float32)) for shape in (x_shape, w_shape))
    actual = gpu_conv(Mac(catalog[unit]), *on_device(x, w), geometry)
    assert_same_bits(bits(actual), bits(fast.conv(unit, x, w, *geometry)))


def test_units_without_a_gpu_kernel_are_refused():
    x = torch.ones(2, 2)
    with pytest.raises(InputError, match=r"fp32_array_ama1_t4 has no GPU kernel .* move tensors with \.cpu"):
        gpu_matmul(Mac(catalog["fp32_array_ama1_t4"]), x, x)
    with pytest.raises(InputError, match="sums in float64"):
        gpu_matmul(Mac(catalog["ax_fpm"], acc="float64"), x, x)


@pytest.mark.verify_all
@pytest.mark.parametrize("unit", UNITS)
def test_ten_million_products(unit):
    compared = 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        x, w = (rng.standard_normal(1000).astype(np.float32) * np.float32(2.0) ** rng.integers(-70, 66) for _ in "xw")
        x, w = (torch.from_numpy(v.astype(np.float32)) for v in (x, w))
        actual = gpu_matmul(Mac(catalog[unit]), *on_device(x[:, None], w[None]))
        assert_same_bits(bits(actual), bits(fast.matmul(unit, x[:, None], w[None])))
        compared += actual.numel()
    assert compared == 10**7


def test_the_layers_of_a_network_take_tensors_of_the_device():
    """On a GPU the public calls reach the kernel by the device of their tensors; on the CPU they need no Triton."""
    rng = np.random.default_rng(6)
    x, w = (torch.from_numpy(rng.standard_normal((5, 5)).astype(np.float32)) for _ in "xw")
    actual = fast.matmul("ax_fpm", *on_device(x, w))
    assert actual.device.type == DEVICE
    assert_same_bits(bits(actual), bits(gpu_matmul(Mac(catalog["ax_fpm"]), *on_device(x, w))))
    assert fast.multiply("ax_fpm", *on_device(x, w)).device.type == DEVICE
