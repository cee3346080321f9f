"""Parts of vector kernels in LLVM's language: 16 lanes, lowered by LLVM to whatever the machine has."""

from llvmlite import ir

__all__ = ["BYTE", "F32", "F64", "I32", "I64", "LANES", "at", "load", "splat", "vector"]

LANES = 16
BYTE, I32, I64 = ir.IntType(8), ir.IntType(32), ir.IntType(64)
F32, F64 = ir.FloatType(), ir.DoubleType()


def vector(element: ir.Type) -> ir.VectorType:
    """16 lanes of an element type."""
    return ir.VectorType(element, LANES)


def splat(builder: ir.IRBuilder, scalar: ir.Value) -> ir.Value:
    """The scalar in every lane."""
    wanted = vector(scalar.type)
    undefined = ir.Constant(wanted, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(I32, 0))
    return builder.shuffle_vector(first, undefined, ir.Constant(vector(I32), [0] * LANES))


def at(builder: ir.IRBuilder, base: ir.Value, offset: ir.Value, wanted: ir.Type) -> ir.Value:
    """Pointer to ``wanted``, ``offset`` bytes after ``base``."""
    return builder.bitcast(builder.gep(builder.bitcast(base, BYTE.as_pointer()), [offset]), wanted.as_pointer())


def load(builder: ir.IRBuilder, base: ir.Value, offset: int | ir.Value, wanted: ir.Type) -> ir.Value:
    """The ``wanted`` that lies ``offset`` bytes after ``base``, at a multiple of 4 bytes."""
    offset = ir.Constant(I64, offset) if isinstance(offset, int) else offset
    value = builder.load(at(builder, base, offset, wanted))
    value.align = 4
    return value
