"""What the QUANOS paper claims, held against the rows of a study: what was found, and whether it holds.

A gain is that of adversarial loss, clean less adversarial accuracy, the paper's measure; it favours a network that has
less to lose, so the gain of adversarial accuracy stands beside it.
"""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from axmac.model.study.quanos.measured import COMMAND

__all__ = ["claims_row"]

_LEVEL = 0.05
_NAMES = {"fgsm": "FGSM", "pgd": "PGD"}
_POINT = 0.01

Row = Mapping[str, Any]
Claim = dict[str, Any]


def claims_row(rows: Sequence[Row], same_size: int, absent: Sequence[str]) -> dict[str, Any]:
    """The row of kind ``claims``: ``claims`` [{claim, paper, ours, held}], ``same_size`` in bits, what is ``absent``.

    ``held`` is None where a study cannot say; ``command`` is what measures MACs.
    """
    models = {(row["label"], row["hardening"]): row for row in rows if row["kind"] == "model"}
    ablation = next((row for row in rows if row["kind"] == "ablation"), None)
    found = [
        *_robustness(models, same_size),
        _accuracy(models),
        *_costs(models),
        _lower_ans(models),
        *([] if ablation is None else [_middle(models), _ablation(ablation)]),
        *_hardened(models, same_size),
        *_strongest(models, same_size),
    ]
    return {"kind": "claims", "claims": found, "same_size": same_size, "absent": list(absent), "command": COMMAND}


def _claim(claim: str, paper: str, ours: str, held: bool | None) -> Claim:
    return {"claim": claim, "paper": paper, "ours": ours, "held": held}


def _quanos(models: Mapping[tuple, Row], hardening: str | None = None) -> Row:
    return models["QUANOS", hardening]


def _gains(own: Row, other: Row, attack: str) -> tuple[float, float]:
    """Mean gains of ``own`` over ``other`` over all eps of an attack: of adversarial loss, and of accuracy."""
    pairs = [(one, two) for one, two in zip(own["attacks"], other["attacks"], strict=True) if one["attack"] == attack]
    return mean(two["loss"] - one["loss"] for one, two in pairs), mean(one["rate"] - two["rate"] for one, two in pairs)


def _said(own: Row, other: Row) -> str:
    parts = []
    for attack, name in _NAMES.items():
        loss, rate = _gains(own, other, attack)
        parts.append(f"{name} {_points(loss)} in loss, {_points(rate)} in adversarial accuracy")
    return "; ".join(parts)


