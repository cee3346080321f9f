import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from axmac.model.spec import InputError
from axmac.sim import assemblies
from axmac.sim.assemblies import verify_assembly
from axmac.sim.bins import report_of
from axmac.sim.code_coverage import code_coverage
from axmac.sim.regress import RegressResult, junit, regress

PASSED = RegressResult("bf16_booth", "icarus", 100, 7, 1000, 0, 0, 50, 50, 0, 1.5, "")
FAILED = replace(PASSED, simulator="verilator", mismatches=3, problem="a=0x1 b=0x2 golden=0x3 dut=0x4\nstages")


def test_units_on_both_simulators():
    results = list(regress(["bf16_array_ama5_t4"], n=100, seed=3))
    assert sorted(result.simulator for result in results) == ["icarus", "verilator"]
    for result in results:
        assert result.problem == ""
        assert result.compared > 2000
        assert result.exhaustive == 65_536
        assert result.hit + result.unreachable == result.bins


def test_an_assembly():
    (result,) = regress(["adder"], ["icarus"], n=100)
    assert result.problem == ""
    assert result.hit == result.bins > 150
    assert result.compared > 1500
    assert result.command == "axmac regress adder --sim icarus --n 100 --seed 1"


def test_a_precision_scalable_mac():
    (result,) = regress(["mac8_standard_g2"], ["icarus"], n=100)
    assert result.problem == ""
    assert (result.exhaustive, result.mismatches) == (2 << 16, 0)
    assert result.compared > result.exhaustive
    assert result.hit + result.unreachable == result.bins > 30
    assert result.command == "axmac regress mac8_standard_g2 --sim icarus --n 100 --seed 1"


def test_a_wrong_product_of_a_mac_fails(monkeypatch):
    right = {"compared": 5, "mismatches": 0, "first": "", "protocol_errors": 0, "bubbles": 0, "latency": 2}
    covered = report_of({"group: bin": 1})
    wrong = {"compared": 9, "mismatches": 2, "exhaustive": 8, "first": "mac8_dg: a=0x01"}
    monkeypatch.setattr(assemblies, "verify_scalable", lambda *_: {"full_load": right, "coverage": covered})
    monkeypatch.setattr(assemblies, "verify_products", lambda *_, **__: wrong)
    report = verify_assembly("mac8_dg", "icarus", 10, 1)
    assert (report.compared, report.exhaustive, report.mismatches) == (14, 8, 2)
    assert report.problem == "mac8_dg: a=0x01"


def test_what_goes_wrong_is_a_result(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "build").write_text("a file")
    (result,) = regress(["bf16_booth"], ["icarus"], n=100)
    assert not result.passed
    assert "choose another folder" in result.problem


def test_junit(tmp_path):
    junit([PASSED, FAILED], tmp_path / "folder" / "junit.xml")
    suite = ET.parse(tmp_path / "folder" / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    cases = suite.findall("testcase")
    assert [case.get("classname") for case in cases] == ["icarus", "verilator"]
    assert cases[0].find("failure") is None
    assert cases[1].find("failure").get("message") == "axmac verify bf16_booth --sim verilator --n 100 --seed 7"
    assert cases[1].find("failure").text == FAILED.problem


@pytest.mark.parametrize(
    "arguments",
    [{"n": 0}, {"seed": -1}, {"jobs": -1}, {"sims": ["modelsim"]}, {"units": ["no"]}, {"units": ["mac8_no"]}],
)
def test_bad_arguments(arguments):
    with pytest.raises(InputError):
        list(regress(**arguments))


@pytest.mark.verify_all
def test_code_coverage_by_module():
    modules = code_coverage("bf16_booth", n=500)
    by_name = {(module.module, module.kind): module for module in modules}
    pack = by_name["bf16_booth_pack", "toggle"]
    assert 0 < pack.hit == pack.points
    core = by_name["bf16_booth", "toggle"]
    assert {"line", "branch", "toggle"} >= {module.kind for module in modules}
    assert {"sig_a[7]:1->0", "sig_b[7]:1->0"} <= {name.split(": ")[1] for name in core.missed}  # hidden bits
    assert core.hit == core.points - len(core.missed)
