"""Responses of filters: an array that doubles powers of two, and pieces of the images of a network."""

import numpy as np
import pytest
import torch
from one_net import digits_net

from axmac.model.nn import data
from axmac.model.study.responses import responded, summarised
from axmac.model.study.variants import build, exact


def pieces_of_one_norm(n):
    """Each piece has five values 1 and four 0: short significands, all of norm sqrt(5)."""
    generator = torch.Generator().manual_seed(0)
    return torch.stack([(torch.randperm(9, generator=generator) < 5).float() for _ in range(n)])


def test_a_unit_that_doubles_has_a_gap_as_large_as_the_response():
    """One array of 24 rounds weights up to the next power of two, powers of two to twice themselves."""
    weights = torch.tensor([1.0, -0.5, 0.25, 2.0, -1.0, 0.5, -2.0, 0.125, 1.0])
    pieces = pieces_of_one_norm(200)
    found = summarised(pieces, weights, "fp32_array_ama5_t24")
    assert found["pieces"] == 200
    assert found["correlation"] == pytest.approx(1)
    similar = [one["similarity"] for one in found["chosen"]]
    expected = (pieces @ weights) / (5**0.5 * weights.norm())
    assert (similar[0], similar[-1]) == pytest.approx((float(expected.min()), float(expected.max())))
    assert similar == sorted(similar)
    for one in found["chosen"]:
        response = sum(a * b for a, b in zip(one["values"], weights.tolist(), strict=True))
        assert (one["exact"], one["unit"]) == pytest.approx((response, 2 * response))
    assert sum(one["pieces"] for one in found["bins"]) == 200
    for one in found["bins"]:
        assert one["unit"] == pytest.approx(2 * one["exact"])
        assert abs(one["exact"] / (5**0.5 * float(weights.norm())) - one["similarity"]) <= 0.05 + 1e-6


def test_the_correlation_is_with_the_gap():
    """The same array adds a quarter of 3/4 and doubles 1 and 1/2: gaps that are not as the response is."""
    weights = torch.tensor([0.75, -0.75, 1.0, 0.5, 0.75, -0.75, 1.0, -1.0, 0.75])
    gaps = torch.tensor([0.25, -0.25, 1.0, 0.5, 0.25, -0.25, 1.0, -1.0, 0.25])
    pieces = pieces_of_one_norm(200)
    expected = np.corrcoef(pieces @ weights, pieces @ gaps)[0, 1]
    assert expected < 0.99
    assert summarised(pieces, weights, "fp32_array_ama5_t24")["correlation"] == pytest.approx(expected)


def test_pieces_are_those_that_the_first_convolution_sees():
    net = exact(digits_net())
    found = responded(net=net, unit="ax_fpm", dataset=net["data"], images=3)
    layer = build(net).conv1
    norms = layer.weight.flatten(1).norm(dim=1)
    assert norms[found["filter"]] == norms.max()
    assert len(found["filters"]) == 32
    test = data.load("digits", "test").images[:3]
    with torch.no_grad():
        seen = (layer(test) - layer.bias[:, None, None])[:, found["filter"]].flatten().double()
    for one in found["chosen"]:
        assert float((seen - one["exact"]).abs().min()) < 1e-5
    assert 0 < found["pieces"] < 3 * 28 * 28
