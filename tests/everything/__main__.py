"""``python -m everything``: runs all that has not passed yet, shows a bar and a summary, and writes the result.

Exit status 0 where all has passed, 1 otherwise.
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from axmac.cli.output import print_table
from axmac.model.report import new_result, save, table_of
from everything.figures import merge
from everything.run import Outcome, run, working_in
from everything.step import Step
from everything.steps import SEED, all_steps

FOLDER = Path("build", "verify-all")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the steps whose names begin with what the command line names, all by default."""
    parser = argparse.ArgumentParser(prog="python -m everything", description=__doc__)
    parser.add_argument("steps", nargs="*", help="how the names of the wanted steps begin, for example regress/adder")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="steps at a time")
    parser.add_argument("--list", action="store_true", help="only show the names of the steps")
    options = parser.parse_args(arguments)
    steps = [step for step in all_steps() if step.name.startswith(tuple(options.steps) or "")]
    if options.list:
        print("\n".join(step.name for step in steps))
        return 0
    wanted = {need for step in steps for need in step.needs} - {step.name for step in steps}
    steps = [step for step in all_steps() if step.name in wanted] + steps if wanted else steps
    folder = FOLDER.resolve()
    with working_in(folder, _say_that_it_waits) as lock, _shown(steps) as (report, started):
        outcomes = run(steps, folder, options.jobs, report, started, lock)
    return summary(outcomes, folder, whole=not options.steps)


def summary(outcomes: Sequence[Outcome], folder: Path, *, whole: bool) -> int:
    """Prints a line a group and one for each failure, writes the result of a ``whole`` run; the exit status."""
    groups = dict.fromkeys(outcome.step.group for outcome in outcomes)
    rows = []
    for group in groups:
        own = [outcome for outcome in outcomes if outcome.step.group == group]
        counts = Counter(outcome.what for outcome in own)
        seconds = sum(outcome.seconds for outcome in own)
        whats = ("passed", "kept", "failed", "not run")
        rows.append([group, str(len(own)), *(str(counts[what]) for what in whats), f"{seconds:,.0f}"])
    print_table("all checks", ["group", "steps", "passed", "passed before", "failed", "not run", "seconds"], rows)
    failed = [outcome for outcome in outcomes if not outcome.passed]
    for outcome in failed:
        print(f"{outcome.what}: {outcome.step.name}\n  again: {outcome.command}\n  log:   {outcome.log}")
    if whole:
        alarms = tuple(f"{outcome.what}: {outcome.step.name}" for outcome in failed)
        parts = [row for outcome in outcomes for row in outcome.rows]
        result = new_result("verification", merge(parts), seed=SEED, alarms=alarms)
        print_table(*table_of(result))
        print(f"result: {save(result, folder / 'verification.json')}")
    return 1 if failed else 0


def _say_that_it_waits() -> None:
    print(f"another run, or what is left of one, works in {FOLDER}: waiting for its end", file=sys.stderr, flush=True)


@contextmanager
def _shown(steps: Sequence[Step]) -> Iterator[tuple]:
    """A bar over all steps where stderr is a terminal, with the names of those that run; and a line for each step."""
    console = Console(stderr=True)
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    done = 0
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("verify-all", total=len(steps))

        def report(outcome: Outcome) -> None:
            nonlocal done
            done += 1
            bar.update(task, completed=done)
            if outcome.what != "kept":
                line = f"[{done}/{len(steps)}] {outcome.what}: {outcome.step.name}, {outcome.seconds:.1f} s"
                bar.console.print(line, markup=False, highlight=False, soft_wrap=True)

        def started(names: Sequence[str]) -> None:
            bar.update(task, description=" and ".join(names) or "verify-all")

        yield report, started


if __name__ == "__main__":
    sys.exit(main())
