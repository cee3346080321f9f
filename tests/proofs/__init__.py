"""Proofs about the emitted Verilog: Yosys reads it, a solver decides, rows say what is proven, how, in which time.

The specifications here are written from the truth tables and the text of the definitions, as solver terms; they share
no code with `axmac.rtl` or `axmac.model.golden`. `python -m proofs` (with ``tests`` on the path) proves all.
"""
