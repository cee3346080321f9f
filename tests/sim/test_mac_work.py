"""Mapped precision-scalable MACs at work: their sums are golden's, a wrong gate is seen, unused lanes stand still."""

import json

import numpy as np
import pytest
from small_library import small_liberty

from axmac.gen.liberty import open_library
from axmac.gen.mapping import map_to_cells
from axmac.gen.scalable import scalable_text
from axmac.model.spec import parse_scalable_id
from axmac.sim.mac_work import layer_operands, run_mac
from axmac.sim.netlist import Netlist


@pytest.fixture(scope="module")
def dvafs(tmp_path_factory):
    """``mac8_dvafs`` on the small library: folder, spec, path and clock gates of the netlist."""
    folder = tmp_path_factory.mktemp("dvafs")
    spec = parse_scalable_id("mac8_dvafs")
    library = open_library(small_liberty(folder, register=True, clock_gate=True), folder)
    found = map_to_cells(scalable_text(spec)[0], spec.id, library, folder, registers="gated")
    return folder, spec, found.netlist, library.clock_gates(found.cells)


@pytest.mark.parametrize(("bits", "lanes"), [(8, 1), (5, 1), (3, 2), (2, 4), (1, 4)])
def test_sums_of_every_precision_are_goldens(dvafs, bits, lanes):
    folder, spec, path, gating = dvafs
    netlist = Netlist(path, spec.id, gating=gating)
    found = run_mac(spec, bits, netlist, {}, 24, 10, 3, folder / f"activity-{bits}.json")
    assert (found.compared, found.mismatches, found.first) == (24 * 10 * lanes, 0, "")
    assert found.products == 23 * 10 * lanes
    activity = json.loads((folder / f"activity-{bits}.json").read_text(encoding="utf-8"))
    clocks = sorted(activity["per_cycle"][gate.pin] for gate in netlist.clock_gates)
    assert len(clocks) == 5
    assert clocks[-1] == 2.0  # the product's register, and lanes in use
    assert (0.0 in clocks) == (lanes < 4)  # bits of sums that only narrow lanes have


def test_a_wrong_gate_is_seen(dvafs):
    folder, spec, path, gating = dvafs
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = content["modules"][spec.id]["cells"]
    name = next(name for name, cell in cells.items() if cell["type"] == "xor2")
    pins = cells[name]["connections"]
    pins["a"] = pins["b"]
    wrong = folder / "wrong.json"
    wrong.write_text(json.dumps(content), encoding="utf-8")
    found = run_mac(spec, 8, Netlist(wrong, spec.id, gating=gating), {}, 24, 10, 3, folder / "wrong-activity.json")
    assert found.mismatches > 0
    assert found.first.startswith("product ")


def test_operands_are_the_codes_of_a_layer():
    rng = np.random.default_rng(0)
    for bits in (1, 2, 4, 8):
        a, b = layer_operands(bits, (5000,), rng)
        assert (a.min(), a.max()) == (0, 2**bits - 1)
        most = max(1, 2 ** (bits - 1) - 1)
        assert (b.min(), b.max()) == (-most, most)
        assert (0 in b) == (bits > 1)
