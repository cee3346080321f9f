"""Native products of factors: every bit that of the table, at the bound of float32 too, whatever torch is set to."""

from itertools import product
from math import prod

import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from axmac.model import fast
from axmac.model.fast import factored, integer
from axmac.model.fast.factors import factored as factors_of
from axmac.model.fast.geometry import Geometry
from axmac.model.fast.tables import integer_table
from axmac.model.spec import as_spec

UNITS = ["u8_exact", "s8_exact", "u8_drum_k4", "s8_drum_k6"]
EVERY = torch.arange(256, dtype=torch.uint8)
LIMIT = 1 << 24


def operands(unit, *shapes):
    rng = np.random.default_rng(3)
    drawn = [torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8)) for shape in shapes]
    return [x.view(torch.int8) if unit.startswith("s") else x for x in drawn]


def gathered(table, x, w, geometry):
    """The convolution, tap by tap, each product taken from the table [256, 256] by weight, then activation."""
    x, w = pad(x.view(torch.uint8), [p for p in geometry.padding[::-1] for _ in "ab"]).numpy(), w.view(torch.uint8)
    size = geometry._replace(padding=(0,) * len(geometry.padding)).outputs(x.shape[2:], w.shape[2:])
    out = np.zeros((len(x), len(w), *size), np.int64)
    of_group = len(w) // geometry.groups
    for o, c in np.ndindex(*w.shape[:2]):
        channel = x[:, o // of_group * w.shape[1] + c]
        for tap in np.ndindex(*w.shape[2:]):
            steps = zip(tap, geometry.dilation, geometry.stride, size, strict=True)
            places = tuple(slice(t * d, t * d + s * (n - 1) + 1, s) for t, d, s, n in steps)
            out[:, o] += table[int(w[o, c, *tap])][channel[:, *places]]
    return out


def test_patterns_of_the_oracle():
    table = integer_table(as_spec("u8_exact"))
    x, w = operands("u8", (2, 3, 9, 7), (4, 3, 3, 2))
    wanted = torch.nn.functional.conv2d(x.double(), w.double(), None, 2, (1, 0))
    assert np.array_equal(gathered(table, x, w, Geometry((2, 2), (1, 0), (1, 1), 1)), wanted.numpy())


@pytest.mark.parametrize("unit", [*UNITS, "u8_trunc_k12"])
def test_every_pair(unit):
    every = EVERY.view(torch.int8) if unit[0] == "s" else EVERY
    assert fast.int_kernel_name(unit).startswith("native")
    table = integer_table(as_spec(unit))
    actual = fast.int_matmul(unit, every[:, None], every[None])
    assert actual.numel() == 65_536
    np.testing.assert_array_equal(actual.numpy(), table.T)
    actual = fast.int_conv(unit, every[:, None, None], every[:, None, None])
    np.testing.assert_array_equal(actual[..., 0].numpy(), table.T)


CONVOLUTIONS = [
    ((2, 4, 9, 8), (6, 4, 3, 2), (2, 1), (1, 1), (1, 2), 1),
    ((2, 4, 9, 8), (6, 2, 3, 3), (1, 2), (2, 0), (2, 1), 2),
    ((17, 6, 8, 8), (6, 1, 3, 3), (1, 1), (1, 1), (1, 1), 6),
    ((17, 64, 6, 6), (20, 64, 3, 3), (1, 1), (1, 1), (1, 1), 1),
    ((3, 80, 5, 5), (4, 40, 3, 3), (1, 1), (1, 1), (1, 1), 2),
    ((1, 5, 6, 6), (7, 5, 1, 1), (1, 1), (0, 0), (1, 1), 1),
    ((3, 4, 20), (5, 4, 4), (3,), (2,), (2,), 1),
    ((2, 3, 5, 6, 7), (4, 3, 2, 3, 2), (1, 2, 1), (1, 0, 1), (2, 1, 1), 1),
    ((0, 4, 9, 8), (6, 4, 3, 2), (1, 1), (1, 1), (1, 1), 1),
]


@pytest.mark.parametrize("unit", ["u8_drum_k4", "s8_exact", "u8_trunc_k12"])
@pytest.mark.parametrize("case", CONVOLUTIONS)
def test_convolutions(unit, case, monkeypatch):
    x_shape, w_shape, *numbers = case
    x, w = operands(unit, x_shape, w_shape)
    actual = fast.int_conv(unit, x, w, *numbers)
    assert actual.dtype == torch.int32
    wanted = gathered(integer_table(as_spec(unit)), x, w, Geometry(*numbers))
    assert actual.numel() == wanted.size
    np.testing.assert_array_equal(actual.numpy(), wanted)
    monkeypatch.setattr(integer, "may_round", lambda: True)
    assert torch.equal(fast.int_conv(unit, x, w, *numbers), actual)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (3, 0, 4), (0, 2, 3), (2, 3, 0), (7, 900, 33), (1, 3000, 5)])
