"""One competitor's process: measures what a line on stdin asks for and answers with a line on stdout.

A request is JSON {workload, arithmetic, threads, dataset, seconds}; the answer {seconds, calls, peak_bytes, kernel}.
Each competitor has a process of its own, since the thread pools of two disturb each other, and keeps it, so that
kernels are compiled and memory is mapped when the clock starts.
"""

import ctypes
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch

from axmac.model.study.bench.workloads import build

__all__ = ["main", "measure"]

_LEAST_CALLS = 3
_SLOW = 2.0
"""Seconds from which one call is enough."""


def measure(call: Callable[[], object], wanted: float) -> dict[str, float | int | None]:
    """The fewest seconds of a call, after two calls that are not counted, out of at least ``wanted`` seconds of calls.

    At least three calls, but one is enough where it takes two seconds. ``peak_bytes`` is what the process held at most
    beyond what it held before, its result included; None where the system does not tell.
    """
    call()
    held = _held(call)
    seconds: list[float] = []
    while not seconds or (seconds[0] < _SLOW and (len(seconds) < _LEAST_CALLS or sum(seconds) < wanted)):
        begin = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begin)
    return {"seconds": min(seconds), "calls": len(seconds), "peak_bytes": held}


def _held(call: Callable[[], object]) -> int | None:
    """Bytes that a call maps at most beyond what is mapped before it (Linux only: freed memory must be given back)."""
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except (OSError, AttributeError):
        return None
    base = _status("VmRSS")
    call()
    peak = _status("VmHWM")
    return None if base is None or peak is None else max(0, peak - base)


def _status(name: str) -> int | None:
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((1024 * int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), None)


def main() -> None:
    """Answers every line of stdin until it ends."""
    for line in sys.stdin:
        request = json.loads(line)
        torch.set_num_threads(request["threads"])
        call, kernel = build(request["workload"], request["arithmetic"], request["dataset"])
        print(json.dumps({**measure(call, request["seconds"]), "kernel": kernel}), flush=True)


if __name__ == "__main__":
    main()
