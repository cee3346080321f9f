import json

import pytest

from axmac.cli.emit import emit
from axmac.cli.main import main
from axmac.model.golden import multiply
from axmac.model.spec import InputError, catalog
from axmac.sim.stimulus import stimulus


def test_a_bundle_has_all_class_pairs_and_n_random_ones_from_golden(tmp_path, capsys):
    spec = catalog["bf16_booth_to_fp32"]
    emit([spec.id], folder=tmp_path, count=20, seed=4)
    a, b = stimulus(spec, 20, 4)
    lines = (tmp_path / f"{spec.id}_vectors.hex").read_text(encoding="utf-8").splitlines()
    vectors = [tuple(int(word, 16) for word in line.split()) for line in lines]
    assert vectors == list(zip(a.tolist(), b.tolist(), multiply(spec, a, b).tolist(), strict=True))
    assert len(vectors) > 1000
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed) == sorted(str(path) for path in tmp_path.iterdir())


def test_stages_of_a_bundle(tmp_path):
    emit(["bf16_booth"], folder=tmp_path, count=0, stages=2)
    assert "bf16_booth_s2" in (tmp_path / "README.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("units", [{"units": ["ax_fpm", "fp32"]}, {"everything": True}], ids=["two", "all"])
def test_a_bundle_is_of_one_unit(units, tmp_path):
    with pytest.raises(InputError, match="--bundle takes one unit, not"):
        emit(**units, folder=tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("kind", ["adder", "mac", "systolic", "engine"])
def test_arrays_are_emitted_with_their_parameters(kind, capsys, tmp_path):
    words = ["emit", kind, "--mul", "bf16", "--rows", "2", "--cols", "3", "--dataflow", "os", "--add-stages", "2"]
    with pytest.raises(SystemExit) as stop:
        main([*words, "--out", str(tmp_path)])
    assert stop.value.code == 0
    assert "sha256" in capsys.readouterr().out
    (verilog,) = tmp_path.glob("*.v")
    manifest = json.loads(verilog.with_suffix(".json").read_text(encoding="utf-8"))
    name = manifest["modules"][-1]["name"]
    assert f"module {name}" in verilog.read_text(encoding="utf-8")
    assert f"toplevel: {name}" in verilog.with_suffix(".core").read_text(encoding="utf-8")
    if kind in ("systolic", "engine"):
        assert (manifest["parameters"]["rows"], manifest["parameters"]["cols"]) == (2, 3)
        assert manifest["parameters"]["dataflow"] == "os"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["systolic", "--rows", "0"], "rows must be"),
        (["engine", "--dataflow", "is"], "dataflow must be"),
        (["systolic", "ax_fpm"], "is emitted alone"),
        (["adder", "--stages", "2"], "give an adder --add-stages"),
        (["mac", "--mul", "nothing"], "unknown unit 'nothing'"),
    ],
)
def test_wrong_parameters_of_arrays(words, message, capsys, tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["emit", *words, "--out", str(tmp_path / "out")])
    assert stop.value.code == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
