"""Int8 layers by their definition, in numpy's int64 and float64, with the products of `oracles`."""

from functools import cache
from itertools import product

import numpy as np
from oracles import integer_product

__all__ = ["conv_oracle", "linear_oracle", "parts_of", "products_of"]


@cache
def products_of(unit):
    """int64[256, 256] by the patterns of activation and weight, from the text of the definitions."""
    bits = [[integer_product(unit, a, b) for b in range(256)] for a in range(256)]
    return np.array(bits, np.uint16).view(np.int16).astype(np.int64)


def rounded(values, step):
    return np.clip(np.rint(values.astype(np.float64) / step), -127, 127).astype(np.int64)


def parts_of(layer):
    """Integer weights and biases, and the steps of the weights, of a float layer's parameters."""
    weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
    steps = np.array([max(float(np.abs(w).max()), 0) / 127 or 1.0 for w in weight])
    q_weight = np.stack([rounded(w, step) for w, step in zip(weight, steps, strict=True)])
    q_bias = np.rint(bias.astype(np.float64) / (layer.in_scale * steps)).astype(np.int64)
    return q_weight, q_bias, steps


def dot(unit, x, w):
    """x [..., K] by w [K] with a unit's products."""
    return products_of(unit)[x % 256, w % 256].sum(axis=-1)


def finish(sums, layer, steps):
    """Rounds sums int64 [..., channels] and gives float32."""
    if layer.out_scale is None:
        return (sums * (layer.in_scale * steps)).astype(np.float32)
    q = np.clip(np.rint(sums * (layer.in_scale * steps / layer.out_scale)), -127, 127)
    return (q * layer.out_scale).astype(np.float32)


def conv_oracle(layer, x):
    """x float32 [B, C, H, W]; place by place, channel by channel."""
    q_weight, q_bias, steps = parts_of(layer)
    (sh, sw), (ph, pw) = layer.stride, layer.padding
    q = np.pad(rounded(x, layer.in_scale), ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    kh, kw = q_weight.shape[2:]
    height, width = (q.shape[2] - kh) // sh + 1, (q.shape[3] - kw) // sw + 1
    sums = np.empty((len(x), height, width, len(q_weight)), np.int64)
    for row, column, channel in product(range(height), range(width), range(len(q_weight))):
        window = q[:, :, sh * row : sh * row + kh, sw * column : sw * column + kw].reshape(len(x), -1)
        sums[:, row, column, channel] = dot(layer.unit.id, window, q_weight[channel].ravel()) + q_bias[channel]
    return np.moveaxis(finish(sums, layer, steps), -1, 1)


def linear_oracle(layer, x):
    q_weight, q_bias, steps = parts_of(layer)
    q = rounded(x, layer.in_scale)
    sums = np.stack([dot(layer.unit.id, q, w) for w in q_weight], axis=-1) + q_bias
    return finish(sums, layer, steps)
