"""Nested loops against Python's."""

from amaranth.sim import Simulator

from axmac.rtl.nest import Loop, Nest


def test_values_of_nested_loops():
    dut = Nest((Loop("i", 4, 20), Loop("j", 1, 4), Loop("k", 3, 8)))
    limit_i, limit_k = 11, 7
    expected = [
        (i, i // 4, j, k, k // 3, k + 3 >= limit_k)
        for i in range(0, limit_i, 4)
        for j in range(min(4, limit_i - i))
        for k in range(0, limit_k, 3)
    ]
    seen = []

    async def bench(ctx):
        ctx.set(dut.limit_i, limit_i)
        ctx.set(dut.limit_k, limit_k)
        for _ in range(2):  # it starts again from zero
            ctx.set(dut.start, 1)
            await ctx.tick()
            ctx.set(dut.start, 0)
            while ctx.get(dut.active):
                ctx.set(dut.limit_j, min(4, limit_i - ctx.get(dut.i)))
                ports = (dut.i, dut.i_index, dut.j, dut.k, dut.k_index, dut.k_end)
                seen.append(tuple(ctx.get(port) for port in ports))
                ctx.set(dut.step, 1)
                await ctx.tick()
                ctx.set(dut.step, 0)
                await ctx.tick()

    simulator = Simulator(dut)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert seen == expected * 2
    assert len(expected) == 33
