"""Other people's tools accept the emitted Verilog: Verilator's lint, and Yosys for ASIC and three FPGA families."""

import os
import subprocess
import sys

import pytest

from axmac.gen import emit
from axmac.model.spec import catalog
from axmac.sim.simulators import simulator_named

FAMILIES = [
    "fp32_plain",
    "bf16_ieee_to_fp32",
    "fp16_array_ama1_t11_rne",
    "fp32_csa_ama3_t6_xc",
    "bf16_csa_exact_t4_wcsp_rw",
]
FLOWS = ["synth", "synth_ice40", "synth_ecp5", "synth_xilinx"]
SYNTHESIZED = {
    ("fp32_ieee", "synth"),
    *((unit, flow) for unit in ("fp32_array_ama5_t4", "bf16_booth_to_fp32") for flow in FLOWS),
}
"""In every run; the others in `make verify-all`."""
LATER = (*(f"fp32_array_ama5_t{tile}" for tile in (1, 2, 3, 6, 8)), "bf16_array_ama", "u8_scaletrim", "s8_scaletrim_h3")
"""Siblings of units that are linted in every run."""
SYNTHESIS = """
from pyosys import libyosys
design = libyosys.Design()
for command in {commands!r}:
    design.run_pass(command)
"""


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param(unit, marks=pytest.mark.verify_all if unit.startswith(LATER) else ())
        for unit in [*catalog, *FAMILIES]
    ],
)
def test_verilator_lint(unit, tmp_path):
    verilator = simulator_named("verilator")
    files = emit(unit, tmp_path)
    for top in (unit, f"{unit}_s3"):
        command = ["verilator", "--lint-only", "-Wall", "--top-module", top, str(files.verilog)]
        result = subprocess.run(
            command, env=os.environ | verilator.environment, capture_output=True, text=True, check=False
        )
        assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("unit", "flow"),
    [
        pytest.param(unit, flow, marks=() if (unit, flow) in SYNTHESIZED else pytest.mark.verify_all)
        for unit in [*catalog, *FAMILIES]
        for flow in FLOWS
    ],
)
def test_yosys_synthesis(unit, flow, tmp_path):
    files = emit(unit, tmp_path)
    commands = [
        f"read_verilog {files.verilog}",
        f"{flow} -top {unit}_s3",
        "check -assert",
        "select -assert-none t:$dlatch t:$_DLATCH_*",
        "select -assert-min 1 w:out_p",
    ]
    script = SYNTHESIS.format(commands=commands)
    result = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
