"""Tensors in, the bits of golden out: products, matrices, convolutions, on any shape, layout and thread count."""

import numpy as np
import pytest
import torch
from oracles import assert_same_bits, class_pairs

from axmac.model import fast, golden
from axmac.model.fast import drive
from axmac.model.fast.kernels import ClosedForm
from axmac.model.spec import BFLOAT16, FLOAT32, InputError, Mac, catalog

FLOAT32_UNITS = [f"fp32_array_ama5_t{t}{xc}" for t in (2, 3, 4, 6, 8, 12, 24) for xc in ("", "_xc")]
BFLOAT16_UNITS = [f"bf16_array_ama5_t{t}{xc}" for t in (2, 4, 8) for xc in ("", "_xc")]
UNITS = [
    *("fp32_ieee", "fp32_array_ama5_t1", *FLOAT32_UNITS),
    *("bf16_array_ama5_t1", *BFLOAT16_UNITS, "bf16_array_ama5_t4_to_fp32"),
    *("fp32_array_ama5_t4_rne", "fp32_array_ama5_t4_rw", "fp32_plain", "bf16_booth", "fp16_array_ama5_t11"),
    *("heap", "fp32_csa_ama5_t4", "bf16_booth_to_fp32", "fp32_array_ama1_t4", "fp32_csa_ama4_t24_xc"),
    *("fp32_array_ama2_t3_rne_wspc_rw", "fp16_array_ama1_t11", "e5f3_array_ama3_t2", "bf16_array_ama1_t8"),
    *("bf16_csa_ama3_t8_xc_rne", "bf16_array_ama2_t4_to_fp32", "bf16_array_ama1_t4", "bf16_ieee"),
]
MATMUL_UNITS = [
    "ax_fpm",
    "fp32_array_ama5_t4_xc",
    "bf16_array_ama5_t4",
    "fp32_ieee",
    "bf16_booth",
    "bf16_array_ama1_t4",
    "heap",
    "fp32_array_ama1_t4",
]


def conv2d(unit, x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    return fast.conv(unit, x, w, stride, padding, dilation, groups)


def values(*shape, seed=0, scale=1.0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32)) * scale


def patterns(spec, tensor):
    return golden.convert(FLOAT32, spec.format, np.ascontiguousarray(tensor.numpy()).view(np.uint32))


def golden_products(unit, x, y):
    spec = catalog[unit]
    return golden.convert(spec.result_format, FLOAT32, golden.multiply(spec, patterns(spec, x), patterns(spec, y)))


def golden_matmul(unit, x, w):
    spec = catalog[unit]
    return golden.matmul(spec, patterns(spec, x), patterns(spec, w))


def bits(tensor):
    return np.ascontiguousarray(tensor.numpy()).view(np.uint32)


def from_bits(array):
    return torch.from_numpy(array.astype(np.uint32).view(np.float32))


@pytest.fixture(params=[1, 2])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_a_million_random_pairs():
    rng = np.random.default_rng(3)
    a, b = rng.integers(0, 1 << 32, (2, 10**6), dtype=np.uint32)
    near = rng.random(10**6) < 0.5  # exponents at which products neither vanish nor overflow for certain
    a[near] = a[near] & 0x9FFFFFFF | 0x20000000
    b[near] = b[near] & 0x9FFFFFFF | 0x20000000
    actual = bits(fast.multiply("ax_fpm", from_bits(a), from_bits(b)))
    assert actual.size == 10**6
    assert_same_bits(actual, golden.multiply("ax_fpm", a, b))


@pytest.mark.parametrize("unit", UNITS)
def test_random_pairs(unit):
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 1 << 32, (2, 20_000), dtype=np.uint32)
    a[::2] = a[::2] & 0x8FFFFFFF | 0x38000000
    b[::2] = b[::2] & 0x8FFFFFFF | 0x38000000
    x, y = from_bits(a), from_bits(b)
    actual = bits(fast.multiply(unit, x, y))
    assert actual.size == 20_000
    assert_same_bits(actual, golden_products(unit, x, y))


