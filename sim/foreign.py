"""Runs a foreign multiplier on all pairs of operands in Verilator, without cocotb: 4,096 x 4,096 pairs take seconds."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from axmac.gen.foreign_text import STYLE
from axmac.model.spec import InputError
from axmac.sim.int_stimulus import EXHAUSTIVE
from axmac.sim.simulators import Simulator, simulator_named

__all__ = ["foreign_products"]

_SECONDS = 1800
_MESSAGE = re.compile(
    r"^%(?:Warning-(\w+)|Error(?:-\w+)?): (?:unit\.v:(\d+):\d+: |\S+\.v:\d+:\d+: )?(.*)$", re.MULTILINE
)
_SOURCES = ("unit.v", "wrapper.v")
_BUILD = (
    "--cc --exe --build -O3 --x-assign unique --x-initial unique -Wno-fatal --converge-limit 10000 "
    "-MAKEFLAGS OPT_GLOBAL=-O0 --prefix Vunit --Mdir obj"
)
_RUNS = 8, 2
"""How often all pairs are run: up to 8 bits, which takes no time, and above."""

_MAIN = """\
#include "Vunit.h"
#include "verilated.h"
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

// Arguments: file of products, bits of an operand, seed of undefined bits, 1 for the pairs in falling order.
int main(int, char **argv)
{
    const unsigned width = std::atoi(argv[2]), mask = (1u << width) - 1;
    const size_t pairs = size_t{1} << (2 * width);
    VerilatedContext context;
    context.randReset(2);
    context.randSeed(std::atoi(argv[3]));
    Vunit unit{&context};
    std::vector<uint32_t> products(pairs);
    for (size_t k = 0; k < pairs; k++) {
        const size_t pair = argv[4][0] == '1' ? pairs - 1 - k : k;
        unit.a = pair >> width;
        unit.b = pair & mask;
        unit.eval();
        products[pair] = unit.p;
    }
    FILE *file = std::fopen(argv[1], "wb");
    const bool whole = file && std::fwrite(products.data(), sizeof(uint32_t), pairs, file) == pairs;
    return whole && std::fclose(file) == 0 ? 0 : 1;
}
"""


def foreign_products(
    name: str, verilog: str, top: str, ports: tuple[str, str, str], width: int, where: str
) -> np.ndarray:
    """All products uint32[S, S] of module ``top`` by pattern of activation and weight, S = 2^width.

    ``ports`` are the names of the ports for activation, weight and product; ``name`` is the one that the unit is to
    have, ``where`` that of the user's file, for messages. The pairs are run several times, in rising and in falling
    order, with other values for what is undefined. Raises ``InputError`` with one line for what Verilator's lint finds,
    style and widths aside, for a module that remembers or has undefined bits, and for a missing simulator.
    """
    simulator = simulator_named("verilator")
    a, b, p = ports
    instance = f"  {_escaped(top)} foreign(.{_escaped(a)}(a), .{_escaped(b)}(b), .{_escaped(p)}(p));"
    head = f"input [{width - 1}:0] a, input [{width - 1}:0] b, output [{2 * width - 1}:0] p"
    with tempfile.TemporaryDirectory(prefix="axmac-") as folder:
        path = Path(folder)
        (path / "unit.v").write_text(f"{verilog.rstrip()}\n`resetall\n", encoding="utf-8")
        (path / "wrapper.v").write_text(f"module {name}({head});\n{instance}\nendmodule\n", encoding="utf-8")
        (path / "main.cpp").write_text(_MAIN, encoding="utf-8")
        waived = [f"-Wno-{code}" for code in STYLE]
        _verilator(simulator, path, ["--lint-only", "-Wall", *waived, "--top-module", name, *_SOURCES], where)
        build = f"{_BUILD} --top-module {name}".split()
        _verilator(simulator, path, [*build, *_SOURCES, "main.cpp"], where)
        first, *others = (_run(path, width, seed, where) for seed in range(1, _RUNS[width > EXHAUSTIVE] + 1))
    wrong = np.argwhere(np.any([first != other for other in others], axis=0))
    if len(wrong):
        a, b = wrong[0]
        raise InputError(
            f"{where}: {top} gives two products for the patterns 0x{a:x} and 0x{b:x}: "
            "it remembers, or leaves bits undefined"
        )
    return first


def _escaped(name: str) -> str:
    return f"\\{name} "


def _verilator(simulator: Simulator, folder: Path, arguments: list[str], where: str) -> None:
    command = ["verilator", *arguments]
    environment = os.environ | simulator.environment
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{where}: Verilator took more than {_SECONDS} s") from error
    if done.returncode:
        found = _MESSAGE.search(done.stderr)
        if not found:
            raise InputError(f"{where}: Verilator does not build it: {' '.join(done.stderr.split())[:200]}")
        code, line, text = found.groups()
        place = f"{where}:{line}" if line else where
        raise InputError(f"{place}: Verilator{f' ({code})' if code else ''}: {text}")


def _run(folder: Path, width: int, seed: int, where: str) -> np.ndarray:
    """The products of one run; those with an even seed are computed in falling order."""
    path = folder / f"products{seed}.bin"
    command = [str(folder / "obj" / "Vunit"), str(path), str(width), str(seed), str(int(seed % 2 == 0))]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{where}: its simulation took more than {_SECONDS} s") from error
    if done.returncode:
        raise InputError(f"{where}: its simulation ended with status {done.returncode}: {done.stderr.strip()[:200]}")
    return np.fromfile(path, "<u4").reshape(1 << width, 1 << width)
