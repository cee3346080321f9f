"""What a unit is: formats, cells, significand multipliers, multipliers, MACs, and the catalog of designs.

Standard library only. Every spec is frozen, validated and hashable, and its ``repr`` constructs it again with the names
that this package exports.
"""

from axmac.model.spec.catalog import as_float_spec, as_spec, catalog, imported_spec
from axmac.model.spec.cells import AMA1, AMA2, AMA3, AMA4, AMA5, AXA2, AXA3, CELLS, EXACT, INXA1, INXA2, FullAdder
from axmac.model.spec.designs import DESIGNS, Design
from axmac.model.spec.errors import InputError
from axmac.model.spec.formats import BFLOAT16, FLOAT16, FLOAT32, INT8, UINT8, FloatFormat, IntFormat
from axmac.model.spec.ids import Multiplier, parse_id
from axmac.model.spec.imported import ImportedProduct, UnitRecord, imported_units, units_folder
from axmac.model.spec.int_mul import IntMul
from axmac.model.spec.integer_products import Drum, ExactProduct, ScaleTrim, TruncatedProduct
from axmac.model.spec.mac import Mac
from axmac.model.spec.multiplier import FpMul
from axmac.model.spec.scalable import SCALABLE_DESIGNS, ScalableMac, looks_scalable, parse_scalable_id
from axmac.model.spec.significand import ArraySig, BoothSig, PlainSig, by_column, by_row

__all__ = [
    "AMA1",
    "AMA2",
    "AMA3",
    "AMA4",
    "AMA5",
    "AXA2",
    "AXA3",
    "BFLOAT16",
    "CELLS",
    "DESIGNS",
    "EXACT",
    "FLOAT16",
    "FLOAT32",
    "INT8",
    "INXA1",
    "INXA2",
    "SCALABLE_DESIGNS",
    "UINT8",
    "ArraySig",
    "BoothSig",
    "Design",
    "Drum",
    "ExactProduct",
    "FloatFormat",
    "FpMul",
    "FullAdder",
    "ImportedProduct",
    "InputError",
    "IntFormat",
    "IntMul",
    "Mac",
    "Multiplier",
    "PlainSig",
    "ScalableMac",
    "ScaleTrim",
    "TruncatedProduct",
    "UnitRecord",
    "as_float_spec",
    "as_spec",
    "by_column",
    "by_row",
    "catalog",
    "imported_spec",
    "imported_units",
    "looks_scalable",
    "parse_id",
    "parse_scalable_id",
    "units_folder",
]
