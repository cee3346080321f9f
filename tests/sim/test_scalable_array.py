"""Integer matrices on the RTL of an array of precision-scalable MACs, every mode, against numpy's own product."""

import os

import numpy as np
import pytest

from axmac.model.golden import scalable as golden
from axmac.model.spec import InputError, ScalableMac, parse_scalable_id
from axmac.sim import scalable_array
from axmac.sim.scalable_array import run

SIMULATORS = [os.environ["SIM"]] if "SIM" in os.environ else ["verilator", "icarus"]
ALL = pytest.mark.verify_all


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def drawn(rng, bits, shape, *, signed):
    low, high = (-(1 << bits - 1), 1 << bits - 1) if signed else (0, 1 << bits)
    return rng.integers(low, high, shape)


@pytest.mark.parametrize(
    ("mac", "sim", "precisions"),
    [
        pytest.param(*case, marks=marks, id=f"{case[0]}-{case[1]}")
        for *case, marks in (
            ("mac8_dvafs", "verilator", (8, 4, 2), ALL),
            ("mac8_dvafs", "icarus", (2,), ()),
            ("mac8_dvafs", "icarus", (8, 4), ALL),
            ("mac8_dg", "icarus", (3,), ()),
            ("mac16_dvafs", "icarus", (16, 8, 4), ALL),
            ("mac16_dvafs", "verilator", (16, 8, 4), ALL),
            ("mac8_dg", "verilator", range(1, 9), ALL),
            ("mac16_dg", "icarus", (16, 9, 1), ALL),
            ("mac16_standard", "icarus", (16,), ALL),
        )
        if case[1] in SIMULATORS
    ],
)
def test_layers_of_hybrid_precision(mac, sim, precisions):
    """2 x 2 elements; M, K and N are no whole tiles, and the same build serves all precisions."""
    spec, rng, compared = parse_scalable_id(mac), np.random.default_rng(1), 0
    for number, k in enumerate(precisions):
        for signed in (False, True):
            m, depth, n = 9, 5 * spec.lanes(k) + (spec.lanes(k) > 1), 3
            a, b = drawn(rng, k, (m, depth), signed=signed), drawn(rng, k, (depth, n), signed=True)
            found = run(spec, 2, 2, k, signed, a, b, sim)
            assert (found.first, found.mismatches) == ("", 0)
            np.testing.assert_array_equal(found.sums, a @ b)
            tiles = -(-depth // spec.lanes(k) // 2) * 2
            assert m * tiles <= found.cycles < m * tiles + 40, number
            assert found.macs == m * depth * n
            compared += found.sums.size
    assert compared == 2 * 27 * len(precisions)


def test_a_difference_from_golden_is_reported(monkeypatch):
    monkeypatch.setattr(
        scalable_array, "matrix_product", lambda *of, **signed: golden.matrix_product(*of, **signed) + 1
    )
    found = run(ScalableMac("dvafs", 8), 2, 2, 4, False, np.array([[3]]), np.array([[-2]]), SIMULATORS[-1])
    assert found.sums.tolist() == [[-6]]
    assert found.mismatches == 1
    assert found.first.startswith("(0, 0): golden=")


@pytest.mark.parametrize(
    ("precision", "a", "b", "message"),
    [
        (3, [[1]], [[1]], "mac8_dvafs has no precision of 3 bits"),
        (4, [[16]], [[1]], "operands of 4 bits must be 0 to 15, not 16 to 16"),
        (4, [[15]], [[8]], "operands of 4 bits must be -8 to 7, not 8 to 8"),
        (4, [[1, 2]], [[1]], r"do not fit: \(1, 2\) and \(1, 1\)"),
        (4, [[0.5]], [[1]], "operands must be matrices of integers, not float64"),
        (4, [1], [[1]], "operands must be matrices of integers"),
    ],
)
def test_operands_that_do_not_fit(precision, a, b, message):
    with pytest.raises(InputError, match=message):
        run(ScalableMac("dvafs", 8), 2, 2, precision, False, np.array(a), np.array(b))
