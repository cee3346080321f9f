"""The table and the plot of a speed measurement."""

import pytest
from matplotlib.image import imread

from axmac.model.report import new_result, table_of
from axmac.model.report.speed import cost_exponents, speed_summary
from axmac.model.report.speed_figure import draw_speed


def row(group, arithmetic, products, seconds, **more):
    rate = None if products is None else products / seconds
    return {
        "group": group,
        "workload": f"{group} {products}",
        "arithmetic": arithmetic,
        "kernel": "k",
        "threads": 2,
        "products": products,
        "seconds": seconds,
        "products_per_s": rate,
        "torch_seconds": 1.0,
        "time_ratio": seconds,
        "peak_bytes": None,
        **more,
    }


@pytest.fixture
def result():
    rows = [row("shapes", "torch float32", 10, 1.0), row("shapes", "ax_fpm", 10, 4.0, peak_bytes=3_000_000)]
    rows += [row("tasks", "torch float32", None, 1.0)]
    rows += [row("tasks", "ax_fpm", None, 7.5, target=["seconds", 6.0], met=False)]
    rows += [row("sizes", "ax_fpm", 10**i, 1e-9 * 10.0 ** (0.9 * i)) for i in (5, 6, 7)]
    return new_result("bench", rows, seed=0, threads=2)


def test_exponent_of_cost_against_products(result):
    assert cost_exponents(result) == {"ax_fpm": pytest.approx(0.9)}


def test_table(result):
    _, heads, rows = table_of(result)
    assert all(len(cells) == len(heads) for cells in rows)
    assert rows[1][3:] == ["2", "4000", "2.5", "4.00", "3", ""]
    assert rows[3][4:] == ["7500", "", "7.50", "", "at most 6 s: MISSED"]
    assert rows[-1][:3] == ["cost against products", "ax_fpm", "time ~ products^0.90"]


def test_plot(result, tmp_path):
    picture = imread(draw_speed(result, tmp_path / "bench.png"))
    assert picture.std() > 0.05
    assert min(picture.shape[:2]) > 300


def test_summary_for_a_page(result):
    (_, _, targets), (_, heads, ratios) = speed_summary(result)
    assert targets == [["tasks None", "ax_fpm", "7.5 s", "at most 6 s: MISSED"]]
    assert heads == ["workload", "torch, G products/s", "ax_fpm"]
    assert ratios == [["shapes 10", "0", "4.0"], ["tasks None", "", "7.5"]]
