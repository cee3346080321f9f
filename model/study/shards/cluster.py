"""Worker processes by Dask: on this machine, or wherever a scheduler has them."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dask
from distributed import CancelledError, Client, KilledWorker, LocalCluster, as_completed

from axmac.model.spec import InputError
from axmac.model.study.shards.shard import Shard, compute

__all__ = ["computed_by", "local_cluster", "remote_cluster"]

_CONNECT = "5s"
"""How long a scheduler may take to answer before it counts as lost."""


@contextmanager
def local_cluster(workers: int) -> Iterator[Client]:
    """Worker processes of this machine, one thread each; they end with the context."""
    with (
        _settings(),
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def remote_cluster(address: str) -> Iterator[Client]:
    """The workers of the scheduler at ``address``; ``InputError`` where none answers."""
    with _settings():
        try:
            client = Client(address, timeout=_CONNECT)
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"no Dask scheduler answers at {address!r} ({reason}): start one there") from error
        with client:
            yield client


def computed_by(client: Client, shards: Sequence[Shard]) -> Iterator[tuple[Shard, bytes]]:
    """Each shard with its result, in the order in which they come.

    A worker that dies gives its shards back to the others. Raises ``InputError`` where the scheduler goes away and
    where a shard killed its worker several times, and what a shard itself raised.
    """
    futures = {
        client.submit(compute, shard.function, shard.arguments, key=f"{shard.name}-{shard.identity}"): shard
        for shard in shards
    }
    for future in as_completed(list(futures)):
        shard = futures.pop(future)
        try:
            result = future.result()
        except CancelledError:
            raise InputError("the scheduler went away: start it and run again, finished shards are kept") from None
        except KilledWorker:
            raise InputError(f"workers died over the shard {shard.name!r}: give them more memory, run again") from None
        future.release()  # or what a worker has finished would be computed again if it died
        yield shard, result


@contextmanager
def _settings() -> Iterator[None]:
    """A short timeout, and no lines of Dask's own about what we say in ours, not even while its threads end."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with dask.config.set({"distributed.comm.timeouts.connect": _CONNECT}):
        yield
