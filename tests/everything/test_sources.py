import pytest
from kept import digest

from axmac.model.spec import catalog
from everything import steps
from everything.figures import merge
from everything.sources import closure
from everything.step import ROOT


def names(*roots):
    return {str(path.relative_to(ROOT)) for path in closure(roots)}


def test_what_a_bench_imports():
    found = names("sim/bench.py")
    assert {"sim/coverage.py", "model/golden/fp_mul.py", "model/spec/designs.py", "sim/pipeline_bench.py"} <= found
    assert not {path for path in found if path.startswith(("cli/", "model/nn", "tests/", "model/fast"))}


def test_what_a_test_imports():
    found = names("tests/sim/test_arrays.py")
    assert {"tests/sim/test_arrays.py", "sim/arrays.py", "rtl/fp_add.py", "gen/verilog.py"} <= found
    assert "tests/kept.py" in names("tests/proofs/ledger.py")


def test_a_changed_file_has_another_digest(tmp_path):
    file = tmp_path / "one.py"
    file.write_text("1")
    before = digest([file]), digest([tmp_path])
    file.write_text("2")
    assert before[0] != digest([file])
    assert before[1] != digest([tmp_path])


def test_parts_of_a_subject_become_one_row():
    parts = [
        {"subject": "x", "kind": "unit", "sampled": {"icarus": 1}},
        {"subject": "y", "kind": "unit"},
        {"subject": "x", "kind": "unit", "sampled": {"verilator": 2}, "proven": 3},
    ]
    x, y = merge(parts)
    assert x == {"subject": "x", "kind": "unit", "sampled": {"icarus": 1, "verilator": 2}, "proven": 3}
    assert y == parts[1]


@pytest.mark.parametrize("make", [steps._regression, steps._mutants, steps._coverage])
def test_every_unit_has_its_steps(make):
    assert {step.name.split("/")[1] for step in make()} >= set(catalog)


def test_every_floating_point_unit_is_proven():
    assert {step.name.split("/")[1] for step in steps._proofs()} == set(catalog.floats)
