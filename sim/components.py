"""Builds any emitted component on a simulator and runs a cocotb bench on it."""

from dataclasses import replace
from typing import Any

from axmac.gen.component import ComponentText
from axmac.sim.builds import Bench, build_in, run_in
from axmac.sim.harness import harness
from axmac.sim.simulators import simulator_named

__all__ = ["run_bench"]


def run_bench(
    component: ComponentText, bench: Bench, settings: dict[str, Any], sim: str, repeated: str = ""
) -> dict[str, dict]:
    """Simulate a component and return what the tests of its bench reported, by test.

    ``settings`` are plain values for the bench, which writes its figures to the file ``settings["report"]``.
    ``repeated`` ends the name of modules that stand in the component many times: Verilator compiles them once.
    Builds are kept in ``build/sim`` and found again by the hash of what they are made of. Raises ``InputError`` for a
    missing simulator and `SimulationError` for a simulation that does not build or end.
    """
    simulator = simulator_named(sim)
    name = component.module["name"]
    sources = {"unit.v": component.text, "harness.v": harness([component.module])}
    if repeated and sim == "verilator":
        sources["hierarchy.vlt"] = f'`verilator_config\nhier_block -module "{name}_{repeated}"\n'
        # Of a block that is compiled alone each output seems to follow each input in the same cycle: no loop is real.
        hierarchical = ["--hierarchical", "-Wno-UNOPTFLAT", "--build", "-j", "2"]
        arguments = [*simulator.build["compile_args"], *hierarchical]
        simulator = replace(simulator, build=simulator.build | {"compile_args": arguments})
    with build_in(name, simulator, sources) as path:
        return run_in(path, simulator, tuple(sources), bench, settings)
