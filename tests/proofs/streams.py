"""What is proven of the pipelined module: the rules of its streams, from any state, by one step of induction.

What a state still holds is found by letting it drain: the words that leave it while nothing enters and the reader is
always ready (Burch and Dill, CAV 1994). A clock edge must change that list as it changes a queue. The proof starts from
every state of the registers, so it needs no invariant, and it covers runs of any length.
"""

from collections.abc import Callable

from axmac.gen import generate
from axmac.model.spec import FpMul
from proofs.netlist import Netlist
from proofs.significands import LAST_LEVEL
from proofs.solver import counterexample, substituted
from proofs.terms import Bits, all_of, choose, const, free, unknown_function

__all__ = ["STREAM_RULES", "stream_rules"]

STREAM_RULES = {
    "hold": "out_valid does not fall and out_p does not change before a transfer",
    "queue": "every pair that enters leaves once, in order, as the product of the combinational module",
    "reset": "a reset empties the pipeline",
    "latency": "with out_ready high a product leaves exactly `stages` cycles after its operands",
    "ready": "in_ready depends on nothing but the registers and out_ready, and is high where out_ready is",
    "outputs": "out_valid and out_p are functions of the registers alone",
}
_MODULE = {"tile_adder": "adder_tree", "booth_adder": "booth_adder", "multiply": "plain_product"}
_INPUTS = {"in_valid": 1, "out_ready": 1, "rst": 1}
Item = tuple[Bits, Bits]


def stream_rules(
    spec: FpMul, stages: int, seconds: float, verilog: Callable[[FpMul], str] = generate
) -> dict[str, dict[str, int] | None]:
    """A counterexample, or ``None`` where it is proven, for each rule of `STREAM_RULES`."""
    machine, core = _with_unknown_product(spec, verilog(spec), f"{spec.id}_s{stages}", spec.id)
    inputs = {name: free(name, width) for name, width in _INPUTS.items()}
    inputs |= {name: free(name, spec.format.width) for name in ("in_a", "in_b")}
    held = _drained(machine, stages, inputs)
    later = [(_after(machine, valid, inputs), _after(machine, word, inputs)) for valid, word in held]
    claims = {
        "hold": _hold(inputs, held[0], later[0]),
        "queue": _queue(core, machine, inputs, held, later),
        "reset": ~inputs["rst"] | all_of([~valid for valid, _ in later]),
        "latency": inputs["rst"] | ~inputs["out_ready"] | (later[stages - 1][0] == inputs["in_valid"]),
        "ready": _ready(machine, inputs),
        "outputs": _outputs(machine, inputs),
    }
    return {rule: counterexample(claim, seconds, show=inputs) for rule, claim in claims.items()}


def _with_unknown_product(spec: FpMul, text: str, *tops: str) -> list[Netlist]:
    """The modules, with one unknown function in place of the last step of the significand product in all of them.

    What holds for any such function holds for the actual one; the solver need not look into it.
    """
    place = LAST_LEVEL[type(spec.significand)]
    ports = ("sig_a", "sig_b") if place == "multiply" else ("terms",)
    netlists = [Netlist(text, top, emptied=f"{spec.id}_{_MODULE[place]}") for top in tops]
    widths = [netlists[0].wire(f"{place}.{port}").width for port in ports]
    function = unknown_function("product", netlists[0].wire(f"{place}.product").width, *widths)
    for netlist in netlists:
        netlist.define(f"{place}.product", function(*(netlist.wire(f"{place}.{port}") for port in ports)))
    return netlists


def _now(machine: Netlist, name: str, inputs: dict[str, Bits]) -> Bits:
    return substituted(machine.wire(name), [(machine.wire(port), value) for port, value in inputs.items()])


def _after(machine: Netlist, value: Bits, inputs: dict[str, Bits]) -> Bits:
    return machine.after_edge(value, inputs)


def _drained(machine: Netlist, stages: int, inputs: dict[str, Bits]) -> list[Item]:
    """What the output shows in this cycle and after 1 to ``stages`` edges while draining; the last must be nothing."""
    idle = inputs | {"in_valid": const(0, 1), "out_ready": const(1, 1), "rst": const(0, 1)}
    item = (machine.wire("out_valid"), machine.wire("out_p"))
    items = [item]
    for _ in range(stages):
        item = (_after(machine, item[0], idle), _after(machine, item[1], idle))
        items.append(item)
    return items


def _hold(inputs: dict[str, Bits], now: Item, later: Item) -> Bits:
    waits = now[0] & ~inputs["out_ready"] & ~inputs["rst"]
    return ~waits | (later[0] & (later[1] == now[1]))


def _queue(core: Netlist, machine: Netlist, inputs: dict[str, Bits], held: list[Item], later: list[Item]) -> Bits:
    """The list after the edge is the list before, less its head if that left, and then the product that entered."""
    entered = substituted(core.wire("p"), [(core.wire("a"), inputs["in_a"]), (core.wire("b"), inputs["in_b"])])
    enters = inputs["in_valid"] & _now(machine, "in_ready", inputs)
    leaves = held[0][0] & inputs["out_ready"]
    before = [(held[0][0] & ~leaves, held[0][1]), *held[1:-1], (enters, entered)]
    after = [*later[:-1], (const(0, 1), const(0, entered.width))]
    same = [~held[-1][0], ~later[-1][0]]
    for (valid, word), (valid_later, word_later) in zip(_packed(before), _packed(after), strict=True):
        same += [valid == valid_later, ~valid | (word == word_later)]
    return inputs["rst"] | all_of(same)


def _packed(items: list[Item]) -> list[Item]:
    """The same list with the gaps closed: item r is the valid one that r valid ones stand before."""
    width = len(items).bit_length()
    places, count = [], const(0, width)
    for valid, _ in items:
        places.append(count)
        count = count + valid.to(width)
    packed = []
    for rank in range(len(items)):
        found, word = const(0, 1), const(0, items[0][1].width)
        for (valid, value), place in zip(items, places, strict=True):
            here = valid & (place == rank)
            found, word = found | here, choose(here, value, word)
        packed.append((found, word))
    return packed


def _ready(machine: Netlist, inputs: dict[str, Bits]) -> Bits:
    ready = _now(machine, "in_ready", inputs)
    others = {name: free(f"other_{name}", value.width) for name, value in inputs.items() if name != "out_ready"}
    return (ready == _now(machine, "in_ready", inputs | others)) & (~inputs["out_ready"] | ready)


def _outputs(machine: Netlist, inputs: dict[str, Bits]) -> Bits:
    others = {name: free(f"other_{name}", value.width) for name, value in inputs.items()}
    names = ("out_valid", "out_p")
    return all_of([_now(machine, name, inputs) == _now(machine, name, others) for name in names])
