"""Bits in, bits out, in plain numpy integers: slow, obvious, the definition of "correct". No torch."""

from axmac.model.golden.fp_add import add
from axmac.model.golden.fp_mul import Trace
from axmac.model.golden.int_mul import IntTrace
from axmac.model.golden.mac import matmul
from axmac.model.golden.metrics import ErrorFigures, ErrorStream, default_range, measure
from axmac.model.golden.requantise import requantise
from axmac.model.golden.rounding import convert
from axmac.model.golden.unit import multiply, trace

__all__ = [
    "ErrorFigures",
    "ErrorStream",
    "IntTrace",
    "Trace",
    "add",
    "convert",
    "default_range",
    "matmul",
    "measure",
    "multiply",
    "requantise",
    "trace",
]
