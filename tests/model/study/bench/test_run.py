"""One run: rows of every competitor, compared with torch in the same run."""

import pytest

from axmac.model.spec import InputError
from axmac.model.study.bench import bench
from axmac.model.study.bench.run import TARGETS
from axmac.model.study.bench.workloads import NATIVE


def test_rows_compare_with_torch_in_the_same_run():
    done = []
    rows = bench(
        ("ax_fpm", "u8_drum_k4"),
        ("sizes",),
        threads=1,
        dataset="digits",
        seconds=0,
        progress=lambda _, count, total: done.append((count, total)),
    )
    assert [row["arithmetic"] for row in rows] == [NATIVE, "ax_fpm"] * 5
    assert [row["products"] for row in rows[::2]] == [4 * 32 * 32 * 9 * c * c for c in (8, 16, 32, 64, 128)]
    assert done == [(i, 10) for i in range(1, 11)]
    for native, unit in zip(rows[::2], rows[1::2], strict=True):
        assert native["workload"] == unit["workload"]
        assert native["time_ratio"] == 1
        assert unit["torch_seconds"] == native["seconds"]
        assert unit["time_ratio"] == unit["seconds"] / native["seconds"]
        assert unit["products_per_s"] == unit["products"] / unit["seconds"]
        assert unit["kernel"] == "closed form, float64"


def test_a_target_is_met_or_missed(monkeypatch):
    workload = "8 channels 32x32, batch 4"
    for limit, met in ((1e-9, False), (1e9, True)):
        monkeypatch.setitem(TARGETS, ("ax_fpm", workload), ("seconds", limit))
        rows = bench(("ax_fpm",), ("sizes",), threads=1, dataset="digits", seconds=0)
        (row,) = [row for row in rows if "target" in row]
        assert (row["workload"], row["target"], row["met"]) == (workload, ["seconds", limit], met)


def test_bad_input_is_one_line():
    with pytest.raises(InputError, match="unknown group 'speed': use shapes, threads, sizes, tasks"):
        bench(("ax_fpm",), ("speed",), threads=1, dataset="digits")
    with pytest.raises(InputError, match="unknown unit 'no_unit'"):
        bench(("no_unit",), threads=1, dataset="digits")
