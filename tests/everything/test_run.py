"""A run that is killed goes on where it was; what failed or changed runs again, what passed does not."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from kept import Kept

from everything.run import run
from everything.step import ROOT, Step

RUN = """
import json, sys
from pathlib import Path
from everything.run import run, working_in
from everything.step import Step

def rows(folder):
    return [{"subject": folder.name}]

folder, flag = map(Path, sys.argv[1:])
note = "import sys; open(sys.argv[1], 'a').write(sys.argv[2] + chr(10))"
wait = note + "; import os, time" + chr(10) + "while not os.path.exists(sys.argv[3]): time.sleep(0.02)"
steps = [Step(f"quick/{k}", "python", ("-c", note, str(folder / "ran"), f"quick/{k}"), "same", rows) for k in range(4)]
steps.insert(2, Step("slow", "python", ("-c", wait, str(folder / "ran"), "slow", str(flag)), "same", rows))
steps.append(Step("last", "python", ("-c", note, str(folder / "ran"), "last"), "same", rows, needs=("slow",)))
with working_in(folder, lambda: (folder / "waits").touch()) as lock:
    outcomes = run(steps, folder, 2, lambda outcome: None, lock=lock)
print(json.dumps({outcome.step.name: [outcome.what, outcome.rows] for outcome in outcomes}))
"""
QUICK = [f"quick/{number}" for number in range(4)]


def begin(folder, flag):
    words = [sys.executable, "-c", RUN, str(folder), str(flag)]
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}
    return subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True)


def ran(folder):
    path = folder / "ran"
    return path.read_text(encoding="utf-8").split() if path.exists() else []


def test_a_run_that_is_killed_goes_on_and_repeats_nothing(tmp_path):
    folder, flag = tmp_path / "run", tmp_path / "flag"
    first = begin(folder, flag)
    state, deadline = folder / "state", time.monotonic() + 60
    while len(list(state.glob("*.json"))) < 4 or "slow" not in ran(folder):
        assert time.monotonic() < deadline
        assert first.poll() is None
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.communicate()
    assert sorted(ran(folder)) == sorted([*QUICK, "slow"])
    assert {json.loads(path.read_text())["step"] for path in state.iterdir()} == set(QUICK)

    second, deadline = begin(folder, flag), time.monotonic() + 30
    while not (folder / "waits").exists() and time.monotonic() < deadline:  # for the step that is left over
        time.sleep(0.02)
    flag.touch()
    text, _ = second.communicate(timeout=60)
    assert (folder / "waits").exists()
    assert second.returncode == 0
    outcomes = json.loads(text)
    assert {name: what for name, (what, _) in outcomes.items()} == dict.fromkeys(QUICK, "kept") | {
        "slow": "passed",
        "last": "passed",
    }
    assert [rows for _, rows in outcomes.values()] == [[{"subject": name.replace("/", "-")}] for name in outcomes]
    assert sorted(ran(folder)) == sorted([*QUICK, "slow", "slow", "last"])


def step(name, code, **known):
    return Step(name, "python", ("-c", code), known.pop("identity", "same"), **known)


def outcomes_of(steps, folder, jobs=2):
    return [outcome.what for outcome in run(steps, folder, jobs, lambda _outcome: None)]


def test_what_failed_runs_again_and_what_needs_it_waits(tmp_path):
    steps = [step("bad", "raise SystemExit(3)"), step("good", "pass"), step("after", "pass", needs=("bad",))]
    found = run(steps, tmp_path, 2, lambda _outcome: None)
    assert [outcome.what for outcome in found] == ["failed", "passed", "not run"]
    assert found[0].command == f"PYTHONPATH=tests {steps[0].command(Path())[0].removeprefix(f'{ROOT}/')} " + (
        "-c 'raise SystemExit(3)'"
    )
    assert outcomes_of(steps, tmp_path) == ["failed", "kept", "not run"]


@pytest.mark.parametrize(("identity", "code"), [("other", "pass"), ("same", "pass; pass")])
def test_another_source_or_command_runs_again(identity, code, tmp_path):
    assert outcomes_of([step("one", "pass")], tmp_path) == ["passed"]
    assert outcomes_of([step("one", "pass")], tmp_path) == ["kept"]
    assert outcomes_of([step("one", code, identity=identity)], tmp_path) == ["passed"]


def test_a_damaged_state_is_no_state(tmp_path):
    assert outcomes_of([step("one", "pass")], tmp_path) == ["passed"]
    path = Kept(tmp_path / "state").path("one")
    path.write_text(path.read_text()[:-20])
    assert outcomes_of([step("one", "pass")], tmp_path) == ["passed"]


def test_nothing_runs_beside_a_step_that_measures_time(tmp_path):
    steps = [step(name, "import time; time.sleep(0.1)", alone=name == "alone") for name in ("a", "b", "alone", "c")]
    together = []
    run(steps, tmp_path, 2, lambda _outcome: None, started=lambda names: together.append(sorted(names)))
    assert ["a", "b"] in together
    assert [names for names in together if "alone" in names] == [["alone"]]


def leaves(name, identity, then="pass"):
    code = f"import pathlib, sys; pathlib.Path(sys.argv[1], {name!r}).touch(); {then}"
    return Step("one", "python", ("-c", code, "{out}"), identity, lambda folder: [{"files": files_in(folder)}])


def files_in(folder):
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def test_a_step_finds_what_it_left_itself_and_nothing_of_another_identity(tmp_path):
    fail = "raise SystemExit(int(not pathlib.Path(sys.argv[1], 'b').exists()))"
    for made, expected in (
        (leaves("a", "first"), ["a"]),
        (leaves("b", "second"), ["b"]),
    ):
        (outcome,) = run([made], tmp_path, 1, lambda _outcome: None)
        assert outcome.rows == [{"files": expected}]
    again = leaves("c", "third", fail)
    assert outcomes_of([again], tmp_path) == ["failed"]
    (tmp_path / "results" / "one" / "b").touch()
    (outcome,) = run([again], tmp_path, 1, lambda _outcome: None)
    assert outcome.rows == [{"files": ["b", "c"]}]
