"""Bins of the arrays, from cycles that are written down by hand."""

from axmac.model.spec import catalog
from axmac.rtl.engine_config import EngineConfig
from axmac.sim.cover_arrays import OutputStationaryCover, WeightStationaryCover
from axmac.sim.cover_engine import EngineCover


def hit(cover, before):
    return {name for name, count in cover.hits.items() if count > before.get(name, 0)}


def see(cover, **pins):
    before = dict(cover.hits)
    cover.see(dict.fromkeys(cover.pins, 0) | pins)
    return hit(cover, before)


def test_a_weight_stationary_array():
    cover = WeightStationaryCover(rows=2)
    row, wave, out = {"weight_valid": 1, "weight_ready": 1}, {"in_valid": 1, "in_ready": 1}, {"out_ready": 1}
    assert see(cover, **row) == {"waves: input idle", "weights: flow"}
    waits = {"swap: waits for its weights", "waves: input waits", "weights: flow"}
    assert see(cover, in_valid=1, in_swap=1, **row) == waits
    assert see(cover, in_swap=1, **wave, **out) == {"swap: to the first tile", "waves: flows", "weights: idle"}
    first = {"weights: row 0 of the next tile while waves flow", "weights: flow", "waves: flows"}
    assert see(cover, **wave, **row, **out) == first
    assert see(cover, **row, out_valid=1) >= {"weights: taken while the output is stalled"}
    complete = {"weights: next tile complete, waves of the tile before still enter", "weights: wait", "waves: flows"}
    assert see(cover, **wave, **out, weight_valid=1) == complete
    assert "swap: right after a wave" in see(cover, in_swap=1, **wave, **out)
    assert "swap: waits for the output" in see(cover, in_valid=1, in_swap=1, out_valid=1)
    assert "swap: after a pause" in see(cover, in_swap=1, **wave, **out)
    assert [name for name, count in cover.hits.items() if not count] == [
        "waves: output stalled",
        "weights: row 1 of the next tile while waves flow",
    ]


def test_an_output_stationary_array():
    cover = OutputStationaryCover(rows=2, slots=2)
    wave = {"in_valid": 1, "in_ready": 1}
    assert see(cover, in_first=1, **wave) == {"slot 0: first wave", "waves: flows"}
    assert see(cover, in_slot=1, **wave) == {"slot 1: middle wave", "waves: flows"}
    assert see(cover, in_slot=1, in_last=1, **wave) == {"slot 1: last wave", "one slot in use", "waves: flows"}
    assert see(cover, in_valid=1, in_last=1) == {"waves: input waits"}
    assert see(cover, in_valid=1, in_last=1) == {"waves: input waits", "last wave waits for the results before"}
    assert "results: row 0 stalled" in see(cover, out_valid=1)
    assert see(cover, out_valid=1, out_ready=1) == {"waves: input idle"}
    assert "results: row 1 stalled" in see(cover, out_valid=1)
    assert "results: next slot in the next cycle" not in see(cover, out_valid=1, out_ready=1)
    assert "results: next slot in the next cycle" in see(cover, out_valid=1)
    assert "results: stalled while a wave enters" in see(cover, out_valid=1, **wave)


def test_an_engine():
    cover = EngineCover(EngineConfig(catalog["bf16_array_ama5_t4"], 4, 4, "ws", max_k=16, max_n=16))
    none = {
        f"{name}_{pin}": 0 for name in ("activations", "weights", "results") for pin in ("tvalid", "tready", "tlast")
    }
    before = dict(cover.hits)
    cover.see(none | {"wave": 1, "results_tvalid": 1, "results_tready": 1, "results_tlast": 1})
    names = {"results: flow", "results: TLAST with the last beat", "results go out while waves enter"}
    assert hit(cover, before) == names | {"a wave after a pause", "activations: idle", "weights: idle"}
    before = dict(cover.hits)
    cover.begin(1, 6, 3, early=True)
    assert hit(cover, before) == {
        "M: 1",
        "K: several tiles, the last in part",
        "N: part of a tile",
        "operands before the start",
    }
    before = dict(cover.hits)
    cover.begin(64, 8, 4, early=False)
    assert hit(cover, before) >= {"M: whole tiles", "K: whole tiles", "N: whole tiles", "a product after a product"}
    cover.partial_beat(3, 2)
    assert cover.hits["operands: the last beat in part"] == 1
