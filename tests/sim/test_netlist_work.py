"""Golden vectors on mapped netlists: a right one agrees, a wrong one is found; operands become transitions."""

import json

import numpy as np
import pytest
from oracles import integer_product

from axmac.gen.mapping import generic_gates, part_verilog
from axmac.model.spec import InputError, catalog
from axmac.sim.netlist_work import check_netlist, drivers_of, uniform_operands, write_activity, write_vectors

UNIT = "bf16_array_ama5_t4"


@pytest.fixture(scope="module", params=["core", "significand"])
def mapped(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    top, verilog = part_verilog(catalog[UNIT], request.param)
    return request.param, generic_gates(verilog, top, folder)


def test_a_netlist_agrees_with_golden_on_all_vectors(mapped, tmp_path):
    part, found = mapped
    vectors = write_vectors(catalog[UNIT], part, tmp_path / "vectors.npz", 10_000, 1)
    agreement = check_netlist(found.netlist, found.top, part, vectors)
    assert agreement.compared > 10_000
    assert (agreement.mismatches, agreement.first) == (0, "")


def test_a_netlist_of_another_unit_is_found(mapped, tmp_path):
    part, found = mapped
    vectors = write_vectors(catalog["bf16_array_ama5_t8"], part, tmp_path / "vectors.npz", 10_000, 1)
    agreement = check_netlist(found.netlist, found.top, part, vectors)
    assert 0 < agreement.mismatches < agreement.compared
    words = dict(part.split("=") for part in agreement.first.split())
    assert set(words) == {"a", "b", "golden", "netlist"}
    assert words["golden"] != words["netlist"]


def activity(mapped, operands, folder):
    part, found = mapped
    sdf = folder / "none.sdf"
    sdf.write_text("", encoding="utf-8")
    out = folder / "activity.json"
    glitches = write_activity(catalog[UNIT], part, found.netlist, found.top, sdf, operands, out)
    return glitches, json.loads(out.read_text(encoding="utf-8"))


def test_uniform_operands_toggle_half_of_the_low_bits(mapped, tmp_path):
    """Signs, and fraction bits but for a bias towards 1 of none, are fair coins; half of the pairs differ."""
    glitches, found = activity(mapped, uniform_operands(catalog[UNIT], 4097, 1), tmp_path)
    name = "a" if mapped[0] == "core" else "sig_a"
    assert found["products"] == 4096
    assert found["per_product"][f"{name}[0]"] == pytest.approx(0.5, abs=0.03)
    assert 0 < glitches < 1
    assert set(drivers_of(mapped[1].netlist, mapped[1].top)) < set(found["per_product"])


def test_constant_operands_toggle_nothing(mapped, tmp_path):
    constant = np.full(100, 0.75, np.float32), np.full(100, -0.3, np.float32)
    _, found = activity(mapped, constant, tmp_path)
    assert len(found["per_product"]) > 40
    assert set(found["per_product"].values()) == {0.0}


def test_operands_come_from_a_file_as_well(mapped, tmp_path):
    a, b = uniform_operands(catalog[UNIT], 100, 3)
    np.savez(tmp_path / "operands.npz", a=a, b=b)
    assert activity(mapped, tmp_path / "operands.npz", tmp_path) == activity(mapped, (a, b), tmp_path)
    np.savez(tmp_path / "operands.npz", a=a.astype(np.float64), b=b)
    with pytest.raises(InputError, match="float32"):
        activity(mapped, tmp_path / "operands.npz", tmp_path)
    with pytest.raises(InputError, match="holds no operands"):
        activity(mapped, tmp_path / "missing.npz", tmp_path)


@pytest.mark.parametrize("unit", ["u8_drum_k4", "s8_scaletrim_h4_m8"])
def test_integers_meet_all_pairs(unit, tmp_path):
    top, verilog = part_verilog(catalog[unit], "core")
    found = generic_gates(verilog, top, tmp_path)
    vectors = write_vectors(catalog[unit], "core", tmp_path / "vectors.npz", 10_000, 1)
    with np.load(vectors) as file:
        assert len(set(zip(file["a"].tolist(), file["b"].tolist(), strict=True))) == len(file["a"]) == 65_536
        expected = [integer_product(unit, a, b) for a, b in zip(file["a"].tolist(), file["b"].tolist(), strict=True)]
        assert file["expected"].tolist() == expected
    agreement = check_netlist(found.netlist, top, "core", vectors)
    assert (agreement.compared, agreement.mismatches, agreement.first) == (65_536, 0, "")
    wrong = write_vectors(catalog[unit[0] + "8_exact"], "core", tmp_path / "wrong.npz", 10_000, 1)
    assert 0 < check_netlist(found.netlist, top, "core", wrong).mismatches < 65_536


def test_wider_integers_meet_drawn_pairs(tmp_path):
    vectors = write_vectors(catalog["s10_drum_k4"], "core", tmp_path / "vectors.npz", 10_000, 1)
    with np.load(vectors) as file:
        assert len(file["a"]) > 10_000
        assert file["a"].dtype == np.uint16


@pytest.mark.parametrize("unit", ["u8_exact", "s8_exact"])
def test_uniform_integers_are_of_the_whole_format(unit, tmp_path):
    spec = catalog[unit]
    top, verilog = part_verilog(spec, "core")
    found = generic_gates(verilog, top, tmp_path)
    a, b = uniform_operands(spec, 4097, 1)
    for operand in (a, b):
        assert operand.dtype == np.uint8
        assert len(set(operand.tolist())) == 256
    (tmp_path / "none.sdf").write_text("", encoding="utf-8")
    out = tmp_path / "activity.json"
    write_activity(spec, "core", found.netlist, top, tmp_path / "none.sdf", (a, b), out)
    per_product = json.loads(out.read_text(encoding="utf-8"))["per_product"]
    for bit in range(8):  # every bit is a fair coin
        assert per_product[f"a[{bit}]"] == pytest.approx(0.5, abs=0.03)
    constant = np.full(100, 0x85, np.uint8)
    write_activity(spec, "core", found.netlist, top, tmp_path / "none.sdf", (constant, constant), out)
    assert set(json.loads(out.read_text(encoding="utf-8"))["per_product"].values()) == {0.0}
