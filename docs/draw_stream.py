"""Draws docs/stream.svg: the streams of a pipelined multiplier, as Amaranth's simulator runs it.

Run: .venv/bin/python docs/draw_stream.py
"""

from pathlib import Path

from amaranth.sim import Simulator

from axmac.model.spec import catalog
from axmac.rtl import MultiplierPipeline

CYCLES = 12
OFFERED = {1: "A", 2: "B", 3: "C", 5: "D"}
STALLED = (4, 5, 6)
OPERANDS = {"A": (0x3F800000, 0x3F800000), "B": (0x40000000, 0x3F800000), "C": (0x40400000, 0x3F800000)}
OPERANDS["D"] = (0x40800000, 0x3F800000)
STEP, LEFT, ROW, HIGH = 66, 110, 44, 24


def simulate() -> dict[str, list]:
    """The values of every cycle, sampled just before its closing clock edge."""
    unit = MultiplierPipeline(catalog["ax_fpm"], 3)
    names = ("in_valid", "in_ready", "in_a", "out_valid", "out_ready", "out_p")
    seen: dict[str, list] = {name: [] for name in names}

    async def drive(ctx) -> None:
        waiting = []
        for cycle in range(CYCLES):
            waiting += [OFFERED[cycle]] if cycle in OFFERED else []
            a, b = OPERANDS[waiting[0]] if waiting else (0, 0)
            for port, value in (("in_valid", bool(waiting)), ("in_a", a), ("in_b", b)):
                ctx.set(getattr(unit, port), value)
            ctx.set(unit.out_ready, cycle not in STALLED)
            await ctx.delay(0.4e-6)
            for name in names:
                seen[name].append(int(ctx.get(getattr(unit, name))))
            if waiting and seen["in_ready"][-1]:
                waiting.pop(0)
            await ctx.tick()

    simulator = Simulator(unit)
    simulator.add_clock(1e-6)
    simulator.add_testbench(drive)
    simulator.run()
    return seen


def draw(seen: dict[str, list]) -> str:
    """The picture as SVG text."""
    rows = ["clk", "in_valid", "in_ready", "in_a, in_b", "out_valid", "out_ready", "out_p"]
    letters = {pair[0]: letter for letter, pair in OPERANDS.items()}
    order = dict.fromkeys(p for p, valid in zip(seen["out_p"], seen["out_valid"], strict=True) if valid)
    products = dict(zip(order, OPERANDS, strict=True))
    body = []
    for index, name in enumerate(rows):
        top = 20 + index * ROW
        body.append(f'<text x="{LEFT - 12}" y="{top + 17}" text-anchor="end">{name}</text>')
        if name == "clk":
            body.append(_line(top, [bit for _ in range(CYCLES) for bit in (1, 0)], STEP / 2))
        elif name in ("in_a, in_b", "out_p"):
            bus, valid = ("in_a", "in_valid") if name.startswith("in") else ("out_p", "out_valid")
            words = [
                (letters if bus == "in_a" else products).get(word, "") if flag else ""
                for word, flag in zip(seen[bus], seen[valid], strict=True)
            ]
            body += [_word(top, cycle, word, bus == "out_p") for cycle, word in enumerate(words) if word]
        else:
            body.append(_line(top, seen[name], STEP))
    for x in range(CYCLES + 1):
        body.insert(0, f'<path d="M{LEFT + x * STEP} 12V{24 + len(rows) * ROW}" stroke="#ddd"/>')
    width, height = LEFT + CYCLES * STEP + 20, 40 + len(rows) * ROW
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="Helvetica, Arial, sans-serif" font-size="14">\n'
        f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


def _line(top: int, bits: list[int], step: float) -> str:
    points = []
    for index, bit in enumerate(bits):
        y = top if bit else top + HIGH
        points += [f"{LEFT + index * step:g},{y}", f"{LEFT + (index + 1) * step:g},{y}"]
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="#12304f" stroke-width="1.8"/>'


def _word(top: int, cycle: int, word: str, product: bool) -> str:
    x, text = LEFT + cycle * STEP, f"p({word})" if product else word
    box = f'<rect x="{x + 2}" y="{top}" width="{STEP - 4}" height="{HIGH}" rx="4" fill="#e3ecf7" stroke="#12304f"/>'
    return box + f'<text x="{x + STEP / 2}" y="{top + 17}" text-anchor="middle">{text}</text>'


if __name__ == "__main__":
    path = Path(__file__).with_name("stream.svg")
    path.write_text(draw(simulate()), encoding="utf-8")
    print(path)
