"""Emission of adders, MACs, arrays and engines: names, manifests, lint, and synthesis by Yosys."""

import hashlib
import json
import os
import subprocess
import sys

import pytest

from axmac.gen.array import emit_adder, emit_engine, emit_mac, emit_systolic
from axmac.model.spec import InputError, catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.simulators import simulator_named

UNIT = "bf16_array_ama5_t4"
ALL = pytest.mark.verify_all
EMITTERS = {
    "adder": emit_adder,
    "mac": lambda folder: emit_mac("ax_fpm", folder),
    "ws": lambda folder: emit_systolic(UNIT, folder, 2, 2, "ws"),
    "os": lambda folder: emit_systolic(UNIT, folder, 2, 2, "os"),
    "engine_ws": lambda folder: emit_engine(EngineConfig(catalog[UNIT], 2, 2, "ws", max_k=4, max_n=4), folder),
    "engine_os": lambda folder: emit_engine(EngineConfig(catalog[UNIT], 2, 2, "os", max_k=4, max_n=4), folder),
}
ODD_SHAPES = {
    "ws_1x1": lambda folder: emit_systolic("ax_fpm", folder, 1, 1, "ws", add_stages=1),
    "os_1x1": lambda folder: emit_systolic("ax_fpm", folder, 1, 1, "os", add_stages=1),
    "ws_8x8": lambda folder: emit_systolic("ax_fpm", folder, 8, 8, "ws"),
    "os_5x3": lambda folder: emit_systolic("fp32_ieee", folder, 5, 3, "os", add_stages=6),
    "engine_8x8": lambda folder: emit_engine(EngineConfig(catalog["ax_fpm"]), folder),
    "engine_1x1": lambda folder: emit_engine(
        EngineConfig(catalog["e4f3_plain"], 1, 1, "os", max_k=1, max_n=1, add_stages=1), folder
    ),
    "engine_3x5": lambda folder: emit_engine(EngineConfig(catalog["fp32_ieee"], 3, 5, max_k=7, chunk_rows=9), folder),
}
INTEGERS = {
    "int_ws": lambda folder: emit_systolic("s8_drum_k4", folder, 2, 3, "ws"),
    "int_os": lambda folder: emit_systolic("u8_scaletrim_h4_m8", folder, 3, 2, "os"),
    "int_engine_ws": lambda folder: emit_engine(EngineConfig(catalog["s8_exact"], 2, 2, max_k=4, max_n=4), folder),
    "int_engine_os": lambda folder: emit_engine(EngineConfig(catalog["s16_exact"], 2, 3, "os", max_k=4), folder),
}
FLOWS = ("synth", "synth_ice40", "synth_ecp5", "synth_xilinx")
IN_EVERY_RUN = {(kind, "synth") for kind in ("adder", "mac", "ws", "os", "engine_os")} | {("adder", "synth_xilinx")}
SYNTHESIS = """
from pyosys import libyosys
design = libyosys.Design()
for command in {commands!r}:
    design.run_pass(command)
"""


def test_systolic_manifest(tmp_path):
    files = emit_systolic("ax_fpm", tmp_path, 2, 3, "os", add_stages=4)
    name = "systolic_fp32_array_ama5_t4_os_2x3_s3_4"
    assert files.verilog.name == f"{name}.v"
    manifest = json.loads(files.manifest.read_text())
    assert manifest["schema"] == "axmac-verilog-1"
    assert (manifest["spec"]["id"], manifest["accumulator"]) == ("fp32_array_ama5_t4", "float32")
    assert manifest["parameters"] == {
        "mul": "fp32_array_ama5_t4",
        "rows": 2,
        "cols": 3,
        "dataflow": "os",
        "mul_stages": 3,
        "add_stages": 4,
    }
    assert manifest["verilog"]["sha256"] == hashlib.sha256(files.verilog.read_bytes()).hexdigest()
    (module,) = manifest["modules"]
    assert (module["name"], module["latency"]) == (name, 2 + 3 - 2 + 3 + 4 + 2)
    assert {"name": "in_a", "direction": "input", "width": 64} in module["ports"]
    assert {"name": "out_row", "direction": "output", "width": 96} in module["ports"]


