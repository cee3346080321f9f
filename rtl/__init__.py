"""RTL: synthesizable Amaranth components that are made from `axmac.model.spec`.

No component contains numbers of its own: widths come from the formats, gates from the truth tables, constants from the
spec. `axmac.gen` turns the components into Verilog.
"""

from axmac.rtl.multiplier import DEFAULT_STAGES, FpMulCore, FpMulPipeline, check_stages, max_stages
from axmac.rtl.significand import SignificandMultiplier
from axmac.rtl.tile import ArrayTile

__all__ = [
    "DEFAULT_STAGES",
    "ArrayTile",
    "FpMulCore",
    "FpMulPipeline",
    "SignificandMultiplier",
    "check_stages",
    "max_stages",
]
