"""The quick and the careful kernel: both are right where the one hands over to the other."""

import numpy as np
import pytest
import torch
from oracles import assert_same_bits

from axmac.model import fast, golden
from axmac.model.fast.kernels import careful, micro
from axmac.model.golden.significand import significand_product
from axmac.model.spec import CELLS, EXACT, FLOAT32, ArraySig, FpMul, FullAdder, catalog


@pytest.fixture
def taken(monkeypatch):
    """Counts the calls of both kernels."""
    modules = {"dot_rows": micro, "dot_rows_careful": careful}
    counts = dict.fromkeys(modules, 0)
    for name, module in modules.items():
        original = getattr(module, name)

        def counted(*args, name=name, original=original):
            counts[name] += 1
            return original(*args)

        monkeypatch.setattr(module, name, counted)
    return counts


SIGNIFICANDS = [design for design in catalog.floats if design != "fp32_ieee_booth"]


def outer(unit, x, w):
    """Products of all x by all w, by a matrix product with K = 1, and by golden (where +0 + -0 = +0)."""
    spec = catalog[unit]
    actual = fast.matmul(unit, torch.from_numpy(x)[:, None], torch.from_numpy(w)[None]).numpy()
    a, b = (golden.convert(FLOAT32, spec.format, v.view(np.uint32)) for v in (x, w))
    expected = golden.convert(spec.result_format, FLOAT32, golden.multiply(spec, a[:, None], b[None]))
    expected = np.where(expected == 0x80000000, np.uint32(0), expected)
    return actual.view(np.uint32), expected


def significands(count, rng, width):
    """Values of [1, 2) and (-2, -1] with the given width: random ones, and those at the ends of carry chains."""
    edges = [1 << (width - 1), (1 << width) - 1, 0x888888 >> (24 - width), 0x800001 | 1 << (width - 1)]
    edges = [value % (1 << width) | 1 << (width - 1) for value in edges]
    sig = np.concatenate([edges, rng.integers(1 << (width - 1), 1 << width, count - len(edges))])
    return (sig / 2.0 ** (width - 1) * rng.choice([-1, 1], count)).astype(np.float32)


UNITS = [
    *(f"fp32_array_ama5_t{t}{xc}" for t in (2, 3, 4, 6, 8, 12, 24) for xc in ("", "_xc")),
    *(f"bf16_array_ama5_t{t}{xc}" for t in (2, 4, 8) for xc in ("", "_xc")),
    *("heap", "fp32_csa_ama5_t4", "fp32_plain", "bf16_booth_to_fp32"),
    *("fp32_array_ama5_t1", "bf16_array_ama5_t1", "bf16_array_ama5_t4_to_fp32", "fp32_array_ama5_t4_rw"),
]


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("exp_x", "exp_w"), [(0, 0), (-64, -62), (60, 65), (-64, -63), (60, 66), (-100, -27), (100, 29)]
)
def test_both_sides_of_the_range_of_the_quick_kernel(unit, exp_x, exp_w, taken):
    rng = np.random.default_rng(abs(hash((exp_x, exp_w))) % 1000)
    width = catalog[unit].format.sig_width
    x = significands(80, rng, width) * np.float32(2.0**exp_x)
    w = significands(70, rng, width) * np.float32(2.0**exp_w)
    x[7] = 0
    w[9] = -0.0
    actual, expected = outer(unit, x, w)
    assert actual.size == 5600
    assert_same_bits(actual, expected)
    quick = -126 <= exp_x + exp_w <= 125
    assert (taken["dot_rows"] > 0, taken["dot_rows_careful"] > 0) == (quick, not quick)


def test_a_million_products_of_the_quick_kernel(taken):
    rng = np.random.default_rng(5)
    x, w = (significands(1000, rng, 24) * np.float32(2.0) ** rng.integers(-40, 40, 1000) for _ in range(2))
    x, w = x.astype(np.float32), w.astype(np.float32)
    actual, expected = outer("ax_fpm", x, w)
    assert actual.size == 10**6
    assert_same_bits(actual, expected)
    assert taken["dot_rows_careful"] == 0


@pytest.mark.parametrize(("unit", "smallest"), [("ax_fpm", 2.0**-126), ("fp16_array_ama5_t11", 2.0**-14)])
def test_subnormal_operands_are_zeros_in_the_quick_kernel(unit, smallest, taken):
    small = np.array([smallest, -smallest, smallest / 2, -smallest * 0.75, smallest / 64, 0.0, 1.0], np.float32)
    large = np.array([1.0, -1.75, 3.5, smallest / 2, -smallest / 4], np.float32)
    for x, w in ((small, large), (large, small)):
        actual, expected = outer(unit, x, w)
        assert actual.size == 35
        assert_same_bits(actual, expected)
    assert taken == {"dot_rows": 2, "dot_rows_careful": 0}


@pytest.mark.parametrize("special", [np.inf, np.nan, 3e38])
def test_special_operands_take_the_careful_kernel(special, taken):
    x = np.array([special, 1.0, -2.0, 0.0], np.float32)
    actual, expected = outer("ax_fpm", x, x)
    assert_same_bits(actual, expected)
    assert taken == {"dot_rows": 0, "dot_rows_careful": 1}


TABULATED = (
    "bf16_booth",
    "bf16_array_ama1_t8",
    "bf16_csa_ama4_t8",
    "bf16_csa_ama3_t4_xc_rne",
    "bf16_array_ama2_t8_to_fp32",
)


