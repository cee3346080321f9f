"""What a precision-scalable MAC computes, in Python's integers."""

__all__ = ["number", "plain_products", "sums_in"]


def number(pattern, bits, signed):
    return pattern - (1 << bits) if signed and pattern >> (bits - 1) else pattern


def plain_products(spec, k, a, b, a_signed):
    """Facts of the unit in other words: digits of base 2^k, or operands rounded down to multiples of 2^(w - k)."""
    if spec.kind != "dvafs":
        step = 1 << spec.width - k
        x, y = (number(word, spec.width, signed) for word, signed in ((a, a_signed), (b, True)))
        return [(x // step * step) * (y // step * step)]
    products = []
    for _ in range(spec.width // k):
        (a, x), (b, y) = divmod(a, 1 << k), divmod(b, 1 << k)
        products.append(number(x, k, a_signed) * number(y, k, signed=True))
    return products


def sums_in(spec, k, word):
    """The sums of all lanes in a word of the register: each lane has its share of the word, the sum in its low bits."""
    lanes = spec.width // k if spec.kind == "dvafs" else 1
    width, share = 2 * spec.width // lanes + spec.guard, spec.word_width // lanes
    return [number(word >> lane * share & (1 << width) - 1, width, signed=True) for lane in range(lanes)]
