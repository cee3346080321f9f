"""``axmac agree``: whether two integer units are one multiplier."""

from typing import TYPE_CHECKING, Annotated

import typer

from axmac.model.spec import InputError, IntFormat, IntMul, catalog

if TYPE_CHECKING:
    import numpy as np

__all__ = ["agree", "compare", "products_of"]

_WIDEST = 12


def agree(
    one: Annotated[str, typer.Argument(help="Name of an integer unit.")],
    other: Annotated[str, typer.Argument(help="Name of the one that it is compared with.")],
    *,
    show: Annotated[int, typer.Option("--show", min=1, help="Differing pairs to print.")] = 10,
) -> int:
    """Compare two integer units on all pairs of operands; print the first that differ; exit status 1 if any does.

    Example: axmac agree my_mul u8_exact
    """
    names = catalog[one], catalog[other]
    tables = [products_of(spec) for spec in names]
    return compare((one, tables[0], names[0].format), (other, tables[1], names[1].format), show)


def products_of(spec: object) -> "np.ndarray":
    """All products of an integer unit, patterns [S, S] by activation, then weight; ``InputError`` for other units."""
    import numpy as np

    from axmac.model.golden import multiply
    from axmac.model.golden.rounding import pattern_dtype

    if not isinstance(spec, IntMul):
        raise InputError(f"{spec.id} multiplies floats: only integer units have tables of all products")
    if spec.format.width > _WIDEST:
        raise InputError(f"{spec.id} has {spec.format.width} bits: all pairs are taken up to {_WIDEST}")
    patterns = np.arange(1 << spec.format.width).astype(pattern_dtype(spec.format))
    return multiply(spec, patterns[:, np.newaxis], patterns)


_Described = tuple[str, "np.ndarray", IntFormat]


def compare(one: _Described, other: _Described, show: int = 10) -> int:
    """Print whether two tables agree, and the first pairs that do not; 0 or 1. ``InputError`` for other formats."""
    import numpy as np

    from axmac.model.golden.int_mul import values_of

    (name, table, operands), (other_name, other_table, other_operands) = one, other
    if operands != other_operands:
        raise InputError(f"{name} multiplies {operands.name}, {other_name} {other_operands.name}: they do not compare")
    result = IntFormat(2 * operands.width, signed=operands.signed)
    wrong = np.argwhere(table != other_table)
    if not len(wrong):
        print(f"{name} and {other_name} agree on all {table.size:,} pairs")
        return 0
    print(f"{name} and {other_name} differ on {len(wrong):,} of {table.size:,} pairs, the first:")
    digits, result_digits = -(-operands.width // 4), -(-result.width // 4)
    patterns = np.arange(1 << operands.width)
    values = values_of(operands, patterns)
    for a, b in wrong[:show].tolist():
        bits = f"a=0x{a:0{digits}x} b=0x{b:0{digits}x}"
        found = [
            f"{who}=0x{int(products[a, b]):0{result_digits}x} ({int(values_of(result, products[a, b]))})"
            for who, products in ((name, table), (other_name, other_table))
        ]
        print(f"  {bits}  {values[a]} x {values[b]}  {'  '.join(found)}")
    return 1
