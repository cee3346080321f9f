"""``axmac mul``: one product with its stages."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Annotated

import typer

from axmac.cli.output import Json, emit_json
from axmac.model.spec import FloatFormat, InputError, IntFormat, IntMul, catalog

__all__ = ["mul"]

_DECIMAL = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,9})?")
_PATTERN = re.compile(r"0x[0-9a-f]+")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_LONGEST_INTEGER = 100


def mul(
    unit: Annotated[str, typer.Argument(help="Id or alias of a unit.")],
    activation: Annotated[str, typer.Argument(help="First operand: decimal, integer, inf, nan, or a 0x bit pattern.")],
    weight: Annotated[str, typer.Argument(help="Second operand, likewise.")],
    *,
    as_json: Json = False,
) -> None:
    """Multiply two numbers on a unit: both bit patterns, the product, the exact product, and every stage.

    Example: axmac mul ax_fpm 0.856 0.471
    """
    from axmac.model.golden import trace

    spec = catalog[unit]
    operands = [_pattern(spec.format, text) for text in (activation, weight)]
    stages = trace(spec, operands[0], operands[1])
    values = [_value(spec.format, int(operand[0])) for operand in operands]
    product = int(stages.result[0])
    digits, result_digits = -(-spec.format.width // 4), -(-spec.result_format.width // 4)
    report = {
        "unit": spec.id,
        "activation": {"text": activation, "bits": f"0x{int(operands[0][0]):0{digits}x}", "value": repr(values[0])},
        "weight": {"text": weight, "bits": f"0x{int(operands[1][0]):0{digits}x}", "value": repr(values[1])},
        "product": {"bits": f"0x{product:0{result_digits}x}", "value": repr(_value(spec.result_format, product))},
        "exact": repr(values[0] * values[1]),
        "stages": stages.describe().splitlines()[1:],
    }
    if isinstance(spec, IntMul) and spec.note:
        report["note"] = spec.note
    if as_json:
        emit_json(report)
        return
    print(spec.id)
    for name in ("activation", "weight", "product"):
        print(f"{name:<14} {report[name]['bits']}  {report[name]['value']}")
    print(f"{'exact product':<14} {'':<{digits + 2}}  {report['exact']}")
    print(*report["stages"], sep="\n")
    if "note" in report:
        print(report["note"])


def _pattern(number_format: FloatFormat | IntFormat, text: str):
    """The pattern of a text as an array of one element, decimals rounded once, to nearest even."""
    if isinstance(number_format, IntFormat):
        return _integer_pattern(number_format, text)
    import numpy as np

    from axmac.model.golden.rounding import pattern_dtype, round_fraction

    word = text.strip().lower()
    sign = number_format.sign_mask if word.startswith("-") else 0
    magnitude = word[1:] if word.startswith(("+", "-")) else word
    try:
        if _PATTERN.fullmatch(word):
            bits = int(word, 16)
        elif magnitude in ("inf", "infinity", "nan"):
            bits = sign | (number_format.nan if magnitude == "nan" else number_format.inf)
        else:
            bits = sign | round_fraction(number_format, _fraction(magnitude))
    except (ValueError, InvalidOperation) as error:
        raise InputError(f"{text}: is no number: use a decimal, inf, nan, or a bit pattern 0x...") from error
    if bits >> number_format.width:
        raise InputError(f"{text}: has more than the {number_format.width} bits of {number_format.name}")
    return np.array([bits], pattern_dtype(number_format))


def _integer_pattern(number_format: IntFormat, text: str):
    """The pattern of an integer in decimal, or of a bit pattern in hex, as an array of one element."""
    import numpy as np

    from axmac.model.golden.rounding import pattern_dtype

    f, word = number_format, text.strip().lower()
    if len(word) <= _LONGEST_INTEGER and _PATTERN.fullmatch(word):
        bits = int(word, 16)
        if bits >> f.width:
            raise InputError(f"{text}: has more than the {f.width} bits of {f.name}")
    elif len(word) <= _LONGEST_INTEGER and _INTEGER.fullmatch(word):
        if not f.min <= int(word) <= f.max:
            raise InputError(f"{text}: is out of the range of {f.name}, {f.min} to {f.max}")
        bits = int(word) % (1 << f.width)
    else:
        raise InputError(f"{text[:40]}: is no operand of {f.name}: use an integer or a bit pattern 0x...")
    return np.array([bits], pattern_dtype(f))


def _fraction(text: str) -> Fraction:
    """A non-negative decimal as a fraction; its exponent is held within 5,000, which is beyond every format."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError(text)
    number = Decimal(text)
    sign, digits, exp = number.as_tuple()
    return Fraction(Decimal((sign, digits, max(-5000, min(exp, 5000)))))


def _value(number_format: FloatFormat | IntFormat, bits: int) -> float | int:
    if isinstance(number_format, IntFormat):
        return bits - (1 << number_format.width) if bits > number_format.max else bits
    sign = -1.0 if bits & number_format.sign_mask else 1.0
    exp, frac = bits >> number_format.frac_width & number_format.exp_special, bits & number_format.frac_mask
    if exp == number_format.exp_special:
        return float("nan") if frac else sign * float("inf")
    hidden = 1 << number_format.frac_width if exp else 0
    return sign * (frac | hidden) * 2.0 ** (max(exp, 1) - number_format.bias - number_format.frac_width)