def _robustness(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    own, eight, same = _quanos(models), models["8-bit", None], models[f"{same_size}-bit", None]
    over_eight = [_gains(own, eight, attack)[0] for attack in _NAMES]
    over_same = [_gains(own, same, attack)[0] for attack in _NAMES]
    tests = [test["paired"] for test in own["attacks"]]
    better, worse = (_beyond(tests, sign) for sign in (1, -1))
    beyond = f"of {len(tests)} comparisons {better} better and {worse} worse beyond chance (McNemar, Holm)"
    return [
        _claim(
            "QUANOS is more robust than 8 bits",
            "3 to 4 points of loss (abstract), 4 to 7 (ResNet-18)",
            _said(own, eight),
            min(over_eight) >= 3 * _POINT,
        ),
        _claim(
            "QUANOS is more robust than a homogeneous network of its size",
            "10 points (FGSM) and 15 points (PGD) of loss",
            f"against {same_size} bits: {_said(own, same)}; {beyond}",
            over_same[0] >= 10 * _POINT and over_same[1] >= 15 * _POINT,
        ),
    ]


def _beyond(tests: Sequence[Row], sign: int) -> int:
    """How many tests show a difference of that sign beyond chance."""
    return sum(test["p_holm"] < _LEVEL and sign * (test["only_first"] - test["only_second"]) > 0 for test in tests)


def _accuracy(models: Mapping[tuple, Row]) -> Claim:
    own, eight = (models[label, None] for label in ("QUANOS", "8-bit"))
    printed = [row["paper"]["accuracy"] for row in (own, eight)]
    ours = [row["accuracy"]["rate"] for row in (own, eight)]
    change = ours[0] - ours[1]
    return _claim(
        "QUANOS is as accurate as 8 bits (within a point)",
        f"{_points(printed[0] - printed[1])} points",
        f"{_points(change)} points ({100 * ours[0]:.1f} against {100 * ours[1]:.1f} %)",
        change >= -_POINT,
    )


def _costs(models: Mapping[tuple, Row]) -> list[Claim]:
    own, eight = (models[label, None] for label in ("QUANOS", "8-bit"))
    memory = {net: eight["costs"][net]["memory"] / cost["memory"] for net, cost in own["costs"].items()}
    energies = {net: eight["costs"][net]["standard"] / cost["standard"] for net, cost in own["costs"].items()}
    printed_memory = eight["paper"]["memory"] / own["paper"]["memory"]
    printed_energy = eight["paper"]["energy"]["standard"] / own["paper"]["energy"]["standard"]
    return [
        _claim(
            "QUANOS takes a fifth of the memory of 8 bits",
            f"> 5 times less (abstract); its own table says {printed_memory:.1f}",
            _times(memory),
            min(memory.values()) > 5,
        ),
        _claim(
            "QUANOS takes half of the energy of 8 bits",
            f"> 2 times less (abstract); its own table says {printed_energy:.1f}",
            _times(energies),
            min(energies.values()) > 2,
        ),
    ]


def _times(ratios: Mapping[str, float]) -> str:
    return ", ".join(f"{ratio:.2f} times less ({net})" for net, ratio in ratios.items())


def _lower_ans(models: Mapping[tuple, Row]) -> Claim:
    own, wide = (models[label, None] for label in ("QUANOS", "16-bit"))
    means = [mean(row["ans"]["final"].values()) for row in (own, wide)]
    lower = sum(own["ans"]["final"][name] < ans for name, ans in wide["ans"]["final"].items())
    return _claim(
        "the trained QUANOS network has a lower ANS than that of 16 bits",
        "lower overall (figure 3a)",
        f"mean {means[0]:.3f} against {means[1]:.3f}; lower in {lower} of {len(own['ans']['final'])} layers",
        means[0] < means[1],
    )


def _middle(models: Mapping[tuple, Row]) -> Claim:
    ans = list(models["16-bit", None]["ans"]["final"].values())
    highest = sorted(sorted(range(len(ans)), key=lambda place: -ans[place])[:2])
    layers = [place + 1 for place in highest]
    return _claim(
        "the middle layers have the highest ANS",
        "layers 4 to 10, most of all 5 and 7, counting a pool (figure 1a)",
        f"most of all convolutions {layers[0]} and {layers[1]} of {len(ans)}",
        all(len(ans) / 4 < layer <= 2 * len(ans) / 3 for layer in layers),
    )


def _ablation(row: Row) -> Claim:
    found = row["correlation"]
    return _claim(
        "adversarial accuracy falls faster where layers of a high ANS are ablated",
        "layers 5 and 7 fall fastest (figure 1b)",
        "correlation of ANS and accuracy kept over "
        f"{len(row['layers'])} layers: {'n/a' if found is None else f'{found:+.2f}'}",
        None if found is None else found < 0,
    )


def _hardened(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    found = []
    for hardening, name in _NAMES.items():
        own = _quanos(models, hardening)
        for label in dict.fromkeys(label for label, hard in models if hard == hardening and label != "QUANOS"):
            other = models[label, hardening]
            losses = own["paper"]["losses"], other["paper"]["losses"]
            gains = [_gains(own, other, attack)[0] for attack in _NAMES]
            size = ", of its size" if label == f"{same_size}-bit" else ""
            found.append(
                _claim(
                    f"with {name} training QUANOS is more robust than {label}{size}",
                    "not compared" if None in losses else _printed_gain(*losses),
                    _said(own, other),
                    min(gains) > 0,
                )
            )
    return found


def _printed_gain(own: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]]) -> str:
    gains = [mean(other[attack]) - mean(own[attack]) for attack in _NAMES]
    named = [f"{name} {_points(gain)}" for name, gain in zip(_NAMES.values(), gains, strict=True)]
    return f"{', '.join(named)} points of loss, means over eps"


def _strongest(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    found = []
    for hardening in (None, *_NAMES):
        own, same = _quanos(models, hardening), models[f"{same_size}-bit", hardening]
        trained = f"with {_NAMES[hardening]} training " if hardening else ""
        pairs = zip(own["strongest"], same["strongest"], strict=True)
        parts = [
            f"eps {one['eps']}: {one['k']} against {two['k']} of {one['n']} stand{_chance(one)}" for one, two in pairs
        ]
        found.append(
            _claim(
                f"{trained}QUANOS stands the strongest attack better than a homogeneous network of its size",
                "not tried",
                f"against {same_size} bits, {'; '.join(parts)}",
                _beyond([one["paired"] for one in own["strongest"]], 1) == len(own["strongest"]),
            )
        )
    return found


def _chance(run: Row) -> str:
    return f" (p {run['paired']['p_holm']:.2g})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
