"""What the QUANOS paper claims, held against the rows of a study: what was found, and whether it holds.

A gain is that of adversarial loss, clean less adversarial accuracy, the paper's measure; it favours a network that has
less to lose, so the gain of adversarial accuracy stands beside it, and both must be above 0. Gains are means over the
eps of the figure or table that makes the claim, with 95 % intervals over images: these say whether a claim holds, and
leave it open where they contain the bound. They say nothing about another seed of training.
"""

from collections.abc import Mapping, Sequence
from statistics import mean
from typing import Any

from axmac.model.attack.statistics import binomial_p
from axmac.model.study.quanos.measured import COMMAND

__all__ = ["claims_row"]

_LEVEL = 0.05
_NAMES = {"fgsm": "FGSM", "pgd": "PGD"}
_POINT = 0.01
_SCALABLE = ("DG", "DVAFS")
_MIDDLE = range(3, 9)

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
    return {"kind": "claims", "claims": found, "same_size": same_size, "absent": list(absent), "command": COMMAND}


def _claim(claim: str, paper: str, ours: str, held: bool | None) -> Claim:
    return {"claim": claim, "paper": paper, "ours": ours, "held": held}


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


def _above(found: Sequence[Row], least: float = 0.0) -> bool | None:
    """Whether all differences are above ``least``: by their intervals; None where these leave it open."""
    intervals = [difference["interval"] for difference in found]
    if any(high <= least for _, high in intervals):
        return False
    return True if all(low > least for low, _ in intervals) else None


def _more_robust(gains: Row) -> bool | None:
    """Gains of loss and of adversarial accuracy, under both attacks."""
    return _above([gains[attack][measure] for attack in _NAMES for measure in ("loss", "accuracy")])


def _robustness(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    own = _quanos(models)
    eight, same = (own["gains"][f"{bits}-bit"]["figure"] for bits in (8, same_size))
    tests = [test["paired"] for test in own["attacks"]]
    better, worse = (_beyond(tests, sign) for sign in (1, -1))
    beyond = f"of {len(tests)} comparisons {better} better and {worse} worse beyond chance (McNemar, Holm)"
    return [
        _claim(
            "QUANOS is more robust than 8 bits",
            "3 to 4 points of loss (abstract), 4 to 7 (ResNet-18)",
            _said(eight),
            _more_robust(eight),
        ),
        _claim(
            "QUANOS is more robust than a homogeneous network of its size",
            "10 points (FGSM) and 15 points (PGD) of loss",
            f"against {same_size} bits: {_said(same)}; {beyond}",
            _more_robust(same),
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
    return _claim(
        "QUANOS is as accurate as 8 bits (within a point)",
        f"{_points(printed[0] - printed[1])} points",
        f"{_change(change)} points ({100 * ours[0]:.1f} against {100 * ours[1]:.1f} %)",
        _above([change], -_POINT),
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
    found, p = row["correlation"], row["p"]
    said = "n/a" if found is None else f"{found:+.2f} (p {p:.2g})"
    return _claim(
        "adversarial accuracy falls faster where layers of a high ANS are ablated",
        "convolutions 4 and 5 fall fastest (figure 1b)",
        f"correlation of ANS and accuracy kept over {len(row['layers'])} layers: {said}",
        None if found is None or p >= _LEVEL else found < 0,
    )


def _hardened(models: Mapping[tuple, Row], same_size: int) -> list[Claim]:
    found = []
    for hardening, name in _NAMES.items():
        own = _quanos(models, hardening)
        for label, gains in own["gains"].items():
            losses = own["paper"]["losses"], models[label, hardening]["paper"]["losses"]
            size = ", of its size" if label == f"{same_size}-bit" else ""
            found.append(
                _claim(
                    f"with {name} training QUANOS is more robust than {label}{size}",
                    "not compared" if None in losses else _printed_gain(*losses),
                    _said(gains["table"]),
                    _more_robust(gains["table"]),
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
        sure = _beyond([one["paired"] for one in own["strongest"]], 1) == len(own["strongest"])
        held = _above(list(own["gains"][f"{same_size}-bit"]["strongest"].values()))
        found.append(
            _claim(
                f"{trained}QUANOS stands the strongest attack better than a homogeneous network of its size",
                "not tried",
                f"against {same_size} bits, {'; '.join(parts)}",
                None if held and not sure else held,
            )
        )
    return found


def _chance(run: Row) -> str:
    return f" (p {run['paired']['p_holm']:.2g})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
