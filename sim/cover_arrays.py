"""What the benches of systolic arrays must have seen, cycle by cycle: streams, tiles, weight banks, slots, results."""

from axmac.sim.bins import STREAM_BINS, stream_bin

__all__ = ["OutputStationaryCover", "WeightStationaryCover"]


class _Cover:
    """Hits by bin; `see` takes the pins of one cycle, with settled values."""

    pins: tuple[str, ...] = ("in_valid", "in_ready", "out_valid", "out_ready")

    def __init__(self, names: list[str]) -> None:
        self.hits = dict.fromkeys([f"waves: {name}" for name in STREAM_BINS] + names, 0)
        self._flowed = False

    def _stream(self, pins: dict[str, int]) -> tuple[bool, bool]:
        """Counts the waves' cycle; whether a wave enters, and whether the output is stalled."""
        four = {name: bool(pins[name]) for name in _Cover.pins}
        self.hits[f"waves: {stream_bin(**four)}"] += 1
        return four["in_valid"] and four["in_ready"], four["out_valid"] and not four["out_ready"]


class WeightStationaryCover(_Cover):
    """The weight stream beside the waves, and every way in which a swap meets the weights of its tile."""

    pins = (*_Cover.pins, "in_swap", "weight_valid", "weight_ready")

    def __init__(self, rows: int) -> None:
        names = ["weights: flow", "weights: idle", "weights: wait", "weights: taken while the output is stalled"]
        names += [f"weights: row {row} of the next tile while waves flow" for row in range(rows)]
        names += ["weights: next tile complete, waves of the tile before still enter"]
        names += [f"swap: {what}" for what in ("to the first tile", "right after a wave", "after a pause")]
        names += ["swap: waits for its weights", "swap: waits for the output"]
        super().__init__(names)
        self._rows, self._loaded, self._tiles = rows, 0, 0

    def see(self, pins: dict[str, int]) -> None:
        """One cycle."""
        enters, stalled = self._stream(pins)
        self._see_weights(pins, enters=enters, stalled=stalled)
        if pins["in_valid"] and pins["in_swap"] and not pins["in_ready"]:
            self.hits[f"swap: waits for {'the output' if stalled else 'its weights'}"] += 1
        if enters and pins["in_swap"]:
            what = "right after a wave" if self._flowed else "after a pause"
            self.hits[f"swap: {what if self._tiles else 'to the first tile'}"] += 1
            self._tiles, self._loaded = self._tiles + 1, 0
        self._flowed = enters

    def _see_weights(self, pins: dict[str, int], *, enters: bool, stalled: bool) -> None:
        if enters and not pins["in_swap"] and self._loaded == self._rows:
            self.hits["weights: next tile complete, waves of the tile before still enter"] += 1
        if not pins["weight_valid"]:
            self.hits["weights: idle"] += 1
        elif not pins["weight_ready"]:
            self.hits["weights: wait"] += 1
        else:
            self.hits["weights: flow"] += 1
            self.hits["weights: taken while the output is stalled"] += stalled
            if enters and self._tiles:
                self.hits[f"weights: row {self._loaded % self._rows} of the next tile while waves flow"] += 1
            self._loaded += 1


class OutputStationaryCover(_Cover):
    """Every slot's first, middle and last wave, and the results that are drained while waves flow."""

    pins = (*_Cover.pins, "in_slot", "in_first", "in_last")

    def __init__(self, rows: int, slots: int) -> None:
        names = [f"slot {slot}: {part} wave" for slot in range(slots) for part in ("first", "middle", "last")]
        names += [f"results: row {row} stalled" for row in range(rows)]
        names += ["results: next slot in the next cycle", "results: stalled while a wave enters"]
        names += ["last wave waits for the results before"]
        names += ["one slot in use"] * (slots > 1)
        super().__init__(names)
        self._rows, self._slots = rows, slots
        self._row, self._waited, self._slot, self._drained = 0, 0, -1, False

    def see(self, pins: dict[str, int]) -> None:
        """One cycle."""
        enters, stalled = self._stream(pins)
        waits = pins["in_valid"] and pins["in_last"] and not pins["in_ready"]
        self._waited = self._waited + 1 if waits else 0
        self.hits["last wave waits for the results before"] += self._waited >= self._slots
        self.hits["results: stalled while a wave enters"] += stalled and enters
        if enters:
            part = "first" if pins["in_first"] else "last" if pins["in_last"] else "middle"
            self.hits[f"slot {pins['in_slot']}: {part} wave"] += 1
            if self._slots > 1 and self._slot == pins["in_slot"]:
                self.hits["one slot in use"] += 1
            self._slot = pins["in_slot"]
        if stalled:
            self.hits[f"results: row {self._row} stalled"] += 1
        self.hits["results: next slot in the next cycle"] += bool(pins["out_valid"]) and self._drained
        if pins["out_valid"] and not stalled:
            self._row = (self._row + 1) % self._rows
        self._drained = bool(pins["out_valid"]) and not stalled and self._row == 0
