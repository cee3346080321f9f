"""Bits in, bits out, in plain numpy integers: slow, obvious, the definition of "correct". No torch."""

from axmac.model.golden.fp_add import add
from axmac.model.golden.fp_mul import Trace, multiply, trace
from axmac.model.golden.mac import matmul
from axmac.model.golden.metrics import ErrorFigures, ErrorStream, measure
from axmac.model.golden.rounding import convert

__all__ = ["ErrorFigures", "ErrorStream", "Trace", "add", "convert", "matmul", "measure", "multiply", "trace"]