def test_matrix_products(unit, m, k, n):
    x, w = operands(unit, (m, k), (n, k))
    table = integer_table(as_spec(unit)).astype(np.int64)
    indices = (v.view(torch.uint8).numpy() for v in (w[None], x[:, None]))
    wanted = table[*indices].sum(axis=-1)
    for weights in (w.T, w.T.contiguous()):
        actual = fast.int_matmul(unit, x, weights)
        assert actual.shape == (m, n)
        np.testing.assert_array_equal(actual.numpy(), wanted)


def test_padding_is_multiplied_as_zero_where_that_is_not_zero():
    a = np.arange(256)
    table = np.outer(a + 1, 2 * a + 3) + np.outer(a % 7 + 1, a // 5)
    factors = factors_of(table, 4)
    assert len(factors.x) == 2
    x, w = operands("u8", (3, 4, 6, 5), (6, 2, 3, 2))
    geometry = Geometry((2, 1), (1, 2), (1, 1), 2)
    wanted = gathered(table, x, w, geometry)
    out = torch.empty(wanted.shape, dtype=torch.int32)
    factored.add_conv(factors, factored.conv_parts(factors, x, w), x, w, geometry, out)
    np.testing.assert_array_equal(out.numpy(), wanted)


def full(value, *shape):
    return torch.full(shape, value, dtype=torch.uint8)


@pytest.mark.parametrize(("depth", "parts"), [(258, 1), (259, 2), (516, 2), (517, 3)])
def test_as_many_terms_as_float32_holds(depth, parts):
    """258 products 255 x 255 are 16,776,450, below 2^24 = 16,777,216; 259 are not."""
    factors = factors_of(integer_table(as_spec("u8_exact")), 1)
    x, w = full(255, 4, depth), full(255, depth, 6)
    assert len(factored.matmul_parts(factors, x, w)) == parts
    assert (fast.int_matmul("u8_exact", x, w) == depth * 65_025).all()
    image, filters = x.reshape(4, depth, 1, 1), w.T.reshape(6, depth, 1, 1)
    assert len(factored.conv_parts(factors, image, filters)) >= parts
    assert (fast.int_conv("u8_exact", image, filters) == depth * 65_025).all()


@pytest.mark.parametrize("unit", ["u8_exact", "s8_exact", "s8_drum_k4"])
@pytest.mark.parametrize("shape", [(40, 90, 1), (5, 30, 9), (3, 300, 9)])
def test_no_partial_sum_of_a_part_leaves_float32(unit, shape):
    filters, channels, taps = shape
    factors = factors_of(integer_table(as_spec(unit)), 1)
    x, w = operands(unit, (2, channels, taps), (filters, channels, taps))
    parts = factored.conv_parts(factors, x, w)
    assert [part.first for part in parts[1:]] == [part.last for part in parts[:-1]]
    assert (parts[0].first, parts[-1].last) == (0, channels)
    f = factors.x[0][x.view(torch.uint8).numpy()].astype(int)
    g = factors.w[0][w.view(torch.uint8).numpy()].astype(int)
    ends = [int(f.min()), int(f.max()), 0]
    for _, first, last in parts:
        choices = np.stack([g[:, first:last] * end for end in ends])
        assert choices.max(axis=0).sum(axis=(1, 2)).max() <= LIMIT
        assert choices.min(axis=0).sum(axis=(1, 2)).min() >= -LIMIT
    whole = np.stack([g * end for end in ends]).max(axis=0).sum(axis=(1, 2)).max()
    assert len(parts) <= 1 + 2 * whole // LIMIT


def test_sums_far_below_zero_are_split_too():
    """1,200 products 127 x -127 are -19,354,800, and none of the partial sums is above 0."""
    x = torch.full((2, 1200, 1, 1), 127, dtype=torch.int8)
    factors = factors_of(integer_table(as_spec("s8_exact")), 1)
    for sign, end in ((1, 127), (-1, -127)):
        w = torch.full((3, 1200, 1, 1), sign * 127, dtype=torch.int8)
        assert len(factored.conv_parts(factors, x, w)) == 2
        assert (fast.int_conv("s8_exact", x, w) == 1200 * 127 * end).all()


@pytest.mark.parametrize("size", [8, 32])
@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("window", [3, 5])
def test_nothing_is_transformed(batch, window, size):
    """Winograd's and Fourier's algorithms would round sums that fill float32: all products are near 255 x 255."""
    channels = 258 // window**2
    rng = np.random.default_rng(0)
    shapes = (batch, channels, size, size), (32, channels, window, window)
    x, w = (torch.from_numpy(rng.integers(252, 256, shape, dtype=np.uint8)) for shape in shapes)
    factors = factors_of(integer_table(as_spec("u8_exact")), 1)
    assert len(factored.conv_parts(factors, x, w)) == 1
    actual = fast.int_conv("u8_exact", x, w, 1, window // 2)
    wanted = torch.nn.functional.conv2d(x.double(), w.double(), padding=window // 2)
    assert torch.equal(actual.double(), wanted)
    assert LIMIT * 0.93 < int(actual.max()) <= LIMIT
    assert actual.numel() == batch * 32 * size**2


def test_a_window_too_large_for_float32_takes_the_table():
    factors = factors_of(integer_table(as_spec("u8_exact")), 1)
    x, w = full(255, 1, 1, 17, 18), full(255, 2, 1, 17, 17)
    assert factored.conv_parts(factors, x, w) is None
    assert (fast.int_conv("u8_exact", x, w) == 289 * 65_025).all()
    large = factors_of(np.outer(np.arange(256) << 5, np.arange(256) << 5), 1)
    assert factored.matmul_parts(large, full(255, 1, 2), full(255, 2, 1)) is None


SETTINGS = [
    (torch.backends.mkldnn.matmul, "fp32_precision", "bf16"),
    (torch.backends.mkldnn.conv, "fp32_precision", "tf32"),
]


@pytest.mark.parametrize(("place", "name", "value"), SETTINGS)
def test_settings_that_round_operands_leave_the_table(place, name, value):
    before = getattr(place, name)
    assert not factored.may_round()
    setattr(place, name, value)
    try:
        assert factored.may_round()
        x, w = full(255, 70, 257), full(253, 257, 40)
        assert (fast.int_matmul("u8_exact", x, w) == 257 * 255 * 253).all()
    finally:
        setattr(place, name, before)
    assert not factored.may_round()


def test_the_environment_may_let_onednn_round(monkeypatch):
    for name, (mode, rounds) in product(("ONEDNN", "DNNL"), (("BF16", True), ("ANY", True), ("strict", False))):
        with monkeypatch.context() as patch:
            patch.setenv(f"{name}_DEFAULT_FPMATH_MODE", mode)
            assert factored.may_round() == rounds
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert factored.may_round()


def test_autocast_and_threads_do_not_change_a_bit():
    x, w = operands("u8", (33, 300), (300, 21))
    image, filters = operands("u8", (40, 20, 12, 12), (16, 20, 3, 3))
    wanted = fast.int_matmul("u8_drum_k4", x, w), fast.int_conv("u8_drum_k4", image, filters)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(fast.int_matmul("u8_drum_k4", x, w), wanted[0])
        assert torch.equal(fast.int_conv("u8_drum_k4", image, filters), wanted[1])
    before = torch.get_num_threads()
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            assert torch.equal(fast.int_matmul("u8_drum_k4", x, w), wanted[0])
            assert torch.equal(fast.int_conv("u8_drum_k4", image, filters), wanted[1])
    finally:
        torch.set_num_threads(before)


def test_blocks_of_a_batch_do_not_change_a_sum(monkeypatch):
    image, filters = operands("s8", (9, 70, 6, 6), (8, 70, 3, 3))
    x, w = operands("s8", (50, 1500), (1500, 7))
    wanted = fast.int_conv("s8_exact", image, filters), fast.int_matmul("s8_exact", x, w)
    monkeypatch.setattr(factored, "_BLOCK", 4 * prod(image.shape[1:]))
    monkeypatch.setattr(factored, "_SHARE", 100)
    assert torch.equal(fast.int_conv("s8_exact", image, filters), wanted[0])
    assert torch.equal(fast.int_matmul("s8_exact", x, w), wanted[1])
    assert torch.equal(wanted[1].double(), x.double() @ w.double())