def test_the_manifest_of_integers_names_their_accumulator(tmp_path):
    manifest = json.loads(INTEGERS["int_ws"](tmp_path).manifest.read_text())
    assert (manifest["accumulator"], manifest["parameters"]["add_stages"]) == ("int32", 1)
    (module,) = manifest["modules"]
    assert (module["name"], module["latency"]) == ("systolic_s8_drum_k4_ws_2x3_s3_1", 3 + 2 + 3 - 1)
    widths = {port["name"]: port["width"] for port in module["ports"]}
    assert (widths["in_a"], widths["weight_row"], widths["in_psum"], widths["out_psum"]) == (16, 24, 96, 96)


def test_the_same_bytes_again(tmp_path):
    for kind, emitter in EMITTERS.items():
        first, second = emitter(tmp_path / f"{kind}_1"), emitter(tmp_path / f"{kind}_2")
        assert first.verilog.read_bytes() == second.verilog.read_bytes()


def test_wrong_parameters_leave_nothing(tmp_path):
    for emitter in (
        lambda: emit_adder(tmp_path, 7),
        lambda: emit_mac("ax_fpm", tmp_path, 9),
        lambda: emit_systolic("ax_fpm", tmp_path, rows=0),
        lambda: emit_systolic("ax_fpm", tmp_path, dataflow="is"),
        lambda: emit_systolic("ax_fpn", tmp_path),
    ):
        with pytest.raises(InputError):
            emitter()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "kind",
    [pytest.param(k, marks=ALL if k == "engine_8x8" else ()) for k in (*EMITTERS, *ODD_SHAPES, *INTEGERS)],
)
def test_verilator_lint(kind, tmp_path):
    verilator = simulator_named("verilator")
    files = (EMITTERS | ODD_SHAPES | INTEGERS)[kind](tmp_path)
    command = ["verilator", "--lint-only", "-Wall", "--top-module", files.verilog.stem, str(files.verilog)]
    result = subprocess.run(
        command, env=os.environ | verilator.environment, capture_output=True, text=True, check=False
    )
    assert (result.stderr, result.returncode) == ("", 0)


@pytest.mark.parametrize(
    ("kind", "flow"),
    [
        pytest.param(kind, flow, marks=() if (kind, flow) in IN_EVERY_RUN else ALL)
        for kind in EMITTERS
        for flow in FLOWS
    ],
)
def test_yosys_synthesis(kind, flow, tmp_path):
    files = EMITTERS[kind](tmp_path)
    assert_synthesizes(files, flow)


@pytest.mark.parametrize(
    ("kind", "flow"),
    [
        pytest.param(kind, flow, marks=() if (kind, flow) == ("int_os", "synth") else ALL)
        for kind in INTEGERS
        for flow in FLOWS
    ],
)
def test_yosys_synthesis_of_integers(kind, flow, tmp_path):
    assert_synthesizes(INTEGERS[kind](tmp_path), flow)


@ALL
@pytest.mark.parametrize("flow", ["synth", "synth_ice40 -noflatten", "synth_ecp5 -noflatten", "synth_xilinx"])
def test_yosys_synthesis_of_an_8x8_array(flow, tmp_path):
    assert_synthesizes(ODD_SHAPES["ws_8x8"](tmp_path), flow)


def assert_synthesizes(files, flow):
    commands = [
        f"read_verilog {files.verilog}",
        f"{flow} -top {files.verilog.stem}",
        "check -assert",
        "select -assert-none t:$dlatch t:$_DLATCH_*",
        "select -assert-min 1 w:clk",
    ]
    script = SYNTHESIS.format(commands=commands)
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=files.verilog.parent, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout[-2000:] + result.stderr[-2000:]
