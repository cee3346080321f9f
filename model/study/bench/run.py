"""The run: one process for each competitor, workload by workload, so that all meet the same state of the machine."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from axmac.model.spec import InputError
from axmac.model.study.bench.workloads import INTEGER, NATIVE, SHAPES, SIZES, TASKS, integer_unit, products_of

__all__ = ["GROUPS", "UNITS", "bench"]

UNITS = (
    *("fp32_ieee", "ax_fpm", "fp32_array_ama5_t4_xc", "heap", "fp32_array_ama1_t4"),
    *("bf16_booth", "bf16_array_ama5_t4", "bf16_array_ama1_t8", f"{INTEGER}bf16_array_ama1_t8"),
    *("u8_exact", "u8_drum_k4", "u8_scaletrim_h4_m8"),
)
"""One of each kind of kernel, and the exact units as controls."""
GROUPS = ("shapes", "threads", "sizes", "tasks")
_CONV = "64 channels 32x32, batch 16"
_TASK_UNITS = ("ax_fpm", "fp32_array_ama5_t4_xc", "bf16_array_ama5_t4")
_TEST_SET, _PGD = TASKS

TARGETS = {
    ("ax_fpm", _CONV): ("time_ratio", 7.0),
    ("fp32_array_ama5_t4_xc", _CONV): ("time_ratio", 4.0),
    ("bf16_array_ama1_t8", _CONV): ("time_ratio", 8.0),
    (f"{INTEGER}bf16_array_ama1_t8", _CONV): ("products_per_s", 8e9),
    ("u8_exact", _CONV): ("time_ratio", 2.5),
    ("u8_drum_k4", _CONV): ("time_ratio", 2.5),
    ("u8_scaletrim_h4_m8", _CONV): ("products_per_s", 8e9),
    ("fp32_array_ama1_t4", _CONV): ("products_per_s", 1e8),
    ("ax_fpm", _TEST_SET): ("seconds", 6.0),
    ("ax_fpm", _PGD): ("seconds", 1.5),
}
"""What the project wants on two cores with AVX-512: at most for a time or a ratio, at least for a rate."""

Job = tuple[str, str, str, int]
"""Group, workload, arithmetic, threads."""


def bench(
    units: Sequence[str] = UNITS,
    groups: Sequence[str] = GROUPS,
    *,
    threads: int,
    dataset: str,
    seconds: float = 0.5,
    progress: Callable[[str, int, int], None] = lambda _what, _done, _total: None,
) -> list[dict[str, Any]]:
    """Rows of one run: group, arithmetic, kernel, workload, threads, products (None for tasks), seconds, calls,

    products_per_s, torch_seconds and time_ratio (both for the same workload and threads in this run), peak_bytes, and,
    where the project has one, target and met. ``seconds`` is how long each measurement lasts at least. torch's own
    rows come first in each workload. Raises ``InputError`` for an unknown unit or group.
    """
    for unit in units:
        integer_unit(unit)
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        raise InputError(f"unknown group {unknown[0]!r}: use {', '.join(GROUPS)}")
    jobs = list(_jobs(units, groups, threads))
    rows: list[dict[str, Any]] = []
    native: dict[tuple[str, int], dict[str, Any]] = {}
    with ExitStack() as stack:
        workers: dict[str, subprocess.Popen] = {}
        for done, (group, workload, arithmetic, count) in enumerate(jobs):
            if arithmetic not in workers:
                workers[arithmetic] = stack.enter_context(_started())
            request = {"workload": workload, "arithmetic": arithmetic, "threads": count}
            answer = _ask(workers[arithmetic], {**request, "dataset": dataset, "seconds": seconds})
            if arithmetic == NATIVE:
                native[workload, count] = answer
            rows.append(_row(group, request, answer, native[workload, count]))
            progress("bench", done + 1, len(jobs))
    return rows


def _jobs(units: Sequence[str], groups: Sequence[str], threads: int) -> Iterator[Job]:
    everybody, floats = (NATIVE, *units), [unit for unit in units if integer_unit(unit) is None]
    sized = [unit for unit in floats if unit in {*_TASK_UNITS, "fp32_ieee"}]
    if "shapes" in groups:
        yield from (("shapes", name, unit, threads) for name in SHAPES for unit in everybody)
    if "threads" in groups:
        counts = [count for count in (1, 2, 4, 8, 16, 32) if count < threads]
        yield from (("threads", _CONV, unit, count) for count in counts for unit in everybody)
    if "sizes" in groups:
        yield from (("sizes", name, unit, threads) for name in SIZES for unit in (NATIVE, *sized))
    if "tasks" in groups:
        chosen = [unit for unit in floats if unit in _TASK_UNITS]
        yield from (("tasks", name, unit, threads) for name in TASKS for unit in (NATIVE, *chosen))


def _started() -> subprocess.Popen:
    command = [sys.executable, "-m", "axmac.model.study.bench.worker"]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _ask(worker: subprocess.Popen, request: dict[str, Any]) -> dict[str, Any]:
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    answer = worker.stdout.readline()
    if not answer:
        raise RuntimeError(f"the process that measures {request['arithmetic']} ended: its message is above")
    return json.loads(answer)


def _row(group: str, request: dict[str, Any], answer: dict[str, Any], native: dict[str, Any]) -> dict[str, Any]:
    products, seconds = products_of(request["workload"]), answer["seconds"]
    row = {
        "group": group,
        **request,
        **answer,
        "products": products,
        "products_per_s": None if products is None else products / seconds,
        "torch_seconds": native["seconds"],
        "time_ratio": seconds / native["seconds"],
    }
    wanted = TARGETS.get((request["arithmetic"], request["workload"])) if group != "threads" else None
    if wanted is not None:
        figure, limit = wanted
        met = row[figure] >= limit if figure == "products_per_s" else row[figure] <= limit
        row |= {"target": [figure, limit], "met": met}
    return row
