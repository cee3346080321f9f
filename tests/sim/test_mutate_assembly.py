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
    "systolic-os": {"ready ignored", "accumulator", "accumulator order", "operand order", "pipeline"},
}


@pytest.mark.parametrize("name", MUTATED)
def test_every_kind_of_fault_is_planted_and_none_is_in_the_product(name):
    component, mutants, _ = mutant_assembly(name)
    assert [mutant.number for mutant in mutants] == list(range(1, len(mutants) + 1))
    assert {mutant.kind for mutant in mutants} >= KINDS[name]
    assert not [mutant for mutant in mutants if mutant.proof]
    assert "axmac_mutant" in component.text
    assert "mutant" not in component_text(FpAddPipeline(FLOAT32, 3), "fp32_add_s3").text


def test_no_fault_of_the_weight_stationary_array_survives():
    report = mutate_assembly("systolic-ws", n=1)
    assert [mutant.what for mutant in report.mutants if mutant.outcome == "survived"] == []
    assert report.count("killed") == len(report.mutants) > 40


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("engine-ws",), "no faults are known for 'engine-ws': use a unit or one of adder, mac"),
        (("adder", "icarus"), "mutants of 'adder' run on verilator"),
        (("adder", "verilator", 0), "n must be at least 1"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(InputError, match=message):
        mutate_assembly(*arguments)
