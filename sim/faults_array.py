"""The faults that `axmac mutate` plants at the ports of MACs, systolic arrays and their elements."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Value

from axmac.sim.fault import Fault, Ports

__all__ = [
    "ORDER",
    "adder_port_faults",
    "array_port_faults",
    "element_faults",
    "mac_port_faults",
    "scalable_port_faults",
]

ORDER = "rows of a tile are added in the wrong order"

Changes = dict[str, Callable[[Ports], Value]]


def adder_port_faults() -> list[Fault]:
    """Of the pipelined adder."""
    return [*_handshake(), Fault("second operand one cycle late", "pipeline", {"in_b": lambda p: p["late in_b"]})]


def mac_port_faults() -> list[Fault]:
    """Of a MAC."""
    faults = [
        Fault("accumulator dropped", "accumulator", {"in_acc": _constant(0)}),
        Fault("accumulator of the product before", "accumulator order", {"in_acc": lambda p: p["late in_acc"]}),
        Fault("result one cycle late", "pipeline", {"out_sum": lambda p: p["late out_sum"]}),
        Fault("operands swapped", "operand order", {"in_a": lambda p: p["in_b"], "in_b": lambda p: p["in_a"]}),
        Fault("weight one cycle late", "pipeline", {"in_b": lambda p: p["late in_b"]}),
    ]
    return [*_handshake(), *faults]


def scalable_port_faults(modes: str) -> list[Fault]:
    """Of a precision-scalable MAC; ``modes``: the kind of faults of its mode, empty where it has one mode only."""
    late = {"clear": "accumulator", "a_signed": "sign", "b": "pipeline"} | ({"mode": modes} if modes else {})
    faults = [
        Fault("sums never begin anew", "accumulator", {"in_clear": _constant(0)}),
        Fault("sums always begin anew", "accumulator", {"in_clear": _constant(1)}),
        Fault("sums one cycle late", "pipeline", {"out_acc": lambda p: p["late out_acc"]}),
    ]
    for name, kind in late.items():
        faults.append(Fault(f"{name} one cycle late", kind, {f"in_{name}": lambda p, name=name: p[f"late in_{name}"]}))
    return [*_handshake(), *faults]


def array_port_faults(dataflow: str, rows: int, width: int) -> list[Fault]:
    """Of a whole array; ``width`` are the bits of an activation."""
    if dataflow == "os":
        return [
            *_handshake(),
            Fault("last of a slot not seen", "accumulator", {"in_last": _constant(0)}),
            Fault("results of another slot", "accumulator order", {"out_slot": lambda p: p["out_slot"] ^ 1}),
        ]

    def reversed_rows(p: Ports) -> Value:
        return Cat(p["in_a"].word_select(rows - 1 - row, width) for row in range(rows))

    return [
        *_handshake(),
        Fault("weight_ready ignored", "ready ignored", {"weight_ready": _constant(1)}),
        Fault("weights taken without valid", "ready ignored", {"weight_valid": _constant(1)}),
        Fault("no tile is ever switched", "weight buffer", {"in_swap": _constant(0)}),
        Fault("partial sums of the wave before", "accumulator order", {"in_psum": lambda p: p["late in_psum"]}),
        Fault(ORDER, "accumulator order", {"in_a": reversed_rows}),
    ]


def element_faults(dataflow: str, row: int, col: int, rows: int, cols: int) -> list[Fault]:
    """Of the element in ``row`` and ``col``; registers that nothing reads have none."""
    table = _weight_stationary(row, col, rows, cols) if dataflow == "ws" else _output_stationary(row, col, rows, cols)
    return [
        Fault(f"element {row} {col}: {what}", kind, changes)
        for kind, of in table.items()
        for what, changes in of.items()
    ]


def _handshake() -> list[Fault]:
    table: dict[str, Changes] = {
        "out_ready ignored": {"out_ready": _constant(1)},
        "in_ready always set": {"in_ready": _constant(1)},
    }
    faults = [Fault(what, "ready ignored", changes) for what, changes in table.items()]
    faults.append(Fault("in_valid ignored", "valid ignored", {"in_valid": _constant(1)}))
    return [*faults, Fault("out_valid one cycle late", "pipeline", {"out_valid": lambda p: p["late out_valid"]})]


def _weight_stationary(_row: int, col: int, _rows: int, cols: int) -> dict[str, dict[str, Changes]]:
    registers: dict[str, Changes] = {"register of psum doubled": {"psum_down": lambda p: p["late psum_down"]}}
    if col < cols - 1:
        registers |= _registers({"a_right": "a", "swap_right": "swap"})
    return {
        "weight buffer": {
            "weights not switched": {"swap": _constant(0)},
            "weights switched at once": {"swap": _constant(1)},
            "weight not loaded": {"load": _constant(0)},
            "weight loaded in every cycle": {"load": _constant(1)},
        },
        "accumulator": {"partial sum dropped": {"psum": _constant(0)}},
        "ready ignored": {"moves while the array stands still": {"enable": _constant(1)}},
        "pipeline": registers,
    }


def _output_stationary(row: int, col: int, rows: int, cols: int) -> dict[str, dict[str, Changes]]:
    registers: dict[str, Changes] = {"register of the results doubled": {"drain_out": lambda p: p["late drain_out"]}}
    right = {f"{name}_right": name for name in ("a", "valid", "slot", "first", "last")} if col < cols - 1 else {}
    down = {"b_down": "b"} if row < rows - 1 else {}
    registers |= _registers(right | down)
    shift: dict[str, Changes] = {"results not shifted": {"shift": _constant(0)}} if row < rows - 1 else {}
    return {
        "accumulator": {
            "sum not cleared": {"first": _constant(0)},
            "sum always cleared": {"first": _constant(1)},
            "sum not handed over": {"last": _constant(0)},
            "adds without valid": {"valid": _constant(1)},
        },
        "accumulator order": {
            "sum of another slot": {"slot": lambda p: p["slot"] ^ 1},
            "result of another slot": {"take_slot": lambda p: p["take_slot"] ^ 1},
        },
        "operand order": {"operands swapped": {"a": lambda p: p["b"], "b": lambda p: p["a"]}},
        "ready ignored": {"results not taken": {"take": _constant(0)}} | shift,
        "pipeline": registers,
    }


def _registers(of: dict[str, str]) -> dict[str, Changes]:
    """Registers from input to output, missing and doubled."""
    missing = {f"register of {name} missing": {out: lambda p, name=name: p[name]} for out, name in of.items()}
    doubled = {f"register of {name} doubled": {out: lambda p, out=out: p[f"late {out}"]} for out, name in of.items()}
    return missing | doubled


def _constant(value: int) -> Callable[[Ports], Value]:
    return lambda _ports: Const(value, 1)
