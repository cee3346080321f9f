"""Energy of a netlist from counted transitions, by the power model of Liberty.

Energy per product = sum over the outputs of cells of transitions x (C V^2 / 2 + E), and leakage x clock period:

* C, the load, as OpenSTA sees it: pins, 10 fF at an output of the netlist, and the library's default wire load;
* E, the cell's internal energy of one transition: ``internal_power`` of the output pin at its load and at the slew
  that OpenSTA finds at the related pin, the mean of rise and fall and of all related pins and conditions;
* ``internal_power`` of input pins: the mean of rise and fall at each transition of the pin;
* leakage: the mean over the conditions that the library gives, else ``cell_leakage_power``.

As in OpenSTA, what charges the nets of the input ports is energy of whoever drives them.
"""

import json
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from axmac.gen.liberty import Group, Library
from axmac.gen.mapping import Mapped
from axmac.gen.sta import Timing
from axmac.model.spec import InputError

__all__ = ["Energy", "PowerModel", "interpolated"]


@dataclass(frozen=True)
class Energy:
    """pJ per product: ``switching`` of loads, ``internal`` of cells, ``leakage`` in one clock period, their sum."""

    switching: float
    internal: float
    leakage: float

    @property
    def total(self) -> float:
        """All together."""
        return self.switching + self.internal + self.leakage

    def as_dict(self) -> dict[str, float]:
        """The four values."""
        return {"switching": self.switching, "internal": self.internal, "leakage": self.leakage, "total": self.total}


