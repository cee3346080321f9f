"""Layers on the RTL: matrices of every shape against golden, and planted faults, which must be found at the right k."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from layer_files import K, M, N, describe, write

from axmac.model.golden import add, convert, matmul, multiply
from axmac.model.spec import FLOAT32, InputError, as_spec
from axmac.sim import streamed_array
from axmac.sim.array_rtl import ArrayRtl
from axmac.sim.matrices import matrix
from axmac.sim.replay import Difference, first_k, replay
from axmac.sim.streamer import streamer

UNIT = as_spec("fp32_plain")
OTHER = as_spec("fp32_array_ama5_t4")
ALL = pytest.mark.verify_all


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def export(folder, spec=UNIT, seed=1):
    """The files of a layer, written here, with sums by golden; the arrays."""
    rng = np.random.default_rng(seed)
    arrays = {"a": matrix(spec, (M, K), rng), "b": matrix(spec, (K, N), rng)}
    arrays["sums"] = matmul(spec, arrays["a"], arrays["b"])
    arrays["bias"] = rng.uniform(-1, 1, N).astype(np.float32).view(np.uint32)
    arrays["outputs"] = add(FLOAT32, arrays["sums"], np.broadcast_to(arrays["bias"], (M, N)))
    write(folder, arrays, spec)
    return arrays


def partial_sums(spec, a, b):
    """Written out: the sums of one output after every k."""
    acc, sums = np.zeros(1, np.uint32), []
    for k in range(len(a)):
        acc = add(FLOAT32, acc, convert(spec.result_format, FLOAT32, multiply(spec, a[k : k + 1], b[k : k + 1])))
        sums.append(int(acc[0]))
    return np.array(sums, np.uint32)


def expected_of(arrays, m, n):
    a, b = arrays["a"][m], arrays["b"][:, n]
    return {"a": a, "b": b, "partial": partial_sums(UNIT, a, b)}


@pytest.mark.parametrize(
    ("mul", "rows", "cols", "sim", "shapes"),
    [
        ("fp32_plain", 2, 3, "icarus", [(5, 7, 4), (40, 2, 3)]),
        pytest.param("fp32_plain", 2, 3, "icarus", [(1, 1, 1), (3, 9, 10), (100, 3, 2)], marks=ALL),
        pytest.param("bf16_array_ama5_t4", 3, 1, "icarus", [(7, 8, 3)], marks=ALL),
        ("e4f3_plain", 3, 2, "icarus", [(9, 7, 5)]),
        ("ax_fpm", 4, 4, "verilator", [(3, 100, 6), (1000, 9, 32)]),
    ],
)
def test_matrices_of_any_shape(mul, rows, cols, sim, shapes):
    spec = as_spec(mul)
    rtl, rng = ArrayRtl(spec, rows, cols, sim), np.random.default_rng(1)
    for m, k, n in shapes:
        a, b = (matrix(spec, shape, rng, specials=0.1 / k) for shape in ((m, k), (k, n)))
        before = rtl.cycles
        np.testing.assert_array_equal(rtl.matmul(a, b), matmul(spec, a, b))
        waves = m * math.ceil(k / rows) * math.ceil(n / cols)
        assert rtl.cycles - before >= waves + rtl.latency  # what was compared went through the array


def test_long_matrices_go_through_in_pieces(monkeypatch):
    monkeypatch.setattr(streamed_array, "LARGEST_M", 8)
    rtl, rng, done = ArrayRtl(UNIT, 2, 3, "icarus"), np.random.default_rng(2), []
    a, b = matrix(UNIT, (10, 5), rng), matrix(UNIT, (5, 4), rng)
    np.testing.assert_array_equal(rtl.matmul(a, b, done.append), matmul(UNIT, a, b))
    assert done == [5, 10]


def test_a_layer_agrees_and_its_outputs_are_written(tmp_path):
    arrays, done = export(tmp_path), []
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    assert rtl.build() > 0
    assert rtl.cycles == 0
    report = replay(tmp_path / "made.json", rtl, lambda *step: done.append(step))
    assert report.passed
    assert (report.outputs, report.macs, report.first) == (M * N, M * K * N, None)
    assert report.cycles == rtl.cycles >= M * 6 * 2
    assert done == [(M * K * N, M * K * N)]
    with np.load(report.results, allow_pickle=False) as results:
        np.testing.assert_array_equal(results["sums"], arrays["sums"])
        np.testing.assert_array_equal(results["outputs"], arrays["outputs"])
    json.dumps(report.as_dict())


@pytest.mark.parametrize(("k", "n"), [(6, 2), pytest.param(0, 0, marks=ALL), pytest.param(10, 4, marks=ALL)])
def test_a_weight_bit_that_flips_is_found_at_its_k(k, n, tmp_path):
    arrays = export(tmp_path)
    flipped = {name: array.copy() for name, array in arrays.items()}
    flipped["b"][k, n] ^= np.uint32(1 << 24)  # an exponent bit: no sum stays as it was but where the activation is 0
    write(tmp_path, flipped, UNIT)
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    report = replay(tmp_path / "made.json", rtl)
    wrong = int(np.count_nonzero(arrays["a"][:, k]))
    assert (report.differ_fast, report.differ_golden, report.differ_output) == (wrong, 0, wrong)
    assert (report.first.m, report.first.n) == (int(np.flatnonzero(arrays["a"][:, k])[0]), n)
    assert report.first.golden == report.first.rtl != report.first.fast == arrays["sums"][report.first.m, n]
    found, text = first_k(tmp_path / "made.json", rtl, report.first, expected_of(arrays, report.first.m, n))
    assert found == k
    assert f"first differ at k={k} of {K}" in text
    for side in (arrays, flipped):
        assert f"a=0x{arrays['a'][report.first.m, k]:08x}  b=0x{side['b'][k, n]:08x}" in text
    assert "normalise" in text


def test_rtl_of_another_unit_is_found_at_the_first_product_that_differs(tmp_path):
    arrays = export(tmp_path)
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    rtl._array = replace(rtl._array, unit=streamer(OTHER, 2, 3)[0])
    report = replay(tmp_path / "made.json", rtl)
    sums = matmul(OTHER, arrays["a"], arrays["b"])
    wrong = sums != arrays["sums"]
    assert report.differ_fast == report.differ_golden == np.count_nonzero(wrong) > 0
    m, n = (int(place[0]) for place in np.nonzero(wrong))
    assert report.first == Difference(m, n, int(sums[m, n]), int(arrays["sums"][m, n]), int(arrays["sums"][m, n]))
    assert f"{report.differ_fast} of {M * N} outputs differ from fast" in report.alarm
    expected = expected_of(arrays, m, n)
    by_hand = int(np.flatnonzero(partial_sums(OTHER, expected["a"], expected["b"]) != expected["partial"])[0])
    found, text = first_k(tmp_path / "made.json", rtl, report.first, expected)
    assert found == by_hand
    assert "both sides have these operands" in text
    agreeing = Difference(m, n, report.first.rtl, report.first.golden, report.first.rtl)
    assert first_k(tmp_path / "made.json", rtl, agreeing, {})[0] == by_hand  # then golden's sums are the reference


def test_an_output_that_is_right_alone_says_so(tmp_path):
    arrays = export(tmp_path)
    difference = Difference(0, 0, 1, 2, 2)
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    found, text = first_k(tmp_path / "made.json", rtl, difference, expected_of(arrays, 0, 0))
    assert found is None
    assert "depends on the waves around it" in text


def test_files_that_do_not_fit_are_refused(tmp_path):
    rtl = ArrayRtl(UNIT, 2, 3, "icarus")
    manifest = tmp_path / "made.json"
    with pytest.raises(InputError, match="cannot be read"):
        replay(manifest, rtl)
    arrays = export(tmp_path)
    with pytest.raises(InputError, match=f"is a layer of {UNIT.id}, not of {OTHER.id}"):
        replay(manifest, ArrayRtl(OTHER, 2, 3, "icarus"))
    with pytest.raises(InputError, match=f"is a layer of {UNIT.id}, not of s8_exact"):
        replay(manifest, ArrayRtl(as_spec("s8_exact"), 2, 3, "icarus"))
    write(tmp_path, arrays | {"a": arrays["a"][1:]}, UNIT)
    with pytest.raises(InputError, match=r"sizes differ from those of made\.npz"):
        replay(manifest, rtl)
    (tmp_path / "made.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError, match=r"made\.npz is not the file that was exported"):
        replay(manifest, rtl)
    describe(tmp_path, UNIT)
    with pytest.raises(InputError, match="is no exported layer"):
        replay(manifest, rtl)
    manifest.write_text("{}")
    with pytest.raises(InputError, match="is no exported layer"):
        replay(manifest, rtl)
