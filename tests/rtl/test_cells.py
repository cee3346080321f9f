import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from axmac.model.spec import AMA5, CELLS, FullAdder
from axmac.rtl.cells import full_adder

XNOR_CELL = FullAdder("10010110", "11101000")  # complement of the exact cell


def outputs(cell):
    m = Module()
    a, b, cin, sum_out, cout = (Signal(name=name) for name in ("a", "b", "cin", "sum", "cout"))
    made = full_adder(cell, a, b, cin)
    m.d.comb += [sum_out.eq(made[0]), cout.eq(made[1])]
    rows = []

    async def bench(ctx):
        for row in range(8):
            for signal, bit in zip((a, b, cin), f"{row:03b}", strict=True):
                ctx.set(signal, int(bit))
            rows.append((ctx.get(sum_out), ctx.get(cout)))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    return tuple("".join(str(row[k]) for row in rows) for k in (0, 1))


@pytest.mark.parametrize("cell", [*CELLS.values(), XNOR_CELL], ids=lambda cell: cell.name)
def test_gates_give_the_truth_table(cell):
    assert outputs(cell) == (cell.sum, cell.cout)


def test_every_three_input_function():
    wrong = []
    for table in range(256):
        column = f"{table:08b}"
        if outputs(FullAdder(column, column)) != (column, column):
            wrong.append(column)
    assert wrong == []


def test_ama5_is_two_wires():
    a, b, cin = Signal(), Signal(), Signal()
    sum_out, cout = full_adder(AMA5, a, b, cin)
    assert sum_out is b
    assert cout is a
