"""Precision-scalable MACs on the simulators: all pairs in every lane, modes that change with every product."""

import os

import pytest

from axmac.gen.scalable import scalable_text
from axmac.model.spec import ScalableMac, parse_scalable_id
from axmac.sim import scalable, scalable_products
from axmac.sim.cover_scalable import corner_classes
from axmac.sim.scalable import verify_scalable
from axmac.sim.scalable_products import verify_products

SIMULATORS = [os.environ["SIM"]] if "SIM" in os.environ else ["verilator", "icarus"]
ALL = pytest.mark.verify_all


@pytest.fixture(autouse=True)
def in_the_repository(request, monkeypatch):
    monkeypatch.chdir(request.config.rootpath)  # builds are kept there


def runs(*table):
    return [pytest.param(*run[:2], marks=run[2:], id=f"{run[0]}-{run[1]}") for run in table if run[1] in SIMULATORS]


def everywhere(*macs):
    return [(mac, sim, ALL) for mac in macs for sim in ("verilator", "icarus")]


@pytest.mark.parametrize(
    ("mac", "sim"),
    runs(
        ("mac8_dvafs", "verilator"),
        ("mac8_dvafs", "icarus", ALL),
        *everywhere("mac8_standard", "mac8_dg", "mac16_standard", "mac16_dg", "mac16_dvafs"),
    ),
)
def test_products_of_all_pairs(mac, sim):
    """Up to 8 bits every lane meets every pair of patterns, with both signs of the activation."""
    spec = parse_scalable_id(mac)
    found = verify_products(spec, sim)
    assert (found["first"], found["mismatches"]) == ("", 0)
    assert found["exhaustive"] == sum(2 << 2 * k for k in spec.precisions if k <= 8)
    assert found["compared"] >= found["exhaustive"]
    assert found["compared"] >= 4000 * len(spec.precisions)


def test_narrow_lanes():
    found = verify_products(ScalableMac("dvafs", 8), SIMULATORS[-1], precisions=(4, 2))
    assert (found["first"], found["mismatches"]) == ("", 0)
    assert found["exhaustive"] == 2 * (256 + 16)


@pytest.mark.parametrize(
    ("mac", "sim"),
    runs(
        ("mac8_dvafs_g2", "icarus"),
        ("mac8_dg_g2", "icarus"),
        ("mac8_dvafs_g2", "verilator", ALL),
        ("mac8_dvafs", "verilator", ALL),
        *everywhere("mac8_standard_g2", "mac16_standard_g2", "mac16_dg_g2", "mac16_dvafs_g2"),
        ("mac8_dg_g2", "verilator", ALL),
    ),
)
def test_sums_in_mixed_modes(mac, sim):
    """Every mode after every other, with and without clear, under back-pressure; sums that just fit, and that wrap."""
    spec = parse_scalable_id(mac)
    figures = verify_scalable(spec, sim, long=True)
    coverage = figures.pop("coverage")
    assert [test["first"] for test in figures.values()] == [""] * 3
    assert sum(test["mismatches"] + test["protocol_errors"] for test in figures.values()) == 0
    pairs = sum(
        len(corner_classes(k, signed=signed)) * len(corner_classes(k, signed=True))
        for k in spec.precisions
        for signed in (False, True)
    )
    assert figures["stalls"]["compared"] == 1000 + pairs
    switches = 4 * len(spec.precisions) ** 2
    assert figures["full_load"] | {"compared": 300 + switches, "latency": 2, "bubbles": 0} == figures["full_load"]
    signs = {"unsigned": False, "signed": True}
    held = {f"{k} {name}": spec.headroom(k, a_signed=signed) for k in spec.precisions for name, signed in signs.items()}
    assert figures["long_sums"]["held"] == held
    assert coverage.closed, coverage.problem


def test_faults_in_the_verilog_are_found(monkeypatch):
    """One operand bit of the products, and one clock enable of the sums."""
    text, modules = scalable_text(ScalableMac("dvafs", 8, 2))

    def broken(old, new):
        assert text.count(old) == 1, old
        return lambda _spec: (text.replace(old, new), modules)

    monkeypatch.setattr(scalable_products, "scalable_text", broken("assign pp_3_1 = ", "assign pp_3_1 = 1'h0 & "))
    found = verify_products(ScalableMac("dvafs", 8, 2), SIMULATORS[-1], precisions=(4,))
    assert 0 < found["mismatches"] < found["compared"]
    assert "mac8_dvafs_g2, 4 bits, unsigned: a=0x" in found["first"]
    monkeypatch.setattr(scalable, "scalable_text", broken("  assign held = ", "  assign held = 24'h2 | "))
    figures = verify_scalable(ScalableMac("dvafs", 8, 2), SIMULATORS[-1])
    assert figures["stalls"]["mismatches"] > 0
    assert "mac8_dvafs_g2, product " in figures["stalls"]["first"]