@pytest.mark.parametrize("unit", TABULATED)
@pytest.mark.parametrize("rows", [10, 130])
def test_every_pair_of_significands_by_table(unit, rows, monkeypatch):
    """All 128 x 128 significands with both signs; many rows take sheets, few the table itself."""
    monkeypatch.setattr(careful, "dot_rows_careful", None)
    sig = np.concatenate([1 + np.arange(128) / 128, -1 - np.arange(128) / 128]).astype(np.float32)
    x, compared = np.resize(sig, (-(-256 // rows), rows)), 0
    for part in x:
        actual, expected = outer(unit, part, sig)
        assert_same_bits(actual, expected)
        compared += actual.size
    assert compared >= 256 * 256


@pytest.mark.parametrize("unit", TABULATED)
@pytest.mark.parametrize(
    ("exp_x", "exp_w"), [(-63, -63), (-63, -64), (60, 64), (0, 126), (126, 0), (63, 64), (-1, 127)]
)
def test_tables_at_both_ends_of_the_range(unit, exp_x, exp_w):
    rng = np.random.default_rng(8)
    x = significands(200, rng, 8) * np.float32(2.0) ** np.float32(exp_x)
    w = significands(70, rng, 8) * np.float32(2.0) ** np.float32(exp_w)
    x[5], w[6] = -0.0, 0
    actual, expected = outer(unit, x, w)
    assert actual.size == 14_000
    assert_same_bits(actual, expected)


@pytest.mark.parametrize("unit", ["heap", "bf16_array_ama1_t8", "bf16_booth", "fp32_array_ama1_t4"])
def test_a_million_products_of_other_kernels(unit):
    rng = np.random.default_rng(5)
    width = catalog[unit].format.sig_width
    x, w = (significands(1000, rng, width) * np.float32(2.0) ** rng.integers(-40, 40, 1000) for _ in range(2))
    actual, expected = outer(unit, x.astype(np.float32), w.astype(np.float32))
    assert actual.size == 10**6
    assert_same_bits(actual, expected)


def partners(spec, x, boundary):
    """For each significand of x (uint64) five weights around one whose product passes ``boundary``, by bisection."""
    sig, width = spec.significand, spec.format.sig_width
    low, high = (np.full(x.size, value, np.uint64) for value in (1 << (width - 1), (1 << width) - 1))
    for _ in range(width):
        middle = (low + high) >> np.uint64(1)
        below = significand_product(sig, width, x, middle) < boundary
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    around = high[:, None] + np.arange(-2, 3).astype(np.uint64)
    return np.clip(around, 1 << (width - 1), (1 << width) - 1).astype(np.uint64)


def boundary_operands(spec, count, rng):
    """Values x and w, of which 5 * count pairs lie next to P = 2^(2p-1), 2^(2p) or the 49th bit of an even carry."""
    width = spec.format.sig_width
    x = rng.integers(1 << (width - 1), 1 << width, count).astype(np.uint64)
    ends = [1 << (2 * width - 1), 1 << (2 * width), (1 << (2 * width - 1)) + (1 << (width - 1))]
    w = np.concatenate([partners(spec, part, end) for part, end in zip(np.array_split(x, 3), ends, strict=True)])
    return [(sig / 2.0 ** (width - 1)).astype(np.float32) for sig in (x, w.reshape(-1))]


@pytest.mark.parametrize("unit", SIGNIFICANDS)
def test_products_next_to_every_normalisation_boundary(unit):
    spec = catalog[unit]
    x, w = boundary_operands(spec, 120, np.random.default_rng(13))
    actual, expected = outer(unit, x, w)
    assert actual.size == 120 * 600
    assert_same_bits(actual, expected)


@pytest.mark.verify_all
@pytest.mark.parametrize("unit", SIGNIFICANDS)
def test_ten_million_products(unit):
    """Nine times random ones over most exponents, with the ends of carry chains; once those next to a boundary."""
    width, compared = catalog[unit].format.sig_width, 0
    for seed in range(10):
        rng = np.random.default_rng(100 + seed)
        if seed:
            x, w = (significands(1000, rng, width) * np.float32(2.0) ** rng.integers(-70, 66, 1000) for _ in range(2))
        else:
            x, w = boundary_operands(catalog[unit], 450, rng)
        actual, expected = outer(unit, x.astype(np.float32), w.astype(np.float32))
        compared += actual.size
        assert_same_bits(actual, expected)
    assert compared >= 10**7


def random_maps():
    """Cells, maps, wirings, orientations and user tables over every tile width."""
    rng = np.random.default_rng(9)
    cells = [*CELLS.values(), FullAdder("01100111", "00010101")]
    for tile in (2, 3, 4, 6, 8, 12, 24):
        rows = [[cells[i] for i in rng.integers(0, len(cells), tile)] for _ in range(1, tile)]
        for topology in ("array", "csa"):
            wiring, side = "".join(rng.permutation(list("psc"))), str(rng.choice(["activation", "weight"]))
            yield FpMul(FLOAT32, ArraySig(EXACT, tile, topology, side, wiring, tuple(map(tuple, rows))))


@pytest.mark.parametrize("spec", list(random_maps()), ids=lambda spec: spec.id)
def test_any_cell_map_at_24_bits(spec):
    rng = np.random.default_rng(10)
    a, b = rng.integers(0, 1 << 32, (2, 3000), dtype=np.uint32)
    actual = fast.multiply(spec, *(torch.from_numpy(v.view(np.float32)) for v in (a, b)))
    assert_same_bits(actual.numpy().view(np.uint32), golden.multiply(spec, a, b))


def test_most_random_maps_are_bit_sliced():
    names = [fast.kernel_name(spec) for spec in random_maps()]
    assert len(names) == 14
    assert sum(name.startswith("bit-sliced") for name in names) >= 12
