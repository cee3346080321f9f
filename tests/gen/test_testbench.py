"""The test bench finds faults: pipelines that lose, repeat, delay or change products."""

import subprocess

import pytest

from axmac.gen import bundle
from axmac.model.golden import multiply
from axmac.model.spec import catalog
from axmac.sim.simulators import simulator_named
from axmac.sim.stimulus import stimulus

SPEC = catalog["bf16_array_ama5_t4"]
TOP = f"{SPEC.id}_s3"
WRAPPER = """
module {top}(
  input clk, input rst, input in_valid, output in_ready, input [15:0] in_a, input [15:0] in_b,
  output out_valid, input out_ready, output [15:0] out_p
);
  wire ready, valid;
  wire [15:0] p;
  inner inner(.clk(clk), .rst(rst), .in_valid({inner_in_valid}), .in_ready(ready), .in_a(in_a), .in_b(in_b),
    .out_valid(valid), .out_ready({inner_out_ready}), .out_p(p));
  assign in_ready = {in_ready};
  assign out_valid = {out_valid};
  assign out_p = {out_p};
  reg [15:0] last_p;
  reg last_valid = 0;
  always @(posedge clk) begin last_p <= p; last_valid <= valid && out_ready; end
endmodule
"""
SOUND = {
    "inner_in_valid": "in_valid",
    "inner_out_ready": "out_ready",
    "in_ready": "ready",
    "out_valid": "valid",
    "out_p": "p",
}
FAULTS = {
    "wrong product": ({"out_p": "p ^ (p == 16'h4000)"}, "pipeline: a=0x"),
    "takes what it cannot hold": ({"in_ready": "1'b1"}, "no product for 1000 cycles"),
    "loses what waits": ({"inner_out_ready": "1'b1"}, "the output changed while it waited"),
    "changes what waits": ({"out_p": "out_ready ? p : ~p"}, "the output changed while it waited"),
    "repeats products": ({"out_valid": "valid || last_valid", "out_p": "valid ? p : last_p"}, "without operands"),
    "one cycle late": ({"out_valid": "valid && last_valid"}, "not one product per cycle 3 cycles after"),
    "never ready": ({"in_ready": "1'b0", "inner_in_valid": "1'b0"}, "no product for 1000 cycles"),
    "undriven": ({"out_valid": "1'bz"}, "not one product per cycle"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    a, b = stimulus(SPEC, 500, 3)
    vectors = zip(a.tolist(), b.tolist(), multiply(SPEC, a, b).tolist(), strict=True)
    return bundle(SPEC, tmp_path_factory.mktemp("bundle"), vectors)


def simulate(files, folder, changes):
    """Runs the test bench on Icarus with a changed pipeline; exit status and output."""
    text = files.verilog.read_text(encoding="utf-8").replace(f"module {TOP}(", "module inner(")
    (folder / "dut.v").write_text(text + WRAPPER.format(top=TOP, **SOUND | changes), encoding="utf-8")
    environment = simulator_named("icarus").environment or None
    build = ["iverilog", "-g2012", "-s", f"{SPEC.id}_tb", "-o", folder / "sim.vvp", files.testbench, folder / "dut.v"]
    subprocess.run(build, env=environment, check=True)
    run = ["vvp", "-n", folder / "sim.vvp"]
    done = subprocess.run(run, env=environment, cwd=files.vectors.parent, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_sound_wrapper_passes(files, tmp_path):
    status, out = simulate(files, tmp_path, {})
    assert (status, out.splitlines()[0][:5]) == (0, "PASS ")


@pytest.mark.parametrize("name", FAULTS)
def test_faulty_pipelines_fail(name, files, tmp_path):
    changes, message = FAULTS[name]
    status, out = simulate(files, tmp_path, changes)
    assert status == 1
    assert message in out
    assert "\nFAIL " in out
    assert "PASS" not in out
