"""Error figures of a multiplier against the exact product, streamed in constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from axmac.model.golden.int_mul import patterns_of, values_of
from axmac.model.golden.rounding import convert
from axmac.model.golden.unit import multiply
from axmac.model.spec import FLOAT32, FloatFormat, FpMul, InputError, IntFormat, IntMul, Multiplier, as_spec

__all__ = ["ErrorFigures", "ErrorStream", "default_range", "measure", "measure_table"]

_BLOCK = 1 << 18


@dataclass(frozen=True)
class ErrorFigures:
    """Figures over ``pairs`` pairs whose exact product e and result v are finite and e is not 0; ED = |v| - |e|.

    ``med``: mean of |ED|. ``nmed``: med over ``largest``, the largest |e| of the stated range. ``mred``: mean of
    |ED|/|e|. ``ratio_of_means``: mean |ED| over mean |e|. ``wce``: largest |ED|. ``ep``: share of v that differ from e.
    ``bias``: mean of ED. ``larger``: share with |v| > |e|. ``zero`` and ``non_finite`` count the pairs left out.
    """

    pairs: int
    zero: int
    non_finite: int
    largest: float
    med: float
    nmed: float
    mred: float
    ratio_of_means: float
    wce: float
    ep: float
    bias: float
    larger: float

    def as_dict(self) -> dict[str, float]:
        """The figures by name."""
        return asdict(self)


class ErrorStream:
    """Collects pairs block by block. ``largest`` is the largest |e| of the range; ``InputError`` unless positive."""

    def __init__(self, largest: float) -> None:
        if not largest > 0:
            raise InputError(f"largest must be positive, not {largest!r}")
        self._largest = largest
        self._pairs = self._zero = self._non_finite = self._wrong = self._larger = 0
        self._sum_abs = self._sum_rel = self._sum_signed = self._sum_exact = self._worst = 0.0

    def update(self, exact: np.ndarray, value: np.ndarray) -> None:
        """Adds exact products e and results v, both float64 of one shape."""
        finite = np.isfinite(exact) & np.isfinite(value)
        counts = finite & (exact != 0)
        self._non_finite += int(exact.size - finite.sum())
        self._zero += int(finite.sum() - counts.sum())
        e, v = np.abs(exact[counts]), np.abs(value[counts])
        if not e.size:
            return
        distance = v - e
        self._pairs += e.size
        self._wrong += int(np.count_nonzero(value[counts] != exact[counts]))
        self._larger += int(np.count_nonzero(distance > 0))
        self._sum_abs += float(np.abs(distance).sum())
        self._sum_rel += float((np.abs(distance) / e).sum())
        self._sum_signed += float(distance.sum())
        self._sum_exact += float(e.sum())
        self._worst = max(self._worst, float(np.abs(distance).max()))

    def figures(self) -> ErrorFigures:
        """The figures so far. Raises ``InputError`` where no pair counted."""
        if not self._pairs:
            raise InputError("no pair had a finite, non-zero exact product and a finite result: widen the range")
        n = self._pairs
        return ErrorFigures(
            pairs=n,
            zero=self._zero,
            non_finite=self._non_finite,
            largest=self._largest,
            med=self._sum_abs / n,
            nmed=self._sum_abs / n / self._largest,
            mred=self._sum_rel / n,
            ratio_of_means=self._sum_abs / self._sum_exact,
            wce=self._worst,
            ep=self._wrong / n,
            bias=self._sum_signed / n,
            larger=self._larger / n,
        )


def default_range(spec: Multiplier | str) -> tuple[float, float]:
    """The operands over which a unit is measured unless others are wanted: [-1, 1], or all integers of its format."""
    spec = as_spec(spec)
    return (spec.format.min, spec.format.max) if isinstance(spec, IntMul) else (-1.0, 1.0)


def measure(
    spec: Multiplier | str,
    pairs: int = 1_000_000,
    *,
    seed: int = 0,
    low: float | None = None,
    high: float | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> ErrorFigures:
    """Figures over ``pairs`` pairs drawn uniformly from [low, high], rounded to the operand format.

    Of an integer unit all pairs of the range where these are at most ``pairs``. Without ``low`` or ``high`` that end is
    the one of `default_range`. The exact product is taken of the rounded operands, in float64. ``progress`` is called
    with the pairs done so far. Raises ``InputError`` for an empty or infinite range, for a range that the operand
    format does not hold, and for fewer than one pair.
    """
    spec = as_spec(spec)
    least, most = default_range(spec)
    low, high = least if low is None else low, most if high is None else high
    _check_range(spec, low, high)
    if pairs < 1:
        raise InputError(f"pairs must be at least 1, not {pairs}")
    stream = ErrorStream(largest=max(abs(low), abs(high)) ** 2)
    done = 0
    draw = _integers if isinstance(spec, IntMul) else _floats
    for a, b in draw(spec, pairs, seed, low, high):
        product = multiply(spec, a, b)
        exact = _float64(spec.format, a) * _float64(spec.format, b)
        stream.update(exact, _float64(spec.result_format, product))
        done += a.size
        progress(done)
    return stream.figures()


def measure_table(number_format: IntFormat, table: np.ndarray) -> ErrorFigures:
    """Figures over all pairs of integers; ``table`` has products as patterns [S, S] by activation and weight."""
    result_format = IntFormat(2 * number_format.width, signed=number_format.signed)
    operands = _float64(number_format, np.arange(1 << number_format.width))
    stream = ErrorStream(largest=float(number_format.largest_magnitude**2))
    rows = max(1, _BLOCK // operands.size)
    for start in range(0, operands.size, rows):
        part = slice(start, start + rows)
        stream.update(np.multiply.outer(operands[part], operands), _float64(result_format, table[part]))
    return stream.figures()


def _check_range(spec: Multiplier, low: float, high: float) -> None:
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"range must be finite with low < high, not [{low}, {high}]")
    f = spec.format
    if isinstance(f, IntFormat):
        if not (f.min <= low and high <= f.max and int(low) == low and int(high) == high):
            raise InputError(f"range must be integers of {f.name}, {f.min} to {f.max}, not [{low:g}, {high:g}]")
    elif max(abs(low), abs(high)) > float(np.finfo(np.float32).max):
        raise InputError(f"range must lie within float32, not [{low}, {high}]")


_Pairs = Iterator[tuple[np.ndarray, np.ndarray]]


def _floats(spec: FpMul, pairs: int, seed: int, low: float, high: float) -> _Pairs:
    for size, rng in _blocks(pairs, seed):
        yield tuple(convert(FLOAT32, spec.format, _uniform(rng, low, high, size)) for _ in range(2))


def _integers(spec: IntMul, pairs: int, seed: int, low: float, high: float) -> _Pairs:
    f = spec.format
    values = np.arange(int(low), int(high) + 1)
    if values.size**2 <= pairs:
        rows = max(1, _BLOCK // values.size)
        for start in range(0, values.size, rows):
            a, b = np.meshgrid(patterns_of(f, values[start : start + rows]), patterns_of(f, values), indexing="ij")
            yield a.ravel(), b.ravel()
        return
    for size, rng in _blocks(pairs, seed):
        yield tuple(patterns_of(f, rng.integers(int(low), int(high), size, endpoint=True)) for _ in range(2))


def _blocks(pairs: int, seed: int) -> Iterator[tuple[int, np.random.Generator]]:
    rng = np.random.default_rng(seed)
    for start in range(0, pairs, _BLOCK):
        yield min(_BLOCK, pairs - start), rng


def _uniform(rng: np.random.Generator, low: float, high: float, size: int) -> np.ndarray:
    return rng.uniform(low, high, size).astype(np.float32).view(np.uint32)


def _float64(number_format: FloatFormat | IntFormat, bits: np.ndarray) -> np.ndarray:
    if isinstance(number_format, IntFormat):
        return values_of(number_format, bits).astype(np.float64)
    wide = bits if number_format == FLOAT32 else convert(number_format, FLOAT32, bits)
    return wide.view(np.float32).astype(np.float64)
