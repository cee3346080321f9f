"""Runs compiled loops on several threads; results never depend on how many there are."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache

import torch

__all__ = ["run_all"]


def run_all(work: Callable, tasks: Iterable[tuple]) -> list:
    """The results of ``work(*task)`` for every task, in order, on as many threads as torch uses.

    ``work`` should release the GIL and must not write where another task does. The first exception is raised here
    after every task has ended. Change the number of threads with ``torch.set_num_threads``.
    """
    tasks = list(tasks)
    threads = torch.get_num_threads()
    if threads == 1 or len(tasks) <= 1:
        return [work(*task) for task in tasks]
    futures = [_pool(os.getpid(), threads).submit(work, *task) for task in tasks]
    wait(futures)
    return [future.result() for future in futures]


@lru_cache(maxsize=4)
def _pool(_pid: int, threads: int) -> ThreadPoolExecutor:
    """One pool for each process (a forked child has none of its parent's threads) and number of threads."""
    return ThreadPoolExecutor(threads, thread_name_prefix="axmac")
