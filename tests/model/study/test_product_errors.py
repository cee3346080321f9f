"""Errors of products: closed forms of AMA5 arrays and of cut operands, and shards put together."""

import numpy as np
import pytest
from one_net import setting

from axmac.model.study import product_errors
from axmac.model.study.product_errors import BINS, CELLS, Product, ProductErrors, measured, merged

PAIRS = 1 << 18


def found(unit, operands="rounded", span=1.0, **changes):
    drawn = {"unit": unit, "operands": operands, "span": span, "seed": 0, "first": 0, "last": PAIRS}
    return measured(**(drawn | changes))


def test_one_array_of_24_rounds_the_weight_up_to_a_power_of_two():
    """Mean error over mean exact product 1/3, NMED 1/12; in a cell with weights over .5 the error is a (1 - b)."""
    row = merged([found("fp32_array_ama5_t24")])
    assert row["pairs"] == PAIRS
    assert row["gain"] == pytest.approx(4 / 3, rel=4e-3)
    assert row["ratio_of_means"] == pytest.approx(1 / 3, rel=1e-2)
    assert row["nmed"] == pytest.approx(1 / 12, rel=1e-2)
    assert row["larger"] > 0.999
    for a, b in ((40, 50), (50, 40), (60, 33)):
        centre = (a + 0.5) / CELLS, (b + 0.5) / CELLS
        assert row["map"][a][b] == pytest.approx(centre[0] * (1 - centre[1]), abs=4e-3)
    assert row["wce"] == pytest.approx(0.5, abs=0.02)
    counted = np.array(row["histogram"])
    assert counted.sum() == PAIRS
    assert counted[: BINS // 2].sum() < PAIRS * 1e-3
    assert counted[BINS * 3 // 4 + 1 :].sum() == 0


def test_cut_operands_are_too_small_by_a_closed_form():
    """A uniform number loses 2^-8 / 3 on average when it is cut to 8 bits, and the other operand is 1/2 on average."""
    row = merged([found("bf16_booth_to_fp32", "truncated", 2.0**-6)])
    assert row["bias"] == pytest.approx(-(2.0**-8) / 3, rel=1e-2)
    assert row["larger"] == 0
    assert row["smaller"] > 0.999
    cut = merged([found("bf16_array_exact_t8", "truncated", 2.0**-6)])
    assert cut["larger"] == 0
    assert cut["bias"] < row["bias"]
    assert abs(merged([found("bf16_booth", "rounded", 2.0**-6)])["bias"]) < 1e-5


def test_products_of_its_own_numbers_in_a_wider_format_are_exact():
    row = merged([found("bf16_booth_to_fp32", "own", 2.0**-6)])
    assert (row["larger"], row["smaller"], row["wce"]) == (0, 0, 0)
    assert row["histogram"][BINS // 2] == PAIRS


def test_blocks_and_seeds_draw_their_own_pairs():
    small = {"last": 1000}
    one = found("ax_fpm", **small)
    assert found("ax_fpm", **small) == one
    others = [found("ax_fpm", first=1000, last=2000), found("ax_fpm", seed=1, **small)]
    assert all(other["exact"] != one["exact"] for other in others)


def test_shards_are_weighted_by_their_pairs():
    def shard(pairs, nmed, bias, cell):
        figures = {"pairs": pairs, "nmed": nmed, "mred": 0.1, "bias": bias, "larger": 0.5, "ep": 0.75, "wce": nmed}
        sums = [cell] + [0.0] * (CELLS * CELLS - 1)
        counts = [2] + [0] * (CELLS * CELLS - 1)
        return {"figures": figures, "exact": pairs / 4, "map": sums, "counts": counts, "histogram": [pairs] * BINS}

    row = merged([shard(100, 0.1, 0.1, 1.0), shard(300, 0.2, 0.0, 2.0)])
    assert row["nmed"] == pytest.approx(0.175)
    assert row["ratio_of_means"] == pytest.approx(0.7)
    assert row["gain"] == pytest.approx(1.1)
    assert row["smaller"] == pytest.approx(0.25)
    assert (row["pairs"], row["wce"], row["histogram"][0]) == (400, 0.2, 400)
    assert row["map"][0][:2] == [0.75, None]


def test_a_study_has_a_row_a_product_beside_the_paper(monkeypatch):
    monkeypatch.setattr(product_errors, "_PAIRS", {True: 3000})
    monkeypatch.setattr(product_errors, "_BLOCK", 2000)
    study = ProductErrors("t", (Product("heap"), Product("bf16", "own", 0.1)), {"heap": {"larger": 0.34}})
    shards = study.plan(setting())
    assert [shard.arguments["last"] - shard.arguments["first"] for shard in shards] == [2000, 1000, 2000, 1000]
    rows = study.rows(setting(), {shard.name: measured(**shard.arguments) for shard in shards})
    assert [(row["pairs"], row["operands"], row["paper"]) for row in rows] == [
        (3000, "rounded", {"larger": 0.34}),
        (3000, "own", {}),
    ]


def test_unknown_operands_are_refused():
    with pytest.raises(ValueError, match="operands must be one of rounded, truncated, own, not 'halved'"):
        Product("ax_fpm", "halved")
