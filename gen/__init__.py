"""Emission: Verilog files with a manifest of what is in them."""

from axmac.gen.emit import Emitted, emit, emit_catalog, generate

__all__ = ["Emitted", "emit", "emit_catalog", "generate"]
