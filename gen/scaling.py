"""Supply voltage and energy at constant throughput: a model on top of what was measured at the library's voltage.

A unit that is given ``slack`` times the time of its critical path may run at a lower voltage. Delay follows the
alpha-power law, V / (V - Vt)^alpha (Sakurai and Newton, IEEE JSSC 25(2), 1990), dynamic energy V^2. It is a model: no
figure of the library at another voltage is in it. The lowest voltage is the share of the nominal one that the QUANOS
paper sweeps to (1 V to .8 V).
"""

__all__ = ["ALPHA", "LEAST_SHARE", "THRESHOLD_SHARE", "stretched", "supply_share"]

ALPHA = 1.3
"""Velocity saturation of short channels."""
THRESHOLD_SHARE = 0.35
"""Threshold voltage as a share of the nominal supply voltage."""
LEAST_SHARE = 0.8

_STEPS = 60


def stretched(share: float) -> float:
    """Delay at ``share`` of the nominal voltage, as a multiple of that at the nominal voltage."""
    return share * ((1 - THRESHOLD_SHARE) / (share - THRESHOLD_SHARE)) ** ALPHA


def supply_share(slack: float) -> float:
    """The lowest share of the nominal voltage, `LEAST_SHARE` to 1, at which delay grows no more than ``slack``
    times; 1 where there is no slack."""
    low, high = LEAST_SHARE, 1.0
    if slack <= 1:
        return high
    if stretched(low) <= slack:
        return low
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if stretched(middle) <= slack else (middle, high)
    return high
