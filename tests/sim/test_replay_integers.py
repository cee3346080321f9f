"""Int8 layers on the RTL: matrices against golden, outputs after bias and rounding, faults found at the right k."""

import numpy as np
import pytest
from imported import keep, random_table
from layer_files import K, M, N, write

from axmac.model.golden import matmul, multiply, requantise
from axmac.model.spec import as_spec
from axmac.sim.array_rtl import ArrayRtl
from axmac.sim.matrices import matrix
from axmac.sim.replay import first_k, replay

UNIT = as_spec("s8_scaletrim_h4_m8")
ALL = pytest.mark.verify_all


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


@ALL
@pytest.mark.parametrize(
    ("mul", "rows", "cols", "sim", "shapes"),
    [
        ("s8_drum_k4", 2, 3, "icarus", [(5, 7, 4), (40, 2, 3)]),
        ("u8_scaletrim_h4_m8", 4, 4, "verilator", [(3, 100, 6), (1000, 9, 32)]),
        ("s16_exact", 3, 2, "icarus", [(9, 7, 5)]),
    ],
)
def test_matrices_of_any_shape(mul, rows, cols, sim, shapes):
    spec = as_spec(mul)
    rtl, rng, compared = ArrayRtl(spec, rows, cols, sim), np.random.default_rng(1), 0
    for m, k, n in shapes:
        a, b = (matrix(spec, shape, rng) for shape in ((m, k), (k, n)))
        found = rtl.matmul(a, b)
        np.testing.assert_array_equal(found, matmul(spec, a, b))
        compared += found.size
    assert compared == sum(m * n for m, _, n in shapes)


def export(folder, spec=UNIT):
    """The files of an int8 layer, written here; the arrays, and as Python's integers the sums after every k."""
    rng = np.random.default_rng(1)
    arrays = {"a": matrix(spec, (M, K), rng), "b": matrix(spec, (K, N), rng)}
    products = multiply(spec, arrays["a"][:, :, None], arrays["b"]).view(np.int16).astype(object)
    arrays["sums"] = (products.sum(axis=1) % (1 << 32)).astype(np.uint32)
    arrays["bias"] = rng.integers(-5000, 5000, N).astype(np.int32).view(np.uint32)
    arrays |= {"scales": rng.uniform(1e-4, 1e-3, N), "out_scale": np.float64(0.05)}
    arrays["outputs"] = requantise(*(arrays[name] for name in ("sums", "bias", "scales")), 0.05)
    write(folder, arrays, spec)
    return arrays, products.cumsum(axis=1) % (1 << 32)


def test_an_int8_layer_agrees_and_its_outputs_are_written(tmp_path):
    arrays, _ = export(tmp_path)
    report = replay(tmp_path / "made.json", ArrayRtl(UNIT, 2, 3, "icarus"))
    assert report.passed
    assert (report.outputs, report.macs) == (M * N, M * K * N)
    with np.load(report.results, allow_pickle=False) as results:
        np.testing.assert_array_equal(results["sums"], arrays["sums"])
        np.testing.assert_array_equal(results["outputs"], arrays["outputs"])
    write(tmp_path, arrays | {"bias": arrays["bias"] + np.uint32(4000)}, UNIT)
    report = replay(tmp_path / "made.json", ArrayRtl(UNIT, 2, 3, "icarus"))
    assert (report.differ_fast, report.differ_golden) == (0, 0)
    assert report.differ_output > 0


def test_a_weight_bit_of_an_int8_layer_that_flips_is_found_at_its_k(tmp_path):
    arrays, partial = export(tmp_path)
    (k, n), flipped = (6, 2), {name: array.copy() for name, array in arrays.items()}
    flipped["b"][k, n] ^= np.uint8(0x40)
    write(tmp_path, flipped, UNIT)
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    report = replay(tmp_path / "made.json", rtl)
    m = int(np.flatnonzero(arrays["a"][:, k])[0])
    assert (report.differ_fast, report.differ_golden) == (int(np.count_nonzero(arrays["a"][:, k])), 0)
    assert (report.first.m, report.first.n) == (m, n)
    expected = {"a": arrays["a"][m], "b": arrays["b"][:, n], "partial": partial[m, :, n].astype(np.uint32)}
    found, text = first_k(tmp_path / "made.json", rtl, report.first, expected)
    assert found == k
    assert f"expected=0x{int(partial[m, k, n]):08x}" in text
    assert f"golden on the operands of the emulator: sum after k 0x{int(partial[m, k, n]):08x}" in text
    for side in (arrays, flipped):
        assert f"a=0x{arrays['a'][m, k]:02x}  b=0x{side['b'][k, n]:02x}" in text


def test_a_unit_of_which_0_makes_more_than_0_is_replayed(tmp_path, monkeypatch):
    """K and N are no whole tiles: what the zeros that fill them up make must not stay in the sums."""
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))
    table = random_table(8)
    assert table[0, 0] % (1 << 16)
    keep("odd", table, signed=True)
    arrays, partial = export(tmp_path, as_spec("odd"))
    rtl = ArrayRtl(as_spec("odd"), 2, 3, "icarus")
    assert K % 2
    report = replay(tmp_path / "made.json", rtl)
    assert report.passed
    assert report.outputs == M * N
    flipped = arrays["b"].copy()
    flipped[7, 1] ^= np.uint8(1)
    write(tmp_path, arrays | {"b": flipped}, as_spec("odd"))
    report = replay(tmp_path / "made.json", rtl)
    expected = {"a": arrays["a"][0], "b": arrays["b"][:, 1], "partial": partial[0, :, 1].astype(np.uint32)}
    assert (report.first.m, report.first.n) == (0, 1)
    assert first_k(tmp_path / "made.json", rtl, report.first, expected)[0] == 7
