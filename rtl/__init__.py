"""RTL: synthesizable Amaranth components that are made from `axmac.model.spec`.

No component contains numbers of its own: widths come from the formats, gates from the truth tables, constants from the
spec. `axmac.gen` turns the components into Verilog.
"""

from axmac.rtl.accumulate import DEFAULT_ADD_STAGES
from axmac.rtl.engine import MatmulEngine
from axmac.rtl.engine_config import EngineConfig
from axmac.rtl.fp_add import FpAddCore, FpAddPipeline
from axmac.rtl.int_mac import IntMac
from axmac.rtl.mac import FpMac
from axmac.rtl.multiplier import DEFAULT_STAGES, MultiplierCore, MultiplierPipeline, check_stages, max_stages
from axmac.rtl.scalable import ScalableMacUnit, ScalableProduct
from axmac.rtl.scalable_array import ScalableArray
from axmac.rtl.significand import SignificandMultiplier
from axmac.rtl.systolic_os import OutputStationaryArray
from axmac.rtl.systolic_ws import WeightStationaryArray
from axmac.rtl.tile import ArrayTile

__all__ = [
    "DEFAULT_ADD_STAGES",
    "DEFAULT_STAGES",
    "ArrayTile",
    "EngineConfig",
    "FpAddCore",
    "FpAddPipeline",
    "FpMac",
    "IntMac",
    "MatmulEngine",
    "MultiplierCore",
    "MultiplierPipeline",
    "OutputStationaryArray",
    "ScalableArray",
    "ScalableMacUnit",
    "ScalableProduct",
    "SignificandMultiplier",
    "WeightStationaryArray",
    "check_stages",
    "max_stages",
]
