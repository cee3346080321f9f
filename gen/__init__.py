"""Emission: Verilog files with a manifest of what is in them, and bundles for teams without Python."""

from axmac.gen.array import emit_adder, emit_engine, emit_mac, emit_systolic
from axmac.gen.bundle import Bundle, bundle
from axmac.gen.emit import Emitted, emit, emit_catalog, generate
from axmac.gen.scalable import emit_scalable, emit_scalable_array
from axmac.gen.unit_set import check_unit_set, emit_unit_set

__all__ = [
    "Bundle",
    "Emitted",
    "bundle",
    "check_unit_set",
    "emit",
    "emit_adder",
    "emit_catalog",
    "emit_engine",
    "emit_mac",
    "emit_scalable",
    "emit_scalable_array",
    "emit_systolic",
    "emit_unit_set",
    "generate",
]
