"""Integer products by table and by factors: the bits of golden's arrays, in matrices and convolutions."""

import numpy as np
import pytest
import torch
from oracles import integer_product

from axmac.model import fast
from axmac.model.golden.significand import significand_product
from axmac.model.spec import InputError, catalog

UNITS = ["bf16_array_ama1_t8", "bf16_array_ama5_t4", "bf16_booth"]


def operands(*shapes, seed=0):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.integers(0, 256, shape, dtype=np.uint8)) for shape in shapes]


def expected_matmul(sig, x, w):
    a, b = (v.numpy().astype(np.uint64) for v in (x, w))
    rows = []
    for row in a:
        left, right = np.broadcast_arrays(row[:, None], b)
        products = significand_product(sig, 8, left.reshape(-1), right.reshape(-1))
        rows.append(products.astype(np.int64).reshape(left.shape).sum(axis=0))
    return np.array(rows).reshape(len(a), b.shape[1])


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("rows", [30, 130])
def test_every_pair_of_integers(unit, rows):
    """Few rows take the table itself, many take sheets."""
    sig, compared = catalog[unit].significand, 0
    every = torch.arange(256, dtype=torch.uint8)
    for part in every.repeat(2)[: -(-256 // rows) * rows].reshape(-1, rows):
        actual = fast.int_matmul(sig, part[:, None], every[None]).numpy()
        left, right = (grid.reshape(-1) for grid in np.meshgrid(part.numpy(), every.numpy(), indexing="ij"))
        wanted = significand_product(sig, 8, left.astype(np.uint64), right.astype(np.uint64))
        np.testing.assert_array_equal(actual.reshape(-1), wanted.astype(np.int64))
        compared += actual.size
    assert compared >= 65_536


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(("m", "k", "n"), [(1, 1, 1), (3, 0, 4), (0, 2, 3), (7, 300, 33), (90, 40, 17)])
def test_matmul(unit, m, k, n):
    sig = catalog[unit].significand
    x, w = operands((m, k), (k, n))
    actual = fast.int_matmul(sig, x, w)
    assert actual.dtype == torch.int32
    np.testing.assert_array_equal(actual.numpy(), expected_matmul(sig, x, w))


def test_activations_that_a_unit_does_not_tell_apart_share_lines():
    """scaleTRIM(3, .) tells 48 activations apart, (4, .) 80, zero among them."""
    for unit, count in (("u8_scaletrim_h3_m4", 48), ("u8_scaletrim_h4_m8", 80)):
        every = torch.arange(256, dtype=torch.uint8)
        sums = fast.int_matmul(unit, every[:, None], every[None])
        assert len(np.unique(sums.numpy(), axis=0)) == count
        bits = range(256)
        assert sums.tolist() == [[value(unit, integer_product(unit, a, b), 16) for b in bits] for a in bits]


def test_layouts_and_threads_do_not_change_a_sum():
    sig = catalog["bf16_array_ama1_t8"].significand
    x, w = operands((2, 60, 31), (31, 40))
    whole = fast.int_matmul(sig, x, w)
    assert torch.equal(fast.int_matmul(sig, x.transpose(0, 1), w), whole.transpose(0, 1))
    assert torch.equal(fast.int_matmul(sig, x[1, 5], w), whole[1, 5])
    before = torch.get_num_threads()
    try:
        for threads in (1, 3):
            torch.set_num_threads(threads)
            assert torch.equal(fast.int_matmul(sig, x, w), whole)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("groups", [1, 2])
def test_convolution_is_a_matrix_product_of_its_patches(groups):
    sig = catalog["bf16_array_ama1_t8"].significand
    x, w = operands((2, 4, 9, 8), (6, 4 // groups, 3, 2))
    actual = fast.int_conv(sig, x, w, (2, 1), (1, 1), (1, 2), groups)
    padded = torch.nn.functional.pad(x, (1, 1, 1, 1))
    for g in range(groups):
        taken, own = slice(4 // groups * g, 4 // groups * (g + 1)), slice(6 // groups * g, 6 // groups * (g + 1))
        for r, c in np.ndindex(*actual.shape[2:]):
            patch = padded[:, taken, 2 * r : 2 * r + 3, c : c + 3 : 2].flatten(1)
            wanted = expected_matmul(sig, patch, w[own].flatten(1).T)
            np.testing.assert_array_equal(actual[:, own, r, c].numpy(), wanted)


def test_misfits_give_one_line():
    sig = catalog["bf16_array_ama1_t8"].significand
    x, w = operands((2, 3), (4, 5))
    with pytest.raises(InputError, match=r"not \[2, 3\] and \[4, 5\]"):
        fast.int_matmul(sig, x, w)
    with pytest.raises(TypeError, match=r"x must be a uint8 tensor on the CPU, not torch\.float32 on cpu"):
        fast.int_matmul(sig, x.float(), w)
    with pytest.raises(InputError, match="may leave int32: split K"):
        fast.int_matmul(sig, *operands((1, 40_000), (40_000, 1)))
    with pytest.raises(InputError, match="too small"):
        fast.int_conv(sig, *operands((1, 1, 2, 2), (1, 1, 3, 3)), (1, 1), (0, 0), (1, 1))


INTEGERS = [
    "u8_exact",
    "s8_exact",
    "s8_trunc_k4",
    "u8_drum_k4",
    "s8_drum_k3",
    "u8_scaletrim_h4_m4",
    "s8_scaletrim_h4_m8",
]


def value(unit, bits, width):
    return bits - (1 << width) if unit.startswith("s") and bits >> (width - 1) else bits


def own_operands(unit, *shapes):
    drawn = operands(*shapes, seed=5)
    return [x.view(torch.int8) if unit.startswith("s") else x for x in drawn]


@pytest.mark.parametrize("unit", INTEGERS)
@pytest.mark.parametrize("rows", [30, 256])
def test_every_pair_of_an_integer_unit(unit, rows):
    """Few rows take the table itself, many take sheets."""
    every = torch.arange(256, dtype=torch.uint8)
    every = every.view(torch.int8) if unit.startswith("s") else every
    parts = [fast.int_matmul(unit, part[:, None], every[None]) for part in every.split(rows)]
    actual = torch.cat(parts).tolist()
    bits = range(256)
    assert actual == [[value(unit, integer_product(unit, a, b), 16) for b in bits] for a in bits]


@pytest.mark.parametrize("unit", ["u8_exact", "s8_exact"])
def test_exact_integers_are_those_of_torch(unit):
    x, w = own_operands(unit, (70, 90), (90, 33))
    expected = (x.to(torch.int64) @ w.to(torch.int64)).to(torch.int32)
    assert torch.equal(fast.int_matmul(catalog[unit], x, w), expected)
    x, w = own_operands(unit, (2, 4, 9, 8), (6, 2, 3, 2))
    expected = torch.nn.functional.conv2d(x.double(), w.double(), None, (2, 1), (1, 1), (1, 2), 2).to(torch.int32)
    assert torch.equal(fast.int_conv(unit, x, w, (2, 1), (1, 1), (1, 2), 2), expected)


def test_integer_units_that_do_not_fit_give_one_line():
    signed, unsigned = own_operands("s8", (2, 3))[0], own_operands("u8", (3, 2))[0]
    with pytest.raises(TypeError, match=r"w must be an int8 tensor on the CPU, not torch\.uint8 on cpu"):
        fast.int_matmul("s8_drum_k4", signed, unsigned)
    with pytest.raises(TypeError, match="x must be a uint8 tensor"):
        fast.int_matmul("u8_drum_k4", signed, unsigned)
    with pytest.raises(InputError, match="u6_exact: the kernels multiply integers of 8 bits"):
        fast.int_matmul("u6_exact", unsigned, unsigned.T)
    with pytest.raises(InputError, match="bf16_booth multiplies floats"):
        fast.int_matmul("bf16", unsigned, unsigned.T)
    with pytest.raises(InputError, match="may leave int32: split K"):
        fast.int_matmul(
            "s8_exact", torch.zeros(1, 131_072, dtype=torch.int8), torch.zeros(131_072, 1, dtype=torch.int8)
        )
    zeros = torch.zeros(1, 131_071, dtype=torch.int8)
    assert fast.int_matmul("s8_exact", zeros, zeros.T).tolist() == [[0]]
