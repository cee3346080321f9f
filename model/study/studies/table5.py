"""Table 5 of the Ax-FPM paper (Guesmi et al., ASPLOS 2021): Ax-FPM beside defensive quantisation, on CIFAR-10.

The paper's quantised networks are those of its table 11; the official form of DoReFa, whose first layer stays float32,
is a column of ours.
"""

from axmac.model.study.quantised_table import APPROXIMATE, QuantisedTable

__all__ = ["STUDY"]

_FULL, _WEIGHTS = "DoReFa 4-bit, full", "DoReFa 4-bit, weights"

STUDY = QuantisedTable(
    title="Table 5: attacks on AlexNet, crafted on float32, shown to Ax-FPM and to quantised networks",
    net=("alexnet", "alexnet_s"),
    unit="ax_fpm",
    quantised={
        _FULL: ("dq_full", "dq_full_s"),
        _WEIGHTS: ("dq_weights", "dq_weights_s"),
        "DoReFa 4-bit, official": ("dq_official", "dq_official_s"),
    },
    paper={
        "fgsm": {APPROXIMATE: 38, _FULL: 60, _WEIGHTS: 61},
        "pgd": {APPROXIMATE: 31, _FULL: 74, _WEIGHTS: 73},
        "cw": {APPROXIMATE: 17, _FULL: 68, _WEIGHTS: 68},
    },
)
