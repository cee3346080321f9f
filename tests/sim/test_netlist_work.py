"""Golden vectors on mapped netlists: a right one agrees, a wrong one is found; operands become transitions."""

import json

import numpy as np
import pytest

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
    glitches, found = activity(mapped, uniform_operands(4097, 1), tmp_path)
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
    a, b = uniform_operands(100, 3)
    np.savez(tmp_path / "operands.npz", a=a, b=b)
    assert activity(mapped, tmp_path / "operands.npz", tmp_path) == activity(mapped, (a, b), tmp_path)
    np.savez(tmp_path / "operands.npz", a=a.astype(np.float64), b=b)
    with pytest.raises(InputError, match="float32"):
        activity(mapped, tmp_path / "operands.npz", tmp_path)
    with pytest.raises(InputError, match="holds no operands"):
        activity(mapped, tmp_path / "missing.npz", tmp_path)
