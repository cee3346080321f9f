"""Simulation of the emitted Verilog against the golden model, with cocotb: see `axmac.sim.verify`."""
