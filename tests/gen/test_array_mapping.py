"""Arrays of cells: facts of area that must hold, what OpenSTA is given, and what is refused."""

import re
from itertools import pairwise

import pytest
from mapped_arrays import UNIT, mapped_array
from small_library import liberty_of_choice, small_liberty

from axmac.gen.array import emit_systolic
from axmac.gen.array_mapping import map_array
from axmac.gen.liberty import open_library
from axmac.gen.sta import analyse
from axmac.model.spec import InputError

DELAY_OF_REGISTER = 0.4
SETUP = 0.05


def test_doubling_the_rows_doubles_the_area():
    areas = [mapped_array(rows, 2).area for rows in (2, 4, 8)]
    ratios = [after / before for before, after in pairwise(areas)]
    assert len(ratios) == 2
    assert all(1.8 < ratio < 2.2 for ratio in ratios), ratios


@pytest.mark.verify_all
def test_and_on_the_library_of_choice(tmp_path):
    library = open_library(liberty_of_choice(tmp_path), tmp_path)
    if library.name == "five":
        library = open_library(small_liberty(tmp_path, register=True), tmp_path)
    areas = []
    for rows in (4, 8):
        folder = tmp_path / str(rows)
        folder.mkdir()
        areas.append(map_array(emit_systolic(UNIT, folder, rows, 4), rows, 4, library, folder).area)
    assert 1.8 < areas[1] / areas[0] < 2.2


def test_area_is_that_of_elements_and_frame():
    found = mapped_array(4, 2)
    assert found.area == found.frame.area + 8 * found.element.area
    assert found.latency == 3 + 4 * 3 + 1
    assert found.element.cells["dff"] > 100
    assert not any("pe" in kind for kind in found.frame.cells)
    assert found.inner == "pe_1_1"


def test_opensta_reads_some_of_the_elements():
    found = mapped_array(8, 2)
    text = found.frame.verilog.read_text(encoding="utf-8")
    kept = re.findall(rf"^  {found.element.top} (pe_\d_\d) ", text, re.MULTILINE)
    assert sorted(kept) == [f"pe_{row}_{col}" for row in (0, 1, 2, 7) for col in (0, 1)]


def test_the_clock_period_is_from_register_to_register():
    found = mapped_array(2, 2)
    folder = found.frame.verilog.parent
    library = open_library(folder / "five.lib", folder)
    timing = analyse(
        found.frame, library, 50.0, ["pe_1_1/u0/y"], folder, clock="clk", fixed={"out_ready": 1, "weight_valid": 0}
    )
    report = (folder / "path.txt").read_text(encoding="utf-8")
    assert re.search(r"Startpoint: pe_\d_\d/u\d+ \(rising edge-triggered flip-flop clocked by clk\)", report)
    assert re.search(r"Endpoint: pe_\d_\d/u\d+ \(rising edge-triggered flip-flop clocked by clk\)", report)
    gates = sum(float(delay) for delay in re.findall(r"^ +([\d.]+) .*/y \(", report, re.MULTILINE))
    assert timing.delay == pytest.approx(DELAY_OF_REGISTER + gates + SETUP, abs=1e-3)
    assert gates > 1
    inner = timing.of("pe_1_1")
    assert set(inner.slews) == {"u0/y"}
    assert len(inner.loads) == sum(found.element.cells.values())


def test_a_library_without_registers(tmp_path):
    library = open_library(small_liberty(tmp_path), tmp_path)
    with pytest.raises(InputError, match="five has no register: use a library with a D flip-flop"):
        map_array(emit_systolic(UNIT, tmp_path, 1, 1), 1, 1, library, tmp_path)
