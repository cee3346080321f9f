"""Emission: Verilog files with a manifest of what is in them, and bundles for teams without Python."""

from axmac.gen.array import emit_adder, emit_engine, emit_mac, emit_systolic
from axmac.gen.bundle import Bundle, bundle
from axmac.gen.emit import Emitted, emit, emit_catalog, generate

__all__ = [
    "Bundle",
    "Emitted",
    "bundle",
    "emit",
    "emit_adder",
    "emit_catalog",
    "emit_engine",
    "emit_mac",
    "emit_systolic",
    "generate",
]
