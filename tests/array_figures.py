"""What the benches of MACs, arrays and engines must have found."""

__all__ = ["assert_agreement", "assert_an_array_agrees", "assert_an_engine_agrees"]


def assert_agreement(figures, tests):
    """No mismatch, no breach of a stream's contract, and something compared."""
    for test in tests:
        assert figures[test]["compared"] > 0
        assert (figures[test]["mismatches"], figures[test]["protocol_errors"]) == (0, 0), figures[test]["first"]
    assert figures["coverage"].problem == ""


def assert_an_array_agrees(figures, dataflow, add_stages):
    """Also its latency, and work in every cycle at full load."""
    assert_agreement(figures, ("stalls", "slow_sink", "full_load"))
    full_load = figures["full_load"]
    assert full_load["latency"] == figures["expected"]["latency"]
    assert full_load["waves"] == full_load["cycles"] > 0  # each wave is rows x cols MACs: no cycle without
    if dataflow == "os":
        assert_agreement(figures, ("fewer_slots",))
        one_slot = figures["fewer_slots"]
        assert one_slot["cycles"] == (one_slot["waves"] - 1) * add_stages + 1  # one wave per addition


def assert_an_engine_agrees(figures, sizes, macs_per_wave):
    """Also its registers, and work in every cycle at full load."""
    assert_agreement(figures, ("products", "full_load", "reset"))
    assert figures["products"]["compared"] == sum(m * n for m, _, n in sizes)
    assert figures["products"]["state"] == 0  # not busy, nothing went wrong
    states = {"state_after_wrong_tlast": 0b1100, "state_without_tlast": 0b0110}
    assert figures["registers"] == {"refused": 5} | states
    busy = figures["full_load"]
    assert busy["waves"] * macs_per_wave == busy["macs"]
    assert busy["cycles"] == busy["waves"]  # rows x cols MACs in every cycle from the first wave to the last one
