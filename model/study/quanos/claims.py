"""What the QUANOS paper claims, held against the rows of a study: what was found, and whether it holds.

A gain is that of adversarial loss, clean less adversarial accuracy, the paper's measure; it favours a network that has
less to lose, so the gain of adversarial accuracy stands beside it, and both must be above 0. Gains are means over the
eps of the figure or table that makes the claim, with 95 % intervals over images, which say nothing about another seed
of training. A claim about gains holds where all of them are above its bound, and does not hold where one is below, in
both cases beyond chance: by normal tests whose errors are those of the intervals, their p corrected by Holm over all
gains that the claims of a study are judged by. Else it is open.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from axmac.model.attack.statistics import binomial_p, holm
from axmac.model.study.quanos.measured import COMMAND
from axmac.model.study.quanos.plan import FIGURE_EPS

__all__ = ["claims_row"]

_LEVEL = 0.05
_NAMES = {"fgsm": "FGSM", "pgd": "PGD"}
_POINT = 0.01
_SCALABLE = ("DG", "DVAFS")
_MIDDLE = range(3, 9)
_CHANCE = 0.1
"""Of ten classes."""
_WIDTH = 1.96
"""Half the width of a 95 % interval, in standard errors."""

Row = Mapping[str, Any]
Claim = dict[str, Any]


def claims_row(rows: Sequence[Row], same_size: int, absent: Sequence[str]) -> dict[str, Any]:
    """The row of kind ``claims``: ``claims`` [{claim, paper, ours, held}], ``same_size`` in bits, what is ``absent``.

    ``held`` is None where a study leaves it open; ``command`` is what measures MACs.
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
    _judge([claim for claim in found if "gains" in claim])
    return {"kind": "claims", "claims": found, "same_size": same_size, "absent": list(absent), "command": COMMAND}


def _claim(claim: str, paper: str, ours: str, held: bool | None) -> Claim:
    return {"claim": claim, "paper": paper, "ours": ours, "held": held}


def _of_gains(claim: str, paper: str, ours: str, gains: Sequence[Row], least: float = 0.0) -> Claim:
    """A claim that ``gains`` are above ``least``; `_judge` says whether it holds."""
    return {"claim": claim, "paper": paper, "ours": ours, "gains": list(gains), "least": least}


def _judge(claims: Sequence[Claim]) -> None:
    """Gives claims about gains ``held`` in place of these, by the tests of all of them together."""
    corrected = iter(holm([_p(gain, claim["least"]) for claim in claims for gain in claim["gains"]]))
    for claim in claims:
        least = claim.pop("least")
        above = [gain["value"] > least if next(corrected) < _LEVEL else None for gain in claim.pop("gains")]
        claim["held"] = False if False in above else None if None in above or not above else True


def _p(gain: Row, least: float) -> float:
    """Two-sided p of a gain that is ``least``; 1 where it does not vary and is."""
    low, high = gain["interval"]
    beyond, error = abs(gain["value"] - least), (high - low) / 2 / _WIDTH
    return math.erfc(beyond / error / math.sqrt(2)) if error else float(beyond == 0)


def _quanos(models: Mapping[tuple, Row], hardening: str | None = None) -> Row:
    return models["QUANOS", hardening]


def _said(gains: Row) -> str:
    """The gains of both attacks in points, with intervals."""
    parts = []
    for attack, name in _NAMES.items():
        found = gains[attack]
        parts.append(f"{name} {_change(found['loss'])} in loss, {_change(found['accuracy'])} in adversarial accuracy")
    return "; ".join(parts)


def _change(found: Row) -> str:
    low, high = found["interval"]
    return f"{_points(found['value'])} ({_points(low)} to {_points(high)})"


def _both(gains: Row) -> list[Row]:
    """The gains of loss and of adversarial accuracy, under both attacks."""
    return [gains[attack][measure] for attack in _NAMES for measure in ("loss", "accuracy")]


