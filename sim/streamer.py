"""A Verilog module that streams matrices from files through a weight-stationary array, without Python in the loop."""

from dataclasses import replace
from string import Template

from axmac.gen.component import ComponentText, component_text
from axmac.model.spec import Multiplier
from axmac.rtl.frame_ws import WeightStationaryFrame
from axmac.rtl.multiplier import DEFAULT_STAGES
from axmac.rtl.systolic_ws import WeightStationaryArray, check_array

__all__ = ["ACTIVATIONS", "ELEMENT", "LARGEST_M", "RESULTS", "WEIGHTS", "around", "streamer"]

ACTIVATIONS, WEIGHTS, RESULTS = "activations.bin", "weights.bin", "results.hex"
"""Files in the folder of the simulation."""
ELEMENT = "array_weight_stationary_pe"
"""What follows the module's name in the name of one processing element."""
LARGEST_M = 1 << 14
"""Rows of a matrix of activations: the partial sums of one column of tiles are kept."""

_SIZES = ("size_m", "tiles_k", "tiles_n")
_PORTS = [
    *({"name": name, "direction": "input", "width": 1} for name in ("clk", "rst", "start")),
    *({"name": name, "direction": "input", "width": 32} for name in _SIZES),
    {"name": "done", "direction": "output", "width": 1},
    {"name": "cycles", "direction": "output", "width": 64},
]

# Blocking assignments only to `word`, which nothing else reads: the array samples its inputs at the same edge.
_TEXT = Template("""
/* verilator lint_off BLKSEQ */ // $$fread fills its variable at once
module $name(input clk, input rst, input start, input [31:0] size_m, input [31:0] tiles_k, input [31:0] tiles_n,
    ${declared}output reg done, output reg [63:0] cycles);
  reg [$psum_bits-1:0] psums [0:$depth-1]; // of the k tile before, one vector per row m
  reg [$a_file_bits-1:0] a_word, a;
  reg [$w_file_bits-1:0] w_word, w;
  reg running, a_valid, w_valid;
  reg [31:0] m, k, n, out_m, out_k;
  reg [63:0] sent, received, w_left, to_receive;
  integer a_file, w_file, r_file, got;
  wire in_ready, weight_ready, out_valid;
  wire [$psum_bits-1:0] out_psum;
  wire in_valid = a_valid && (k == 0 || sent - received < {32'd0, size_m}); // else the partial sum is still under way
  wire last_k = k + 1 == tiles_k, last_m = m + 1 == size_m;

  ${name}_array array (.clk(clk), .rst(rst),
    .weight_valid(w_valid), .weight_ready(weight_ready), .weight_row(w[$w_bits-1:0]),
    .in_valid(in_valid), .in_ready(in_ready), .in_swap(m == 0), ${connected}.in_a(a[$a_bits-1:0]),
    .in_psum(k == 0 ? {${psum_bits}{1'b0}} : psums[m[$depth_bits-1:0]]),
    .out_valid(out_valid), .out_ready(1'b1), .out_psum(out_psum));

  always @(posedge clk) begin
    if (rst) begin
      {running, a_valid, w_valid, done} <= 4'b0;
      cycles <= 0;
    end else if (start) begin
      a_file = $$fopen("$activations", "rb");
      w_file = $$fopen("$weights", "rb");
      r_file = $$fopen("$results", "w");
      got = $$fread(a_word, a_file);
      a <= a_word;
      got = $$fread(w_word, w_file);
      w <= w_word;
      {running, a_valid, w_valid} <= 3'b111;
      {m, k, n, out_m, out_k} <= 160'b0;
      {sent, received} <= 128'b0;
      w_left <= {32'd0, tiles_k} * {32'd0, tiles_n} * $rows;
      to_receive <= {32'd0, size_m} * {32'd0, tiles_k} * {32'd0, tiles_n};
    end else if (running) begin
      cycles <= cycles + 1;
      if (w_valid && weight_ready) begin
        w_left <= w_left - 1;
        w_valid <= w_left != 1;
        got = $$fread(w_word, w_file);
        w <= w_word;
      end
      if (in_valid && in_ready) begin // next wave: m fastest, then k, then n
        sent <= sent + 1;
        m <= last_m ? 0 : m + 1;
        if (last_m) k <= last_k ? 0 : k + 1;
        if (last_m && last_k) begin
          n <= n + 1;
          a_valid <= n + 1 != tiles_n;
          got = $$rewind(a_file);
        end
        got = $$fread(a_word, a_file);
        a <= a_word;
      end
      if (out_valid) begin
        received <= received + 1;
        out_m <= out_m + 1 == size_m ? 0 : out_m + 1;
        if (out_m + 1 == size_m) out_k <= out_k + 1 == tiles_k ? 0 : out_k + 1;
        if (out_k + 1 == tiles_k) $$fwrite(r_file, "%h\\n", out_psum);
        else psums[out_m[$depth_bits-1:0]] <= out_psum;
        if (received + 1 == to_receive) begin
          $$fclose(a_file);
          $$fclose(w_file);
          $$fclose(r_file);
          {running, done} <= 2'b01;
        end
      end
    end
  end
endmodule
""")


