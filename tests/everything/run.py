"""Runs steps side by side, keeps what each one leaves, and goes on where a run before it was stopped."""

import fcntl
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kept import Kept

from everything.step import ROOT, Step

__all__ = ["Outcome", "run", "working_in"]

_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Outcome:
    """What became of a step: ``passed``, ``kept`` (it had passed before), ``failed``, or ``not run`` for what it needs.

    ``seconds`` are those of the run in which it passed or failed.
    """

    step: Step
    what: str
    seconds: float
    rows: list[dict]
    command: str
    log: Path

    @property
    def passed(self) -> bool:
        """Whether the step passed, now or before."""
        return self.what in ("passed", "kept")


@dataclass
class _Running:
    step: Step
    process: subprocess.Popen
    begin: float


class _Places:
    """The folders of the run: ``state`` of the steps that passed, result files in ``out``, and logs."""

    def __init__(self, folder: Path) -> None:
        self.state = Kept(folder / "state")
        self.folder = folder

    def out(self, step: Step) -> Path:
        return self.folder / "results" / step.slug

    def log(self, step: Step) -> Path:
        return self.folder / "logs" / f"{step.slug}.log"

    def identity(self, step: Step) -> dict[str, str]:
        command = step.command_line(self.out(step)).replace(f"{self.folder}/", "")
        return {"step": step.name, "command": command, "depends_on": step.identity}


@contextmanager
def working_in(folder: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Holds the folder against other runs; gives the file descriptor of the lock, which steps inherit.

    The steps of a run that was killed go on alone, so that ``waiting`` is called and the folder is free when they end.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def run(
    steps: Sequence[Step],
    folder: Path,
    jobs: int,
    report: Callable[[Outcome], None],
    started: Callable[[Sequence[str]], None] = lambda _names: None,
    lock: int | None = None,
) -> list[Outcome]:
    """Run what has not passed yet, ``jobs`` steps at a time, in the order in which they are given.

    ``report`` is told the outcome of each step, ``started`` the names of the steps that run now. A step that passes is
    written down in one piece before it is reported; one that fails runs again the next time. An interrupt ends all
    steps that run. ``lock`` is a file descriptor that the commands inherit.
    """
    return _Run(list(steps), _Places(folder), jobs, report, started, lock).all()


@dataclass
class _Run:
    waiting: list[Step]
    places: _Places
    jobs: int
    report: Callable[[Outcome], None]
    started: Callable[[Sequence[str]], None]
    lock: int | None
    running: list[_Running] = field(default_factory=list)
    done: dict[str, Outcome] = field(default_factory=dict)

    def all(self) -> list[Outcome]:
        """The outcomes in the order of the steps."""
        steps = list(self.waiting)
        for step in steps:
            before = self.places.state.read(step.slug, self.places.identity(step))
            if before is not None:
                self._finish(step, "kept", before["seconds"], before["rows"])
        try:
            while self.waiting or self.running:
                self._begin_what_may()
                self._end_what_has()
                time.sleep(_POLL_SECONDS if self.running else 0)
        finally:
            for one in self.running:
                one.process.terminate()
        return [self.done[step.name] for step in steps]

    def _finish(self, step: Step, what: str, seconds: float, rows: list[dict]) -> None:
        if step in self.waiting:
            self.waiting.remove(step)
        command, log = step.command_line(self.places.out(step)), self.places.log(step)
        self.done[step.name] = Outcome(step, what, seconds, rows, command, log)
        self.report(self.done[step.name])

    def _begin_what_may(self) -> None:
        for step in list(self.waiting):
            if any(need in self.done and not self.done[need].passed for need in step.needs):
                self._finish(step, "not run", 0.0, [])
            elif self._has_room(step):
                self.waiting.remove(step)
                self.running.append(_Running(step, _begin(step, self.places, self.lock), time.monotonic()))
                self._tell()

    def _has_room(self, step: Step) -> bool:
        """Whether a step may begin: what it needs is done, there are not too many, and none that measures time."""
        ahead = {other.name for other in self.waiting} | {one.step.name for one in self.running}
        crowded = len(self.running) >= self.jobs or any(one.step.alone for one in self.running)
        return not crowded and not (step.alone and self.running) and ahead.isdisjoint(step.needs)

    def _end_what_has(self) -> None:
        for one in [one for one in self.running if one.process.poll() is not None]:
            self.running.remove(one)
            seconds, rows = round(time.monotonic() - one.begin, 1), []
            passed = one.process.returncode == 0
            if passed:
                rows = one.step.rows(self.places.out(one.step))
                content = {"seconds": seconds, "rows": rows}
                self.places.state.write(one.step.slug, self.places.identity(one.step), content)
            self._finish(one.step, "passed" if passed else "failed", seconds, rows)
            self._tell()

    def _tell(self) -> None:
        self.started([one.step.name for one in self.running])


def _clear(out: Path, identity: str) -> None:
    """Empty the folder of a step unless what lies in it is of the same ``identity``: that the step may go on with."""
    mark = out / ".identity"
    if out.exists() and not (mark.exists() and mark.read_text() == identity):
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    mark.write_text(identity)


def _begin(step: Step, places: _Places, lock: int | None) -> subprocess.Popen:
    out, log = places.out(step), places.log(step)
    log.parent.mkdir(parents=True, exist_ok=True)
    _clear(out, json.dumps(places.identity(step)))
    environment = os.environ | {"OMP_NUM_THREADS": "1"} | step.variables(out)
    with open(log, "wb") as file:
        return subprocess.Popen(
            step.command(out),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            pass_fds=() if lock is None else (lock,),
        )
