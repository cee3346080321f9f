"""Error figures of a multiplier against the exact product, streamed in constant memory."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from axmac.model.golden.fp_mul import multiply
from axmac.model.golden.rounding import convert
from axmac.model.spec import FLOAT32, FpMul, InputError, as_spec

__all__ = ["ErrorFigures", "ErrorStream", "measure"]

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


def measure(
    spec: FpMul | str,
    pairs: int = 1_000_000,
    *,
    seed: int = 0,
    low: float = -1.0,
    high: float = 1.0,
    progress: Callable[[int], None] = lambda _: None,
) -> ErrorFigures:
    """Figures over ``pairs`` pairs drawn uniformly from [low, high], rounded to the operand format.

    The exact product is taken of the rounded operands, in float64. ``progress`` is called with the pairs done so far.
    Raises ``InputError`` for an empty or infinite range and for fewer than one pair.
    """
    spec = as_spec(spec)
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise InputError(f"range must be finite with low < high, not [{low}, {high}]")
    if max(abs(low), abs(high)) > float(np.finfo(np.float32).max):
        raise InputError(f"range must lie within float32, not [{low}, {high}]")
    if pairs < 1:
        raise InputError(f"pairs must be at least 1, not {pairs}")
    stream = ErrorStream(largest=max(abs(low), abs(high)) ** 2)
    done = 0
    for size, rng in _blocks(pairs, seed):
        a, b = (convert(FLOAT32, spec.format, _uniform(rng, low, high, size)) for _ in range(2))
        product = multiply(spec, a, b)
        exact = _float64(spec.format, a) * _float64(spec.format, b)
        stream.update(exact, _float64(spec.result_format, product))
        done += size
        progress(done)
    return stream.figures()


def _blocks(pairs: int, seed: int) -> Iterator[tuple[int, np.random.Generator]]:
    rng = np.random.default_rng(seed)
    for start in range(0, pairs, _BLOCK):
        yield min(_BLOCK, pairs - start), rng


def _uniform(rng: np.random.Generator, low: float, high: float, size: int) -> np.ndarray:
    return rng.uniform(low, high, size).astype(np.float32).view(np.uint32)


def _float64(number_format, bits: np.ndarray) -> np.ndarray:
    wide = bits if number_format == FLOAT32 else convert(number_format, FLOAT32, bits)
    return wide.view(np.float32).astype(np.float64)
