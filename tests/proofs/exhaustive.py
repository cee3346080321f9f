"""A bfloat16 multiplier against plain integers on all 2^32 pairs of operands: a loop in C++, no Python in it."""

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from axmac.gen import generate
from axmac.model.spec import FpMul
from axmac.sim.simulators import simulator_named
from proofs.ledger import PROVEN, Row

__all__ = ["LOOP", "all_pairs"]

LOOP = "every result equals plain integer arithmetic"

_LANES = """
module lanes(input [15:0] a, input [10:0] b_high, output [511:0] p);
  for (genvar k = 0; k < 32; k = k + 1) begin : lane
    {unit} unit(.a(a), .b({{b_high, 5'd0}} | k[15:0]), .p(p[16 * k +: 16]));
  end
endmodule
"""


def all_pairs(
    spec: FpMul, folder: Path, activations: range = range(1 << 16), verilog: Callable[[FpMul], str] = generate
) -> Row:
    """Compare all weights times a range of activations, in ``folder``; rounding to nearest even, subnormals flushed.

    Raises ``RuntimeError`` where Verilator or the compiler fails.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "unit.v").write_text(verilog(spec) + _LANES.format(unit=spec.id), encoding="utf-8")
    source = Path(__file__).with_name("bf16_loop.cpp")
    command = ["verilator", "--cc", "--exe", "--build", "-O3", "-Wno-fatal", "--top-module", "lanes"]
    command += ["-CFLAGS", "-O3", "-MAKEFLAGS", "OPT_FAST=-O3", "-Mdir", "obj", "unit.v", str(source)]
    environment = os.environ | simulator_named("verilator").environment
    built = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if built.returncode:
        raise RuntimeError(f"Verilator failed on {spec.id}: {built.stderr[-1000:]}")
    begin = time.perf_counter()
    ends = [str(activations.start), str(activations.stop)]
    done = subprocess.run([folder / "obj" / "Vlanes", *ends], capture_output=True, text=True, check=False)
    spent = round(time.perf_counter() - begin, 2)
    passed = done.returncode == 0 and int(done.stdout) == len(activations) << 16
    return Row(
        spec.id,
        LOOP,
        f"{len(activations) << 16} pairs of operands",
        "exhaustive loop in C++ over Verilator's model",
        spent,
        PROVEN if passed else f"refuted: {done.stdout.strip()}",
    )
