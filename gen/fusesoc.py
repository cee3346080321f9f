"""FuseSoC cores (CAPI2), so that emitted Verilog drops into an existing flow."""

__all__ = ["core_file"]

_CORE = """\
CAPI=2:
name: ::{name}:0.1.0
description: "{description}"

filesets:
  rtl:
    files:
      - {name}.v
    file_type: verilogSource
{test_bench_files}
targets:
  default:
    filesets: [rtl]
    toplevel: {toplevel}

  lint:
    flow: lint
    flow_options:
      tool: verilator
      verilator_options: [-Wall]
    filesets: [rtl]
    toplevel: {toplevel}
{test_bench_target}"""

_TEST_BENCH_FILES = """\
  tb:
    files:
      - {name}_tb.sv
      - {name}_vectors.hex: {{file_type: user, copyto: {name}_vectors.hex}}
    file_type: systemVerilogSource
"""

_TEST_BENCH_TARGET = """
  sim:
    flow: sim
    flow_options:
      tool: icarus
      iverilog_options: [-g2012]
    filesets: [rtl, tb]
    toplevel: {name}_tb
"""


def core_file(name: str, description: str, toplevel: str, *, test_bench: bool = False) -> str:
    """The text of ``<name>.core``: core ``::<name>:0.1.0`` with targets default and lint, and sim with a test bench.

    ``<name>.v`` holds module ``toplevel``; ``test_bench`` says that ``<name>_tb.sv`` and ``<name>_vectors.hex`` lie
    beside it.
    """
    return _CORE.format(
        name=name,
        description=description,
        toplevel=toplevel,
        test_bench_files=_TEST_BENCH_FILES.format(name=name) if test_bench else "",
        test_bench_target=_TEST_BENCH_TARGET.format(name=name) if test_bench else "",
    )
