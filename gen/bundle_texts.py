"""The small texts of a bundle: timing constraints, and the page that says how to use it all."""

from typing import Any

from axmac.model.spec import FpMul

__all__ = ["constraints", "readme", "readme_title"]

_CONSTRAINTS = """\
# {name}: timing constraints. Set clock_period or io_delay before this file is read to choose other times,
# in the unit of the library, commonly ns. io_delay is spent outside, before the inputs and after the outputs.
# SPDX-License-Identifier: Apache-2.0
if {{![info exists clock_period]}} {{ set clock_period 5.0 }}
if {{![info exists io_delay]}} {{ set io_delay [expr {{0.2 * $clock_period}}] }}

create_clock -name clk -period $clock_period [get_ports {{clk}}]
set_input_delay $io_delay -clock clk [get_ports {{{inputs}}}]
set_output_delay $io_delay -clock clk [get_ports {{{outputs}}}]
"""

_README = """\
{title}

Made by axmac from {spec!r}
The first operand is the activation, the second the weight; they do not commute.

Files
  {id}.v
    modules {id} (combinational) and {pipeline} ({stages} cycles of latency), and their parts
  {id}.json
    manifest: ports, tools, SHA-256 of the Verilog
  {id}_tb.sv, {id}_vectors.hex
    self-checking test bench of both modules; {count} lines "activation weight product" in hex
  {id}.c, {id}.h
    C model: uint32_t {id}_multiply(uint32_t activation, uint32_t weight)
  {id}_check.c
    compares the C model with the vectors
  {id}.sdc
    timing constraints of {pipeline}; variables clock_period, io_delay
  {id}.core
    FuseSoC core with targets default, lint and sim

Commands, in this folder; each ends with PASS, or with FAIL and an exit status that is not 0
  Icarus Verilog 11 or later
    iverilog -g2012 -s {id}_tb -o {id}_tb.vvp {id}_tb.sv {id}.v
    vvp -n {id}_tb.vvp
  Verilator 5.048
    verilator --binary --timing --top-module {id}_tb {id}_tb.sv {id}.v
    obj_dir/V{id}_tb
  C99
    cc -std=c99 -O2 -Wall -Wextra -Werror -o {id}_check {id}_check.c {id}.c
    ./{id}_check {id}_vectors.hex
  FuseSoC 2.4
    fusesoc --cores-root . run --target sim ::{id}:0.1.0

Ports of {id}
{core_ports}

Ports of {pipeline}
{pipeline_ports}

A transfer happens at a rising edge of clk with valid and ready high; rst is synchronous and active high. A product
leaves {stages} cycles after its operands, one per cycle, later where out_ready is low. out_valid does not fall and
out_p does not change before a transfer.
"""


def constraints(module: dict[str, Any]) -> str:
    """The text of ``<id>.sdc`` for the pipelined module's entry of a manifest: clock, input and output delays."""
    ports = {
        direction: " ".join(
            f"{port['name']}[*]" if port["width"] > 1 else port["name"]
            for port in module["ports"]
            if port["direction"] == direction and port["name"] != "clk"
        )
        for direction in ("input", "output")
    }
    return _CONSTRAINTS.format(name=module["name"], inputs=ports["input"], outputs=ports["output"])


def readme_title(spec: FpMul) -> str:
    """The first line of ``README.txt``, by which a folder is known to hold a bundle of this unit."""
    f, result = spec.format, spec.result_format
    return f"{spec.id}: floating-point multiplier {f.name} x {f.name} -> {result.name}"


def readme(spec: FpMul, modules: list[dict[str, Any]], count: int) -> str:
    """The text of ``README.txt``: files, commands, ports; ``modules`` from the manifest, ``count`` of vectors."""
    core, pipeline = modules
    return _README.format(
        spec=spec,
        id=spec.id,
        title=readme_title(spec),
        count=count,
        pipeline=pipeline["name"],
        stages=pipeline["latency"],
        core_ports=_port_lines(core),
        pipeline_ports=_port_lines(pipeline),
    )


def _port_lines(module: dict[str, Any]) -> str:
    return "\n".join(f"  {port['direction']:<7} {port['name']:<10} {port['width']:>2}" for port in module["ports"])
