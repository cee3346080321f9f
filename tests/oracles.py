"""References that neither golden nor RTL share code with: scalars and the text of the definitions."""

from collections import Counter

import numpy as np

CLASS_PATTERNS = {
    "fp32": {
        "zero": [0x00000000],
        "subnormal": [0x00000001, 0x007FFFFF, 0x00400000],
        "smallest normal": [0x00800000],
        "largest normal": [0x7F7FFFFF],
        "one": [0x3F800000],
        "all-ones fraction": [0x3FFFFFFF, 0x007FFFFF | 1 << 23],
        "power of two": [0x40000000, 0x20000000, 0x5F800000],
        "inf": [0x7F800000],
        "quiet NaN": [0x7FC00000, 0x7FFFFFFF],
        "signalling NaN": [0x7F800001, 0x7FA00000],
    },
    "bf16": {
        "zero": [0x0000],
        "subnormal": [0x0001, 0x007F, 0x0040],
        "smallest normal": [0x0080],
        "largest normal": [0x7F7F],
        "one": [0x3F80],
        "all-ones fraction": [0x3FFF, 0x00FF],
        "power of two": [0x4000, 0x2000, 0x5F80],
        "inf": [0x7F80],
        "quiet NaN": [0x7FC0, 0x7FFF],
        "signalling NaN": [0x7F81, 0x7FA0],
    },
}


def class_pairs(format_name):
    """Every pair of class representatives, both signs: two arrays of patterns."""
    width, dtype = (32, np.uint32) if format_name == "fp32" else (16, np.uint16)
    positive = [pattern for patterns in CLASS_PATTERNS[format_name].values() for pattern in patterns]
    both = np.array([pattern | sign << (width - 1) for pattern in positive for sign in (0, 1)], dtype)
    a, b = np.meshgrid(both, both, indexing="ij")
    return a.reshape(-1), b.reshape(-1)


def closed_form(a, b, tile, width):
    """AMA5 tile family, P = (A & M0) * B + 2 * (A & ~M0) * (B & MT); uint64 in and out; t = 1 is the exact product."""
    if tile == 1:
        return a * b
    m0 = sum(1 << i for i in range(0, width, tile))
    mt = sum(1 << i for i in range(tile - 1, width, tile))
    low, high = np.uint64(m0), np.uint64((1 << width) - 1 - m0)
    return (a & low) * b + np.uint64(2) * (a & high) * (b & np.uint64(mt))


def multiply_ama5(a, b, tile, *, exp_width=8, sig_width=24, counted=False):
    """One product of patterns (Python integers) by the text of the definition: DAZ, table of specials, truncation."""
    frac_width = sig_width - 1
    top, inf = 1 << (exp_width + frac_width), ((1 << exp_width) - 1) << frac_width
    nan = inf | 1 << (frac_width - 1)
    sign = (a ^ b) & top
    a, b = a & ~top, b & ~top
    if a > inf or b > inf:
        return nan
    zero_a, zero_b = a < 1 << frac_width, b < 1 << frac_width
    if inf in (a, b):
        return nan if zero_a or zero_b else sign | inf
    if zero_a or zero_b:
        return sign
    hidden = 1 << frac_width
    sig_a, sig_b = a % hidden | hidden, b % hidden | hidden
    product = int(closed_form(np.uint64(sig_a), np.uint64(sig_b), tile, sig_width))
    exp = (a >> frac_width) + (b >> frac_width) - ((1 << (exp_width - 1)) - 1)
    if product >> (2 * sig_width):
        product, exp = product >> (sig_width + 1), exp + (2 if counted else 1)
    elif product >> (2 * sig_width - 1):
        product, exp = product >> sig_width, exp + 1
    else:
        product >>= sig_width - 1
    if exp < 1:
        return sign
    return sign | (inf if exp >= (1 << exp_width) - 1 else exp << frac_width | product % hidden)


def magnitude_product(family, a, b, width=8):
    """One product of two magnitudes by the text of the definitions; ``family`` as in ids, ``drum_k4``."""
    name, _, rest = family.partition("_")
    if name == "exact":
        return a * b
    if name == "trunc":
        left_out = [max(int(rest[1:]) - i, 0) for i in range(width)]  # bits of b that meet bit i of a and are dropped
        return sum((b >> cut << cut) << i for i, cut in enumerate(left_out) if a >> i & 1)
    if a == 0 or b == 0:
        return 0
    if name == "drum":
        product = 1
        for text in (f"{a:b}", f"{b:b}"):
            k = int(rest[1:])
            product *= int(text, 2) if len(text) <= k else int(text[: k - 1] + "1" + "0" * (len(text) - k), 2)
        return product
    h, segments = (int(word[1:]) for word in rest.split("_"))
    heads = [int(f"{x:b}"[1:].ljust(h, "0")[:h], 2) for x in (a, b)]
    places = len(f"{a:b}") + len(f"{b:b}") - 2
    constants = {(3, 4): [16, 9, 44, 106], (4, 4): [-3, -11, 22, 84], (4, 8): [4, -5, -11, -10, 9, 40, 77, 112]}
    quarter = sum(heads) / 2**h / 4
    total = 1 + sum(heads) / 2**h
    if segments:
        top = int(f"{sum(heads):0{h + 1}b}"[: segments.bit_length() - 1], 2)
        total += (quarter * 256 // 1) / 256 + constants[h, segments][top] / 256
    else:
        total += quarter
    return int(total * 2**places // 1)


def integer_product(unit, a, b):
    """The result pattern of one pair of patterns of an integer unit: sign and magnitude."""
    name, _, family = unit.partition("_")
    width, signed = int(name[1:]), name[0] == "s"
    values = [x - (1 << width) if signed and x >> (width - 1) else x for x in (a, b)]
    product = magnitude_product(family, *map(abs, values), width)
    return (-product if (values[0] < 0) != (values[1] < 0) else product) % (1 << 2 * width)


_compared = Counter()


def compared_so_far():
    """How many results `assert_same_bits` has compared in this process."""
    return _compared["results"]


def assert_same_bits(actual, expected, *, any_nan=False):
    """Every bit equal; ``any_nan``: a NaN of ours must be canonical where the reference has some NaN."""
    actual, expected = np.asarray(actual).reshape(-1), np.asarray(expected).reshape(-1)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    if any_nan:
        inf, nan = (0x7F800000, 0x7FC00000) if actual.dtype == np.uint32 else (0x7F80, 0x7FC0)
        expected = np.where(expected & (np.iinfo(actual.dtype).max >> 1) > inf, nan, expected)
    _compared["results"] += actual.size
    wrong = np.flatnonzero(actual != expected)
    assert not wrong.size, f"{wrong.size} differ; first [{wrong[0]}]: {actual[wrong[0]]:#x} for {expected[wrong[0]]:#x}"