def streamer(
    spec: Multiplier, rows: int, cols: int, mul_stages: int = DEFAULT_STAGES, add_stages: int | None = None
) -> tuple[ComponentText, int]:
    """Verilog of the array of a unit and of the module around it (see `around`), and the array's latency in cycles."""
    spec, add_stages = check_array(spec, rows, cols, mul_stages, add_stages)
    name = f"replay_{spec.id}_{rows}x{cols}_s{mul_stages}_{add_stages}"
    array = WeightStationaryArray(spec, rows, cols, mul_stages, add_stages)
    return around(array, name, rows), array.latency


def around(array: WeightStationaryFrame, name: str, rows: int) -> ComponentText:
    """Verilog of a weight-stationary array and of the module ``name`` around it.

    Ports: ``clk``; ``rst``, synchronous, high; ``start`` in, for one cycle, with ``size_m`` (up to `LARGEST_M`),
    ``tiles_k``, ``tiles_n`` in, held till the end, and so what else a wave of the array brings, under the names of its
    ports without ``in_``; ``done`` out; ``cycles`` out, from the start to the last result.
    It reads the words of `ACTIVATIONS` (tiles_k x size_m vectors of ``rows``) once per column of tiles, those of
    `WEIGHTS` (tiles_n x tiles_k x rows vectors of ``cols``) once, each word most significant byte first with element 0
    in the low bits; and writes the vectors of `RESULTS` (tiles_n x size_m) as lines in hex, element ``cols - 1`` first.
    """
    text = component_text(array, f"{name}_array")
    bits = {port: len(getattr(array, port)) for port in ("in_a", "weight_row", "in_psum")}
    held = {port.removeprefix("in_"): len(getattr(array, port)) for port in array.wave_ports}
    body = _TEXT.substitute(
        name=name,
        rows=f"64'd{rows}",
        psum_bits=bits["in_psum"],
        a_bits=bits["in_a"],
        w_bits=bits["weight_row"],
        a_file_bits=-(-bits["in_a"] // 8) * 8,
        w_file_bits=-(-bits["weight_row"] // 8) * 8,
        depth=LARGEST_M,
        depth_bits=LARGEST_M.bit_length() - 1,
        activations=ACTIVATIONS,
        weights=WEIGHTS,
        results=RESULTS,
        declared="".join(f"input [{width - 1}:0] {port}, " for port, width in held.items()),
        connected="".join(f".in_{port}({port}), " for port in held),
    )
    ports = _PORTS + [{"name": port, "direction": "input", "width": width} for port, width in held.items()]
    return replace(text, text=text.text + body, module={"name": name, "ports": ports})