@pytest.mark.parametrize("unit", UNITS)
def test_every_pair_of_classes(unit):
    a, b = class_pairs("fp32")
    if catalog[unit].format == BFLOAT16:
        a, b = (v.astype(np.uint32) << np.uint32(16) for v in class_pairs("bf16"))
    assert a.size >= 900
    x, y = from_bits(a), from_bits(b)
    assert_same_bits(bits(fast.multiply(unit, x, y)), golden_products(unit, x, y))


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("exp", [-127, -126, -125, 126, 127, 128])
def test_both_ends_of_the_result_range(unit, exp):
    """Products whose exponents lie around the ends of the format, all significands of which are near a carry."""
    spec = catalog[unit]
    if spec.format.exp_width == 5:
        exp = exp + 112 if exp < 0 else exp - 112
    rng = np.random.default_rng(6)
    sig = rng.integers(1 << 23, 1 << 24, (2, 400))
    sig[:, :50] = [[0x800000], [0xFFFFFF]]
    sig[1, :25] = 0x888888
    x = np.ldexp(sig[0] / 2.0**23, exp // 2).astype(np.float32)
    y = np.ldexp(sig[1] / 2.0**23, exp - exp // 2).astype(np.float32)
    x, y = torch.from_numpy(x)[:, None], torch.from_numpy(y)[None, ::8]
    actual = fast.multiply(unit, x, y)
    assert actual.shape == (400, 50)
    assert_same_bits(bits(actual), golden_products(unit, x, y))


def test_the_published_product():
    assert bits(fast.multiply("ax_fpm", torch.tensor(0.856), torch.tensor(0.471))) == 0x3EDA273C
    swapped = fast.multiply("ax_fpm", torch.tensor(0.471), torch.tensor(0.856)).item()
    assert swapped == pytest.approx(0.493587702512741, abs=1e-15)


@pytest.mark.parametrize("unit", UNITS)
def test_matmul(unit):
    x, w = values(19, 41, seed=1), values(41, 21, seed=2)
    x[x < -1] = 0
    w[3] = 0
    actual = bits(fast.matmul(unit, x, w))
    assert actual.shape == (19, 21)
    assert_same_bits(actual, golden_matmul(unit, x, w))


@pytest.mark.parametrize("unit", MATMUL_UNITS)
@pytest.mark.parametrize(
    "shape", [(0, 3, 4), (3, 0, 4), (3, 4, 0), (1, 1, 1), (1, 300, 33), (8, 16, 16), (9, 17, 15), (130, 5, 1)]
)
@pytest.mark.usefixtures("threads")
def test_matmul_shapes(unit, shape):
    m, k, n = shape
    x, w = values(m, k, seed=m), values(k, n, seed=n)
    actual = bits(fast.matmul(unit, x, w))
    assert actual.shape == (m, n)
    assert_same_bits(actual, golden_matmul(unit, x, w))


def test_matmul_over_several_k_blocks():
    x, w = values(11, 600, seed=1), values(600, 18, seed=2)
    assert_same_bits(bits(fast.matmul("ax_fpm", x, w)), golden_matmul("ax_fpm", x, w))


@pytest.mark.parametrize("unit", MATMUL_UNITS)
def test_matmul_with_special_values(unit):
    a, _ = class_pairs("fp32")
    every = from_bits(np.unique(a))
    x = torch.stack([every.roll(i) for i in range(len(every))])
    w = torch.stack([every.roll(3 * i) for i in range(len(every))], dim=1)
    x[20:, :] = x[20:, :].nan_to_num(1.0, 2.0, -2.0)
    actual = bits(fast.matmul(unit, x, w))
    assert actual.size >= 900
    assert_same_bits(actual, golden_matmul(unit, x, w))


def test_matmul_of_batches_vectors_and_other_layouts():
    x, w = values(2, 3, 5, 12, seed=1), values(12, 7, seed=2)
    whole = fast.matmul("ax_fpm", x, w)
    assert whole.shape == (2, 3, 5, 7)
    assert_same_bits(bits(whole), golden_matmul("ax_fpm", x, w))
    assert_same_bits(bits(fast.matmul("ax_fpm", x[1, 2, 3], w)), bits(whole[1, 2, 3]))
    assert_same_bits(bits(fast.matmul("ax_fpm", x.permute(2, 1, 0, 3), w)), bits(whole.permute(2, 1, 0, 3)))
    every_second = values(24, 14, seed=3)[::2, ::2]
    assert_same_bits(bits(fast.matmul("ax_fpm", x, every_second)), golden_matmul("ax_fpm", x, every_second))


def test_products_of_other_layouts_and_shapes_that_broadcast():
    x, y = values(6, 1, 5, seed=1), values(4, 1, seed=2)
    whole = fast.multiply(Mac(catalog["ax_fpm"]), x, y)
    assert whole.shape == (6, 4, 5)
    spec = catalog["ax_fpm"]
    assert_same_bits(bits(whole), golden.multiply(spec, *np.broadcast_arrays(bits(x), bits(y))))
    assert_same_bits(bits(fast.multiply("ax_fpm", x.transpose(0, 2), y)), bits(whole.transpose(0, 2)))
    assert fast.multiply("ax_fpm", torch.zeros(0, 3), torch.zeros(3)).shape == (0, 3)


def test_pieces_of_weights_and_rows_do_not_change_a_bit(monkeypatch):
    x, w = values(50, 30, seed=1), values(30, 70, seed=2)
    images, filters = values(5, 3, 9, 8, seed=3), values(40, 3, 3, 3, seed=4)
    whole = fast.matmul("ax_fpm", x, w), conv2d("ax_fpm", images, filters)
    monkeypatch.setattr(ClosedForm, "piece", 1)
    monkeypatch.setattr(ClosedForm, "rows", 1)
    monkeypatch.setattr(drive, "_WEIGHTS", 1)
    assert_same_bits(bits(fast.matmul("ax_fpm", x, w)), bits(whole[0]))
    assert_same_bits(bits(conv2d("ax_fpm", images, filters)), bits(whole[1]))


CONVOLUTIONS = {
    "plain": ((2, 3, 6, 5), (4, 3, 3, 2), {}),
    "padding": ((1, 2, 5, 6), (17, 2, 3, 3), {"padding": (1, 2)}),
    "stride": ((3, 2, 9, 8), (5, 2, 3, 3), {"stride": (2, 3), "padding": (1, 1)}),
    "dilation": ((2, 2, 9, 9), (3, 2, 3, 3), {"dilation": (2, 3), "padding": (2, 2)}),
    "groups": ((2, 6, 5, 5), (9, 2, 3, 3), {"groups": 3, "padding": (1, 1)}),
    "depthwise": ((2, 4, 5, 5), (4, 1, 3, 3), {"groups": 4}),
    "depthwise, more lanes": ((3, 19, 7, 6), (38, 1, 3, 2), {"groups": 19, "stride": (2, 1), "padding": (1, 0)}),
    "small groups": ((3, 8, 6, 6), (12, 2, 3, 3), {"groups": 4, "dilation": (2, 1), "padding": (2, 1)}),
    "one pixel": ((2, 8, 4, 4), (3, 8, 1, 1), {}),
    "no image": ((0, 2, 5, 5), (3, 2, 3, 3), {}),
}


def naive_convolution(unit, x, w, stride=(1, 1), padding=(0, 0), dilation=(1, 1), groups=1):
    """Patches one by one, in the order of w.flatten(1), through golden.matmul."""
    x = torch.nn.functional.pad(x, (padding[1], padding[1], padding[0], padding[0]))
    spans = [dilation[i] * (w.shape[2 + i] - 1) + 1 for i in (0, 1)]
    size = [(x.shape[2 + i] - spans[i]) // stride[i] + 1 for i in (0, 1)]
    out = np.zeros((x.shape[0], w.shape[0], *size), np.uint32)
    filters, channels = w.shape[0] // groups, w.shape[1]
    for g in range(groups):
        own = slice(g * filters, (g + 1) * filters)
        for r, c in np.ndindex(*size):
            rows = slice(r * stride[0], r * stride[0] + spans[0], dilation[0])
            columns = slice(c * stride[1], c * stride[1] + spans[1], dilation[1])
            patch = x[:, g * channels : (g + 1) * channels, rows, columns]
            out[:, own, r, c] = golden_matmul(unit, patch.flatten(1), w[own].flatten(1).T)
    return out


@pytest.mark.parametrize(
    "unit",
    [
        *("ax_fpm", "bf16_array_ama5_t4", "fp32_ieee", "heap"),
        *(pytest.param(unit, marks=pytest.mark.verify_all) for unit in ("bf16_array_ama1_t8", "fp32_array_ama1_t4")),
    ],
)
@pytest.mark.parametrize("case", CONVOLUTIONS)
@pytest.mark.usefixtures("threads")
def test_convolution(unit, case):
    shape_x, shape_w, options = CONVOLUTIONS[case]
    x, w = values(*shape_x, seed=1), values(*shape_w, seed=2)
    actual = conv2d(unit, x, w, **options)
    assert actual.shape == torch.nn.functional.conv2d(x, w, **options).shape
    assert_same_bits(bits(actual), naive_convolution(unit, x, w, **options))


def test_convolution_of_channels_last_images():
    x, w = values(2, 3, 6, 5, seed=1), values(4, 3, 3, 2, seed=2)
    actual = conv2d("ax_fpm", x.to(memory_format=torch.channels_last), w.to(memory_format=torch.channels_last))
    assert_same_bits(bits(actual), bits(conv2d("ax_fpm", x, w)))


def test_a_batch_gives_the_bits_of_its_images():
    x, w = values(7, 3, 10, 10, seed=1), values(20, 3, 3, 3, seed=2)
    whole = conv2d("ax_fpm", x, w, padding=(1, 1))
    parts = [conv2d("ax_fpm", x[i : i + 1], w, padding=(1, 1)) for i in range(7)]
    assert_same_bits(bits(torch.cat(parts)), bits(whole))


def test_misfits_give_one_line():
    with pytest.raises(InputError, match=r"x and w must be \[..., M, K\] and \[K, N\], not \[2, 3\] and \[4, 5\]"):
        fast.matmul("ax_fpm", torch.zeros(2, 3), torch.zeros(4, 5))
    with pytest.raises(InputError, match=r"shapes that broadcast, not \[2\] and \[3\]"):
        fast.multiply("ax_fpm", torch.zeros(2), torch.zeros(3))
    with pytest.raises(InputError, match=r"x and w must be \[B, C, H, W\]"):
        conv2d("ax_fpm", torch.zeros(1, 2, 5, 5), torch.zeros(1, 3, 3, 3))
    with pytest.raises(InputError, match="too small"):
        conv2d("ax_fpm", torch.zeros(1, 2, 2, 5), torch.zeros(1, 2, 3, 3))
    with pytest.raises(TypeError, match="w must be float32"):
        fast.matmul("ax_fpm", torch.zeros(2, 3), torch.zeros(3, 5, dtype=torch.float64))


def test_the_result_carries_no_gradient():
    x = torch.ones(2, 2, requires_grad=True)
    assert not fast.matmul("ax_fpm", x, x).requires_grad


def in_float64(unit, x, w):
    """Products of golden, added in float64 in the order of k, rounded once."""
    acc = np.zeros((x.shape[0], w.shape[1]))
    for k in range(x.shape[1]):
        acc += golden_products(unit, x[:, k, None], w[k]).view(np.float32)
    return acc.astype(np.float32).view(np.uint32)


@pytest.mark.parametrize("unit", MATMUL_UNITS)
@pytest.mark.usefixtures("threads")
def test_float64_accumulation_rounds_once(unit):
    x, w = values(40, 70, seed=1), values(70, 21, seed=2)
    actual = bits(fast.matmul(Mac(catalog[unit], acc="float64"), x, w))
    assert actual.shape == (40, 21)
    assert_same_bits(actual, in_float64(unit, x, w))
    assert (actual != bits(fast.matmul(unit, x, w))).any()


def test_native_order_is_that_of_torch_for_exact_products_and_a_sum_of_the_units_products_otherwise():
    x, w = values(9, 30, seed=1), values(30, 11, seed=2)
    images, filters = values(2, 3, 8, 8, seed=3), values(5, 3, 3, 3, seed=4)
    exact = Mac(catalog["fp32_ieee"], order="native")
    assert torch.equal(fast.matmul(exact, x, w), x @ w)
    assert torch.equal(conv2d(exact, images, filters), torch.nn.functional.conv2d(images, filters))
    torch.testing.assert_close(fast.matmul(Mac(catalog["ax_fpm"], order="native"), x, w), fast.matmul("ax_fpm", x, w))


@pytest.mark.parametrize("dims", [1, 3])
@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama1_t8", "fp32_array_ama1_t4"])
def test_one_and_three_dimensions_are_cases_of_two(dims, unit):
    """Along the other dimensions there is one place only, or a sum over depths that a channel can stand for."""
    if dims == 1:
        x, w = values(2, 4, 11, seed=1), values(6, 2, 3, seed=2)
        actual = fast.conv(unit, x, w, (2,), (1,), (2,), 2)
        flat = conv2d(unit, x[:, :, None], w[:, :, None], (1, 2), (0, 1), (1, 2), 2)[:, :, 0]
        reference = torch.nn.functional.conv1d(x, w, None, 2, 1, 2, 2)
    else:
        x, w = values(2, 2, 3, 6, 7, seed=1), values(5, 2, 3, 2, 3, seed=2)
        actual = fast.conv(unit, x, w, (1, 2, 1), (0, 1, 1), (1, 1, 2))
        flat = conv2d(unit, x.flatten(1, 2), w.flatten(1, 2), (2, 1), (1, 1), (1, 2))[:, :, None]
        reference = torch.nn.functional.conv3d(x, w, None, (1, 2, 1), (0, 1, 1), (1, 1, 2))
    assert actual.shape == reference.shape
    assert_same_bits(bits(actual), bits(flat))


@pytest.mark.parametrize("unit", ["ax_fpm", "fp32_ieee", "heap"])
def test_special_values_in_one_channel_of_a_depthwise_convolution(unit):
    x, w = values(2, 20, 6, 6, seed=1), values(20, 1, 3, 3, seed=2)
    x[1, 7, 2, 3], x[0, 3, 0, 0], w[9, 0, 1, 1] = float("nan"), float("inf"), 1e-39
    actual = conv2d(unit, x, w, groups=20)
    assert actual.isnan().any()
    assert_same_bits(bits(actual), naive_convolution(unit, x, w, groups=20))