class PowerModel:
    """What each transition of each driver pin costs, in J, and what the netlist leaks, in W.

    The load of a cell with several outputs is taken to be the same at each. Input ports have slew 0, as have the
    outputs of parts: instances of modules that are no cells, whose inside is not in the sums.
    """

    def __init__(self, mapped: Mapped, library: Library, timing: Timing) -> None:
        module = json.loads(mapped.netlist.read_text(encoding="utf-8"))["modules"][mapped.top]
        self._library = library
        self._farad = library.unit("capacitive_load")
        self._templates = {group.arguments[0]: group for group in library.head.of("power_lut_template")}
        kinds = library.cells(mapped.cells)
        pins = {kind: {name: pin for pin in cell.of("pin") for name in pin.arguments} for kind, cell in kinds.items()}
        self.switching: dict[str, float] = {}
        self.internal: dict[str, float] = Counter()
        self.leakage = sum(count * self._leakage(kinds[kind]) for kind, count in mapped.cells.items())
        sources = {net: f"{n}[{i}]" for n, port in module["ports"].items() for i, net in enumerate(port["bits"])}
        gates = {name: cell for name, cell in module["cells"].items() if cell["type"] in mapped.cells}
        parts = {name: cell for name, cell in module["cells"].items() if name not in gates}
        sources |= {
            net: f"{name}/{port}[{i}]"
            for name, cell in parts.items()
            for port, nets in cell["connections"].items()
            if cell["port_directions"][port] == "output"
            for i, net in enumerate(nets)
        }
        sources |= {net: f"{name}/{pin}" for name, cell in gates.items() for pin, net in _outputs(cell)}
        for name, cell in gates.items():
            outputs, connected = _outputs(cell), {pin: nets for pin, nets in cell["connections"].items() if nets}
            slew_of = {p: timing.slews.get(sources.get(n, ""), (0.0, 0.0)) for p, (n,) in connected.items()}
            joule = timing.loads[name] / len(outputs)
            load = 2 * joule / library.voltage**2
            for pin, (net,) in connected.items():
                found = pins[cell["type"]][pin]
                if (pin, net) in outputs:
                    self.switching[f"{name}/{pin}"] = joule
                    self.internal[f"{name}/{pin}"] += self._internal(found, slew_of, load)
                elif net in sources:
                    self.internal[sources[net]] += self._internal(found, {"": slew_of[pin]}, 0.0)

    def energy(self, activity: Mapping[str, float], period: float) -> Energy:
        """Energy per product at a clock ``period`` in ns; ``activity``: transitions per product of each driver pin.

        Raises ``InputError`` for an activity that does not name every driver pin.
        """
        missing = self.switching.keys() - activity.keys()
        if missing:
            raise InputError(f"the activity has no value for {len(missing)} pins, for example {min(missing)}")
        switching = sum(activity[pin] * joule for pin, joule in self.switching.items())
        internal = sum(activity.get(pin, 0.0) * joule for pin, joule in self.internal.items())
        return Energy(switching * 1e12, internal * 1e12, self.leakage * period * 1e-9 * 1e12)

    def _leakage(self, cell: Group) -> float:
        values = [group.number("value") for group in cell.of("leakage_power") if "value" in group.simple]
        default = cell.number("cell_leakage_power", self._library.head.number("default_cell_leakage_power", 0.0))
        return (sum(values) / len(values) if values else default) * self._library.unit("leakage_power")

    def _internal(self, pin: Group, slew_of: Mapping[str, tuple[float, float]], load: float) -> float:
        """J of a transition: the mean over all tables of the pin; ``slew_of`` by related pin, "" where there is none.

        The slew is the mean of the related pin's rise and fall. The tables' unit is that of capacitance, times V^2.
        """
        found = []
        for group in pin.of("internal_power"):
            related = group.simple.get("related_pin", "").split() or [""]
            for name in related:
                slew = sum(slew_of.get(name, (0.0, 0.0))) / 2
                tables = [table for table in group.groups if table.kind in ("rise_power", "fall_power", "power")]
                values = [self._table(table, slew, load) for table in tables]
                if values:
                    found.append(sum(values) / len(values))
        return sum(found) / len(found) * self._farad if found else 0.0

    def _table(self, table: Group, slew: float, load: float) -> float:
        template = self._templates.get(table.arguments[0] if table.arguments else "")
        variables = [] if template is None else [template.simple.get(f"variable_{k}", "") for k in (1, 2)]
        known = {
            "input_transition_time": slew * 1e-9 / self._library.unit("time"),
            "total_output_net_capacitance": load / self._farad,
        }
        points = [known.get(name, 0.0) for name in variables if name]
        axes = []
        for k in range(1, len(points) + 1):
            text = table.complex.get(f"index_{k}") or template.complex.get(f"index_{k}", [])
            axes.append(_numbers(text))
        return interpolated(_numbers(table.complex.get("values", ["0"])), axes, points)


def interpolated(values: list[float], axes: list[list[float]], points: list[float]) -> float:
    """A table of up to two axes, row-major, at ``points``: linear between its entries, and on beyond its ends.

    Raises ``InputError`` for a table with other than the product of its axes' lengths entries.
    """
    size = 1
    for axis in axes:
        size *= len(axis)
    if len(values) != size:
        raise InputError(f"Liberty: a table has {len(values)} values where its axes have {size}")
    if not axes:
        return values[0]
    axis, rest = axes[0], axes[1:]
    width = size // len(axis)
    if len(axis) == 1:
        return interpolated(values, rest, points[1:])
    low = min(max(bisect_right(axis, points[0]) - 1, 0), len(axis) - 2)
    share = (points[0] - axis[low]) / (axis[low + 1] - axis[low])
    ends = [interpolated(values[width * k : width * (k + 1)], rest, points[1:]) for k in (low, low + 1)]
    return ends[0] + share * (ends[1] - ends[0])


def _outputs(cell: dict) -> list[tuple[str, int]]:
    """Pins and nets that a cell of Yosys' JSON drives."""
    return [
        (pin, nets[0]) for pin, nets in cell["connections"].items() if nets and cell["port_directions"][pin] == "output"
    ]


def _numbers(texts: list[str]) -> list[float]:
    return [float(word) for text in texts for word in text.replace("\\", " ").replace(",", " ").split()]
