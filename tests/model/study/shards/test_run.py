"""Shards: the same bytes whoever computes them, and no finished one is lost or repeated."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from distributed import Client

from axmac.model.spec import InputError
from axmac.model.study.shards import Shard, run_shards, shard

WORK = "shard_work"
COUNT = 9
EXPECTED = {f"part/{k}": {"square": k**2, "threads": 1, "third": k / 3} for k in range(COUNT)}


def shards(folder, function="square", count=COUNT):
    return [Shard(f"part/{k}", f"{WORK}:{function}", {"folder": str(folder), "number": k}) for k in range(count)]


def ran(folder):
    path = folder / "ran"
    return sorted(map(int, path.read_text().split())) if path.exists() else []


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_in_this_process_and_again(tmp_path):
    threads, steps = torch.get_num_threads(), []
    made = run_shards(shards(tmp_path), tmp_path / "out", workers=1, progress=lambda *step: steps.append(step))
    assert made == EXPECTED
    assert steps == [("shards", k + 1, COUNT) for k in range(COUNT)]
    assert torch.get_num_threads() == threads
    assert run_shards(shards(tmp_path), tmp_path / "out", workers=1) == EXPECTED
    assert ran(tmp_path) == list(range(COUNT))


def test_worker_processes_that_die_lose_nothing_and_leave_the_same_bytes(tmp_path):
    for workers in (2, 1):
        assert run_shards(shards(tmp_path, "dies_at_first"), tmp_path / f"out-{workers}", workers=workers) == EXPECTED
        assert sorted(path.name for path in tmp_path.glob("died-*")) == ["died-0", "died-3", "died-6"]
    assert content(tmp_path / "out-1") == content(tmp_path / "out-2")
    assert len(content(tmp_path / "out-1")) == COUNT


def test_a_result_of_other_arguments_or_a_damaged_one_is_computed_again(tmp_path):
    out = tmp_path / "out"
    run_shards(shards(tmp_path), out, workers=1)
    path = out / "part-4.json"
    path.write_bytes(path.read_bytes()[:-7])
    changed = [*shards(tmp_path)[:-1], Shard("part/8", f"{WORK}:square", {"folder": str(tmp_path), "number": 80})]
    assert run_shards(changed, out, workers=1)["part/8"]["square"] == 6400
    assert ran(tmp_path) == sorted([*range(COUNT), 4, 80])


def test_other_sources_are_another_identity(tmp_path, monkeypatch):
    (made, *_) = shards(tmp_path)
    before = made.identity
    assert made.identity == before
    monkeypatch.setattr(shard, "_sources", lambda _module: "changed")
    assert made.identity != before


def test_a_shard_that_raises_stops_the_run_and_the_others_are_kept(tmp_path):
    with pytest.raises(RuntimeError, match="shard 2 cannot be computed"):
        run_shards(shards(tmp_path, "breaks"), tmp_path / "out", workers=1)
    assert len(content(tmp_path / "out")) == 2


def test_refuses_what_makes_no_sense(tmp_path):
    with pytest.raises(InputError, match="workers must be at least 1, not 0"):
        run_shards(shards(tmp_path), tmp_path / "out", workers=0)
    with pytest.raises(ValueError, match=r"share the file part-1\.json"):
        run_shards([*shards(tmp_path), Shard("part 1", f"{WORK}:square", {})], tmp_path / "out")
    with pytest.raises(ValueError, match=r"must be 'package\.module:name'"):
        Shard("part", "square", {})
    with pytest.raises(ValueError, match="not JSON compliant"):
        run_shards(shards(tmp_path, "nothing_json_holds"), tmp_path / "out", workers=1)
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:1'"):
        run_shards(shards(tmp_path), tmp_path / "out", scheduler="tcp://127.0.0.1:1")
    with pytest.raises(InputError, match=r"no Dask scheduler answers at 'nonsense://x'"):
        run_shards(shards(tmp_path), tmp_path / "out", scheduler="nonsense://x")
    assert not ran(tmp_path)


class Cluster:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, workers):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
        port = self.address.rpartition(":")[2]
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", port)
        options = (self.address, "--nthreads", "1", "--no-nanny")
        self.workers = [self._start("dask_worker", *options) for _ in range(workers)]
        with Client(self.address, timeout=60) as client:
            client.wait_for_workers(workers, timeout=120)

    @staticmethod
    def _start(module, *options):
        tests = Path(__file__).parents[3]
        environment = os.environ | {"PYTHONPATH": str(tests)}
        words = [sys.executable, "-m", f"distributed.cli.{module}", *options, "--no-dashboard"]
        return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


def tokens(folder, count):
    """Lets so many shards go."""
    first = len(list(folder.glob("token-*")))
    for number in range(first, first + count):
        Path(folder, f"token-{time.monotonic_ns()}-{number}").touch()


def wait_for(count, folder, seconds=120):
    deadline = time.monotonic() + seconds
    while not folder.exists() or len(list(folder.glob("*.json"))) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_killed_worker_and_a_killed_scheduler_lose_no_finished_shard(tmp_path):
    out, found = tmp_path / "out", {}

    def run(scheduler):
        try:
            found["made"] = run_shards(shards(tmp_path, "when_told"), out, scheduler=scheduler)
        except InputError as error:
            found["error"] = str(error)

    with Cluster(workers=2) as cluster:
        thread = threading.Thread(target=run, args=(cluster.address,))
        thread.start()
        tokens(tmp_path, 3)
        wait_for(3, out)
        cluster.workers[0].send_signal(signal.SIGKILL)
        tokens(tmp_path, 3)
        wait_for(6, out)
        cluster.scheduler.send_signal(signal.SIGKILL)
        thread.join(120)
        assert not thread.is_alive()
    assert "the scheduler went away" in found["error"]
    finished = ran(tmp_path)
    assert len(content(out)) == len(finished) == 6

    tokens(tmp_path, COUNT)
    with Cluster(workers=1) as cluster:
        run(cluster.address)
    assert found["made"] == EXPECTED
    assert ran(tmp_path) == list(range(COUNT))
    tokens(tmp_path, COUNT)
    assert run_shards(shards(tmp_path, "when_told"), tmp_path / "here", workers=1) == EXPECTED
    assert content(out) == content(tmp_path / "here")
