"""Buffers stay below the limit, in a real process and by count, and no bit depends on it."""

import os
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import torch

from axmac.model import fast
from axmac.model.fast import bounded, dot
from axmac.model.spec import InputError, Mac, catalog


@pytest.fixture
def limit(monkeypatch):
    """Sets any limit, also one below what ``set_memory_limit`` takes."""
    return lambda value: monkeypatch.setattr(bounded, "_limit", [value])


def values(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal(shape).astype(np.float32))


def test_the_limit_is_stated_and_can_be_set(monkeypatch):
    monkeypatch.setattr(bounded, "_limit", list(bounded._limit))
    assert fast.memory_limit() == 256 << 20
    assert "256 MB" in bounded.__doc__
    fast.set_memory_limit(1 << 20)
    assert fast.memory_limit() == 1 << 20
    for wrong in ((1 << 20) - 1, -1, 1e9, None):
        with pytest.raises(InputError, match="the limit must be a number of bytes of at least 1048576, not"):
            fast.set_memory_limit(wrong)


GEOMETRIES = [
    ((3, 4, 17, 9), (6, 2, 3, 2), {"stride": (2, 1), "padding": (1, 2), "dilation": (2, 3), "groups": 2}),
    ((2, 3, 8, 30), (4, 3, 3, 5), {"padding": (3, 6)}),
    ((2, 2, 40), (3, 2, 7), {"stride": 3, "padding": 9, "dilation": 2}),
    ((1, 2, 5, 6, 7), (3, 2, 2, 3, 1), {"stride": (1, 2, 3), "padding": (2, 1, 0)}),
    ((2, 1, 1, 1), (2, 1, 5, 5), {"padding": 6}),
    ((0, 2, 9, 9), (3, 2, 3, 3), {}),
]


@pytest.mark.parametrize(("shape_x", "shape_w", "options"), GEOMETRIES)
@pytest.mark.parametrize("bytes_", [1, 3_000, 40_000])
def test_parts_of_images_give_the_bits_of_the_whole(shape_x, shape_w, options, bytes_, limit):
    x, w = values(*shape_x), values(*shape_w, seed=1)
    whole = fast.conv("ax_fpm", x, w, **options)
    limit(bytes_)
    parts = fast.conv("ax_fpm", x, w, **options)
    assert parts.shape == whole.shape
    assert parts.is_contiguous()
    assert torch.equal(parts.view(torch.int32), whole.view(torch.int32))


@pytest.mark.parametrize("shape", [(40, 9), (3, 5, 9), (9,), (0, 9), (2, 0, 9)])
def test_parts_of_rows_give_the_bits_of_the_whole(shape, limit):
    x, w = values(*shape), values(9, 5, seed=1)
    whole = fast.matmul("ax_fpm", x, w)
    limit(1)
    parts = fast.matmul("ax_fpm", x, w)
    assert parts.shape == whole.shape
    assert torch.equal(parts.view(torch.int32), whole.view(torch.int32))


@pytest.mark.parametrize(
    ("shape_x", "shape_w"),
    [((50, 3, 40, 40), (8, 3, 3, 3)), ((2, 40, 200, 200), (4, 40, 3, 3)), ((1, 2, 300_000), (2, 2, 9))],
)
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_what_is_computed_at_a_time_fits_the_limit(shape_x, shape_w, threads, limit, monkeypatch):
    """Counted from the shapes of every call: padded images, 52 bytes an element, 40 bytes a place."""
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    calls = []

    def record(_mac, x, w, geometry):
        out = (
            torch.nn.functional.conv2d(x[..., None], w[..., None]) if x.ndim == 3 else torch.nn.functional.conv2d(x, w)
        )
        assert [set(numbers) for numbers in geometry[:3]] == [{1}, {0}, {1}]
        image = x[0].numel()
        at_once = min(len(x), threads * max(1, bounded.kernel_of(catalog["ax_fpm"]).piece // image))
        calls.append((at_once * (52 * image + 40 * out[0, 0].numel()), out.numel()))
        return out.reshape(out.shape[: x.ndim])

    monkeypatch.setattr(dot, "conv", record)
    limit(4 << 20)
    out = fast.conv("ax_fpm", values(*shape_x), values(*shape_w, seed=1))
    assert sum(count for _, count in calls) == out.numel()
    assert len(calls) > 1
    assert max(taken for taken, _ in calls) <= 4 << 20


@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama1_t8", "fp32"])
def test_memory_beside_the_result_does_not_grow_with_the_batch(unit):
    """What numpy holds at most, which is every buffer of the kernels."""
    peaks = []
    w = values(8, 4, 3, 3)
    for batch in (1200, 1200, 4800):
        x = values(batch, 4, 32, 32)
        tracemalloc.start()
        out = fast.conv(unit, x, w, padding=1)
        peaks.append(tracemalloc.get_traced_memory()[1] - out.numel() * 4)
        tracemalloc.stop()
    assert peaks[2] < 1.2 * peaks[1] + (1 << 20)
    assert peaks[2] < fast.memory_limit()


PROCESS = """
import torch
from axmac.model import fast

def status(name):
    return next(int(line.split()[1]) << 10 for line in open("/proc/self/status") if line.startswith(name))

torch.set_num_threads(1)
x, w = torch.rand(1, 64, 500, 500), torch.rand(1, 64, 3, 3)
fast.conv("ax_fpm", x[:, :, :20, :20], w)
taken = []
for limit in (1 << 26, 1 << 28, 1 << 40):
    fast.set_memory_limit(limit)
    before = status("VmRSS")
    fast.conv("ax_fpm", x, w)
    taken.append(status("VmHWM") - before >> 20)
print(*taken)
"""


def test_a_large_image_stays_below_the_limit_in_a_real_process():
    """One image of 61 MiB, whose records alone would take 370: MiB at the peak, for limits of 64, 256 and no limit."""
    environment = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
    command = [sys.executable, "-c", PROCESS]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    small, stated, free = map(int, done.stdout.split())
    assert small <= 64 + 16
    assert stated <= 256 + 16
    assert free > 350


def test_native_order_and_float64_sums_are_limited_too(limit):
    x, w = values(5, 3, 20, 20), values(4, 3, 3, 3, seed=1)
    for mac in (Mac(catalog["fp32_ieee"], order="native"), Mac(catalog["ax_fpm"], acc="float64")):
        whole = fast.conv(mac, x, w, padding=1)
        limit(2_000)
        torch.testing.assert_close(fast.conv(mac, x, w, padding=1), whole)
        limit(256 << 20)
