"""A combinational module as a C++ function on words of 512 bits, one operand pair per bit: Verilog, Yosys' gates, C++.

All operand words of a precision-scalable MAC take minutes so, where a word per product would take hours.
"""

import json
import subprocess
import time
from pathlib import Path

from axmac.gen.scalable import scalable_text
from axmac.gen.yosys import run_yosys
from axmac.model.spec import ScalableMac

__all__ = ["all_words", "built", "sliced"]

_GATES = {
    "$_AND_": "{A} & {B}",
    "$_OR_": "{A} | {B}",
    "$_XOR_": "{A} ^ {B}",
    "$_NOT_": "~{A}",
    "$_MUX_": "({A} & ~{S}) | ({B} & {S})",
}


def sliced(verilog: str, top: str, folder: Path) -> str:
    """The text of ``unit(in, out)`` in ``folder``: bits of the input and output ports, in the order of the ports."""
    (folder / "unit.v").write_text(verilog, encoding="utf-8")
    passes = ["read_verilog -sv unit.v", f"hierarchy -top {top}", "proc", "flatten -noscopeinfo", "opt"]
    run_yosys([*passes, "techmap", "simplemap", "opt", "write_json unit.json"], folder)
    module = json.loads((folder / "unit.json").read_text(encoding="utf-8"))["modules"][top]
    known = {"0": "ZERO", "1": "ONES"}
    lines, inputs = [], 0
    for port in module["ports"].values():
        if port["direction"] == "input":
            known |= {bit: f"in[{inputs + index}]" for index, bit in enumerate(port["bits"])}
            inputs += len(port["bits"])
    waiting = [{pin: bits[0] for pin, bits in cell["connections"].items()} | cell for cell in module["cells"].values()]
    while waiting:
        later = []
        for cell in waiting:
            nets = {pin: cell[pin] for pin in "ABS" if pin in cell}
            if all(net in known for net in nets.values()):
                value = _GATES[cell["type"]].format(**{pin: known[net] for pin, net in nets.items()})
                known[cell["Y"]] = f"n{cell['Y']}"
                lines.append(f"    const Word n{cell['Y']} = {value};")
            else:
                later.append(cell)
        assert len(later) < len(waiting), "a loop of gates"
        waiting = later
    outputs = [bit for port in module["ports"].values() if port["direction"] == "output" for bit in port["bits"]]
    lines += [f"    out[{index}] = {known[bit]};" for index, bit in enumerate(outputs)]
    return "static inline void unit(const Word* in, Word* out) {\n" + "\n".join(lines) + "\n}\n"


def built(spec: ScalableMac, folder: Path, verilog: str = "") -> Path:
    """The program of `all_words` for a unit of 16 bits, in ``folder``; ``verilog`` in place of the emitted text."""
    folder.mkdir(parents=True, exist_ok=True)
    text = verilog or scalable_text(spec)[0]
    (folder / "unit.h").write_text(sliced(text, f"{spec.id}_product", folder), encoding="utf-8")
    source, program = Path(__file__).with_name("scalable_loop.cpp"), folder / "loop"
    mode_bits = (len(spec.precisions) - 1).bit_length()
    defined = [f"-DMODE_BITS={mode_bits}", f"-DGATING={int(spec.kind == 'dg')}"]
    command = [
        "g++",
        "-O2",
        "-march=native",
        "-Wno-psabi",
        "-I",
        str(folder),
        *defined,
        str(source),
        "-o",
        str(program),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"g++ failed on {spec.id}: {done.stderr[-1000:]}")
    return program


def all_words(program: Path, mode: int, activations: range, *, a_signed: bool) -> tuple[str, float]:
    """Compare activations times all 65,536 weights in one mode: the number of pairs or the first mismatch; seconds."""
    begin = time.perf_counter()
    arguments = [str(mode), str(int(a_signed)), str(activations.start), str(activations.stop), str(activations.step)]
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.stdout.strip(), time.perf_counter() - begin
