"""What cells compute, registers among them: next states against the sentences of their data sheets."""

import pytest

from axmac.model.spec import InputError
from axmac.sim.cell_functions import cell_functions


def cell(kind, **nets):
    return {"type": kind, "connections": {pin: [net] for pin, net in nets.items()}}


def module(inputs, outputs, cells):
    ports = {name: {"direction": "input", "bits": [net]} for name, net in inputs.items()}
    ports |= {name: {"direction": "output", "bits": [net]} for name, net in outputs.items()}
    return {"ports": ports, "cells": {f"c{k}": inner for k, inner in enumerate(cells)}}


def value(found, ones, **words):
    slots = [0, ones, *(words[name] for name in found.inputs)]
    for operation, left, right in found.steps:
        slots.append(operation(slots[left], slots[right]))
    return slots[found.result]


ENABLED = module(
    {"CLK": 2, "D": 3, "DE": 5},
    {"Q": 4, "QN": 11},
    [
        cell("$_DFF_P_", C=2, D=9, Q=4),
        cell("$_DFF_P_", C=2, D=9, Q=10),
        cell("$_NOT_", A=10, Y=11),
        cell("$_MUX_", A=4, B=3, S=5, Y=9),
    ],
)


def test_a_register_with_enable_keeps_its_state_or_takes_its_input():
    found = cell_functions("edff", {"edff": ENABLED})
    assert set(found) == {"Q"}  # the inverted output is left out
    register = found["Q"]
    assert register.clock == "CLK"
    assert register.inputs == ("D", "DE", "Q")
    cases = [(d, de, q) for d in (0, 1) for de in (0, 1) for q in (0, 1)]
    words = {name: sum(bits[place] << k for k, bits in enumerate(cases)) for place, name in enumerate(("D", "DE", "Q"))}
    expected = sum((d if de else q) << k for k, (d, de, q) in enumerate(cases))
    assert value(register, 0xFF, **words) == expected


def test_gates_are_no_registers():
    inner = module({"A": 2, "B": 3}, {"Y": 4}, [cell("$_NAND_", A=2, B=3, Y=4)])
    found = cell_functions("nand2", {"nand2": inner})["Y"]
    assert not found.clock
    assert value(found, 0xF, A=0b0101, B=0b0011) == 0b1110
    assert not cell_functions("$_NOT_", {})["Y"].clock


@pytest.mark.parametrize(
    ("inner", "said"),
    [
        (module({"G": 2, "D": 3}, {"Q": 4}, [cell("$_DLATCH_P_", E=2, D=3, Q=4)]), "holds state"),
        (module({"C": 2, "D": 3}, {"QN": 5}, [cell("$_DFF_P_", C=2, D=3, Q=4), cell("$_NOT_", A=4, Y=5)]), "no output"),
        (module({"C": 2, "D": 3}, {"Q": 4}, [cell("$_DFF_P_", C=6, D=3, Q=4), cell("$_NOT_", A=2, Y=6)]), "its clock"),
        (module({"C": 2, "D": 3, "R": 5}, {"Q": 4}, [cell("$_DFF_PP0_", C=2, D=3, R=5, Q=4)]), "holds state"),
    ],
    ids=["latch", "inverted output", "falling edge", "reset"],
)
def test_state_that_is_not_simulated(inner, said):
    with pytest.raises(InputError, match=said):
        cell_functions("odd", {"odd": inner})


def test_an_unknown_cell():
    with pytest.raises(InputError, match="no function of cell nand3"):
        cell_functions("nand3", {})
