"""Runs the shards of a study here, on worker processes, or on a Dask cluster, and goes on where a run was stopped."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axmac.model.nn.data import Progress
from axmac.model.spec import InputError
from axmac.model.study.shards.cluster import computed_by, local_cluster, remote_cluster
from axmac.model.study.shards.shard import Shard, compute
from axmac.model.study.shards.store import Store

__all__ = ["run_shards"]


def run_shards(
    shards: Sequence[Shard],
    folder: Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """The results of all shards by name; those that ``folder`` holds already are not computed again.

    ``workers`` processes compute on this machine (by default as many as it has cores; 1 computes in this process), or
    the workers of the Dask ``scheduler`` at an address. Each result is written as it comes: a run that is stopped, or
    loses its workers or its scheduler, loses no finished shard. Raises ``InputError`` for bad arguments and a cluster
    that cannot be reached or goes away, and what a shard raises.
    """
    workers = len(os.sched_getaffinity(0)) if workers is None else workers
    if workers < 1:
        raise InputError(f"workers must be at least 1, not {workers}")
    store = Store(folder)
    store.check(shards)
    results = {shard.name: store.read(shard) for shard in shards}
    waiting = [shard for shard in shards if results[shard.name] is None]
    done = len(shards) - len(waiting)
    with _computing(waiting, workers, scheduler) as computed:
        for shard, result in computed:
            store.write(shard, result)
            results[shard.name] = store.read(shard)
            done += 1
            if progress is not None:
                progress("shards", done, len(shards))
    return results


@contextmanager
def _computing(shards: list[Shard], workers: int, scheduler: str | None) -> Iterator[Iterator[tuple[Shard, bytes]]]:
    workers = min(workers, len(shards))
    if scheduler is None and workers <= 1:
        yield ((shard, compute(shard.function, shard.arguments)) for shard in shards)
    elif not shards:
        yield iter(())
    else:
        with remote_cluster(scheduler) if scheduler is not None else local_cluster(workers) as client:
            yield computed_by(client, shards)
