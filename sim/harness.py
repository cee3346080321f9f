"""The Verilog module that a bench simulates: the combinational and the pipelined module side by side."""

from collections.abc import Iterator

__all__ = ["HARNESS", "harness"]

HARNESS = "axmac_harness"


def harness(modules: list[dict], name: str = HARNESS) -> str:
    """The text of module ``name``, made from the ``modules`` of a manifest.

    It has all ports of these modules under their own names (which are distinct), visible to the simulator's interface.
    Everything inside stays hidden, so that Verilator may optimise it.
    """
    ports = ",\n".join(f"  {_declaration(port)}" for module in modules for port in module["ports"])
    instances = "\n".join(_instances(modules))
    return f"module {name}(\n{ports}\n);\n{instances}\nendmodule\n"


def _declaration(port: dict) -> str:
    access = "public_flat_rw" if port["direction"] == "input" else "public_flat_rd"
    width = f"[{port['width'] - 1}:0] " if port["width"] > 1 else ""
    return f"{port['direction']} {width}{port['name']} /*verilator {access}*/"


def _instances(modules: list[dict]) -> Iterator[str]:
    for index, module in enumerate(modules):
        connections = ", ".join(f".{port['name']}({port['name']})" for port in module["ports"])
        yield f"  {module['name']} dut_{index} ({connections});"