def _robustness(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    own = _quanos(models)
    eight, same = (own["gains"][f"{bits}-bit"]["figure"] for bits in (8, same_size))
    tests = [run["paired"] for run in own["attacks"] if run["eps"] in FIGURE_EPS[run["attack"]]]
    better, worse = (_beyond(tests, sign) for sign in (1, -1))
    beyond = f"of {len(tests)} comparisons {better} better and {worse} worse beyond chance (McNemar, Holm)"
    return [
        _of_gains(
            "QUANOS is more robust than 8 bits",
            "3 to 4 points of loss (abstract), 4 to 7 (ResNet-18)",
            _said(eight),
            _both(eight),
        ),
        _of_gains(
            "QUANOS is more robust than a homogeneous network of its size",
            "10 points (FGSM) and 15 points (PGD) of loss",
            f"against {same_size} bits: {_said(same)}; {beyond}",
            _both(same),
        ),
    ]


def _beyond(tests: Sequence[Row], sign: int) -> int:
    """How many tests show a difference of that sign beyond chance."""
    return sum(test["p_holm"] < _LEVEL and sign * (test["only_first"] - test["only_second"]) > 0 for test in tests)


def _accuracy(models: Mapping[tuple, Row]) -> Claim:
    own, eight = (models[label, None] for label in ("QUANOS", "8-bit"))
    printed = [row["paper"]["accuracy"] for row in (own, eight)]
    ours = [row["accuracy"]["rate"] for row in (own, eight)]
    change = own["gains"]["8-bit"]["clean"]
    return _of_gains(
        "QUANOS is as accurate as 8 bits (within a point)",
        f"{_points(printed[0] - printed[1])} points",
        f"{_change(change)} points ({100 * ours[0]:.1f} against {100 * ours[1]:.1f} %)",
        [change],
        -_POINT,
    )


def _costs(models: Mapping[tuple, Row]) -> list[Claim]:
    own, eight = (models[label, None] for label in ("QUANOS", "8-bit"))
    memory = {net: eight["costs"][net]["memory"] / cost["memory"] for net, cost in own["costs"].items()}
    printed_memory = eight["paper"]["memory"] / own["paper"]["memory"]
    energies = {net: _saved(cost, eight["costs"][net]) for net, cost in own["costs"].items()}
    printed = {name: eight["paper"]["energy"][name] / own["paper"]["energy"][name] for name in _SCALABLE}
    return [
        _claim(
            "QUANOS takes a fifth of the memory of 8 bits",
            f"> 5 times less (abstract); its own table says {printed_memory:.1f}",
            ", ".join(f"{ratio:.2f} times less ({net})" for net, ratio in memory.items()),
            min(memory.values()) > 5,
        ),
        _claim(
            "QUANOS takes half of the energy of 8 bits on scalable MACs",
            f"> 2 times less (abstract); its own table says {_listed(printed)}",
            "; ".join(f"{_listed(ratios)} times less ({net})" for net, ratios in energies.items()),
            min(ratio for ratios in energies.values() for ratio in ratios.values()) > 2,
        ),
    ]


def _saved(own: Row, other: Row) -> dict[str, float]:
    """How many times less energy an image takes on scalable MACs, by the paper's factors and on MACs of ours."""
    ratios = {name: other["printed"][name] / own["printed"][name] for name in _SCALABLE}
    if own["measured"] is not None:
        ratios |= {f"{name} measured": other["measured"][name] / own["measured"][name] for name in _SCALABLE}
    return ratios


def _listed(ratios: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())


def _lower_ans(models: Mapping[tuple, Row]) -> Claim:
    own, wide = (models[label, None]["ans"]["final"] for label in ("QUANOS", "16-bit"))
    means = [mean(values.values()) for values in (own, wide)]
    lower, higher = (sum(sign * (ans - own[name]) > 0 for name, ans in wide.items()) for sign in (1, -1))
    p = binomial_p(lower, higher)
    return _claim(
        "the trained QUANOS network has a lower ANS than that of 16 bits",
        "lower overall (figure 3a)",
        f"mean {means[0]:.3f} against {means[1]:.3f}; lower in {lower} of {len(own)} layers (sign test, p {p:.2g})",
        lower > higher if p < _LEVEL else None,
    )


def _middle(models: Mapping[tuple, Row]) -> Claim:
    """Figure 1a counts pools: behind two convolutions, and behind two more. Its layers 4 to 10 are `_MIDDLE`."""
    ans = list(models["16-bit", None]["ans"]["final"].values())
    highest = sorted(sorted(range(len(ans)), key=lambda place: -ans[place])[:2])
    layers = [place + 1 for place in highest]
    return _claim(
        "the middle layers have the highest ANS",
        f"convolutions {_MIDDLE[0]} to {_MIDDLE[-1]}, most of all 4 and 5 (figure 1a)",
        f"most of all convolutions {layers[0]} and {layers[1]} of {len(ans)}",
        all(layer in _MIDDLE for layer in layers),
    )


def _ablation(row: Row) -> Claim:
    """Open, too, where the intact network is no better than chance: nothing can fall from there."""
    found, p, intact = row["correlation"], row["p"], row["intact"] / row["n"]
    said = "n/a" if found is None else f"{found:+.2f} (p {p:.2g})"
    return _claim(
        "adversarial accuracy falls faster where layers of a high ANS are ablated",
        "convolutions 4 and 5 fall fastest (figure 1b)",
        f"correlation of ANS and accuracy kept over {len(row['layers'])} layers: {said}; {100 * intact:.1f} % intact",
        None if found is None or p >= _LEVEL or intact <= _CHANCE else found < 0,
    )


def _hardened(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    found = []
    for hardening, name in _NAMES.items():
        own = _quanos(models, hardening)
        for label, gains in own["gains"].items():
            losses = own["paper"]["losses"], models[label, hardening]["paper"]["losses"]
            size = ", of its size" if label == f"{same_size}-bit" else ""
            found.append(
                _of_gains(
                    f"with {name} training QUANOS is more robust than {label}{size}",
                    "not compared" if None in losses else _printed_gain(*losses),
                    _said(gains["table"]),
                    _both(gains["table"]),
                )
            )
    return found


def _printed_gain(own: Mapping[str, Sequence[float]], other: Mapping[str, Sequence[float]]) -> str:
    gains = [mean(other[attack]) - mean(own[attack]) for attack in _NAMES]
    named = [f"{name} {_points(gain)}" for name, gain in zip(_NAMES.values(), gains, strict=True)]
    return f"{', '.join(named)} points of loss, means over eps"


def _strongest(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    """By the eps at which an image stands at all on either network."""
    found = []
    for hardening in (None, *_NAMES):
        own, same = _quanos(models, hardening), models[f"{same_size}-bit", hardening]
        trained = f"with {_NAMES[hardening]} training " if hardening else ""
        pairs = list(zip(own["strongest"], same["strongest"], strict=True))
        parts = [
            f"eps {one['eps']}: {one['k']} against {two['k']} of {one['n']} stand{_chance(one)}" for one, two in pairs
        ]
        gains = own["gains"][f"{same_size}-bit"]["strongest"]
        found.append(
            _of_gains(
                f"{trained}QUANOS stands the strongest attack better than a homogeneous network of its size",
                "not tried",
                f"against {same_size} bits, {'; '.join(parts)}",
                [gains[one["eps"]] for one, two in pairs if one["k"] + two["k"]],
            )
        )
    return found


def _chance(run: Row) -> str:
    return f" (p {run['paired']['p_holm']:.2g})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
