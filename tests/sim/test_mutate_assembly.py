"""Faults planted in adder, MAC and arrays: the benches find all of them."""

import pytest

from axmac.gen.component import component_text
from axmac.model.spec import FLOAT32, InputError
from axmac.rtl.fp_add import FpAddPipeline
from axmac.sim.mutate_assembly import MUTATED, mutant_assembly, mutate_assembly

KINDS = {
    "adder": {"ready ignored", "sticky or guard dropped", "special case removed", "exponent off by one"},
    "mac": {"ready ignored", "accumulator", "accumulator order", "operand order", "pipeline"},
    "systolic-ws": {"ready ignored", "accumulator", "accumulator order", "weight buffer", "pipeline"},
    "mac8_standard": {"sign", "operand order", "partial product dropped", "accumulator", "ready ignored", "pipeline"},
    "systolic-os": {"ready ignored", "accumulator", "accumulator order", "operand order", "pipeline"},
}
KINDS |= {"mac16_standard": KINDS["mac8_standard"]}
KINDS |= {f"mac{width}_dg": KINDS["mac8_standard"] | {"data gating"} for width in (8, 16)}
KINDS |= {f"mac{width}_dvafs": KINDS["mac8_standard"] | {"lanes"} for width in (8, 16)}


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.verify_all if name.startswith("mac16") else ()) for name in MUTATED],
)
def test_every_kind_of_fault_is_planted_and_none_is_in_the_product(name):
    component, mutants, _ = mutant_assembly(name)
    assert [mutant.number for mutant in mutants] == list(range(1, len(mutants) + 1))
    assert {mutant.kind for mutant in mutants} >= KINDS[name]
    assert not [mutant for mutant in mutants if mutant.proof]
    assert "axmac_mutant" in component.text
    assert "mutant" not in component_text(FpAddPipeline(FLOAT32, 3), "fp32_add_s3").text


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("systolic-ws", 40),
        ("mac8_dvafs", 30),
        *(pytest.param(f"mac8_{kind}_g2", 20, marks=pytest.mark.verify_all) for kind in ("standard", "dg")),
    ],
)
def test_no_fault_survives(name, least):
    report = mutate_assembly(name, n=200)
    assert [mutant.what for mutant in report.mutants if mutant.outcome == "survived"] == []
    assert report.count("killed") == len(report.mutants) > least


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("engine-ws",),
            "no faults are known for 'engine-ws': use a unit or one of adder, mac, systolic-ws",
        ),
        (("adder", "icarus"), "mutants of 'adder' run on verilator"),
        (("adder", "verilator", 0), "n must be at least 1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        mutate_assembly(*arguments)
