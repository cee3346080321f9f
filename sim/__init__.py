"""Simulation of the emitted Verilog against the golden model, with cocotb on Verilator and Icarus."""

from axmac.sim.verify import VerifyReport, verify

__all__ = ["VerifyReport", "verify"]
