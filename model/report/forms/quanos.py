"""Studies of QUANOS: claims, widths, cost and adversarial loss of a hybrid network beside homogeneous ones."""

from collections.abc import Mapping
from statistics import mean
from typing import Any

from axmac.model.report.forms.quanos_panels import draw
from axmac.model.report.forms.quanos_rows import ATTACKS, models_of, name_of, nets_of, row_of
from axmac.model.report.words import Table, interval, number, p_value, percent, points, study_title

__all__ = ["draw", "sentence", "short", "tables"]

_HELD = {True: "yes", False: "no", None: "open"}
_CONFIGS = ("DG", "DVAFS")
_TABLED = (2 / 255, 8 / 255, 16 / 255)
"""The eps of tables IV and VII."""
_NEAR = 1e-6


def tables(result: dict[str, Any]) -> list[Table]:
    """All of `short`, energy, adversarial training, the strongest attack, the losses behind figures 3 and 4, layers,
    ablation, and the paper's tables checked.
    """
    found = [*short(result), _energy(result), _hardened(result), _strongest(result), _losses(result), _layers(result)]
    return [*found, *_ablation(result), _checks(result)]


def short(result: dict[str, Any]) -> list[Table]:
    """The tables that fit on a page: claims and networks."""
    return [_claims(result), _networks(result)]


def sentence(result: dict[str, Any]) -> str:
    """Which claims hold, how the networks were trained, and what is left out."""
    row = row_of(result, "claims")
    found = {verdict: [claim["claim"] for claim in row["claims"] if claim["held"] is verdict] for verdict in _HELD}
    held, missed, left = ("; ".join(claims) or "nothing" for claims in found.values())
    own = next(model for model in models_of(result) if model["homogeneous"] is None)
    said = f"{_schedule(own)}; QUANOS came out at {mean(own['bits'].values()):.1f} bits, "
    said += f"{row['same_size']} by memory. Held: {held}. Not held: {missed}. Open: {left}."
    if any(model["costs"][net]["measured"] is None for model in models_of(result) for net in model["costs"]):
        said += f" No MAC is measured: run `{row['command']}`."
    said += "".join(f" Left out: {line}." for line in row["absent"])
    return f"{result['study']['title']}: {said}"


def _schedule(row: Mapping[str, Any]) -> str:
    found = row["schedule"]
    images = found["images"] if isinstance(found["images"], str) else f"{found['images']:,}"
    seeds = ", ".join(map(str, row["seeds"]))
    return (
        f"{found['epochs']} epochs on {images} training images, the first {found['warmup']} at 16 bits for QUANOS, "
        f"seed {seeds}"
    )


def _claims(result: dict[str, Any]) -> Table:
    rows = [
        [claim["claim"], claim["paper"], claim["ours"], _HELD[claim["held"]]]
        for claim in row_of(result, "claims")["claims"]
    ]
    title = "gains of QUANOS in points, means over the eps of the paper's figure or table, with 95 % intervals over "
    title += "images, held by Holm's correction over all; loss is clean less adversarial accuracy"
    return f"{study_title(result)}; {title}", ["claim", "paper", "ours", "held"], rows


def _networks(result: dict[str, Any]) -> Table:
    heads = ["network", "widths", "mean", "accuracy, paper", "accuracy", "95 % interval", "n", "change, p"]
    heads += ["Gbit, paper", "Gbit, paper's size", "Gbit"]
    rows = []
    for row in models_of(result):
        own, paper = (row["costs"][net]["memory"] for net in nets_of(row))
        found = row["accuracy"]
        widths = list(row["bits"].values())
        cells = [name_of(row), " ".join(map(str, widths)) if row["homogeneous"] is None else str(row["homogeneous"])]
        cells += [f"{mean(widths):.2f}", percent(row["paper"]["accuracy"]), percent(found["rate"])]
        cells += [interval(found["interval"]), f"{found['n']:,}", _change(row["paired"])]
        cells += [_giga(row["paper"]["memory"]), _giga(paper), _giga(own)]
        rows.append(cells)
    first = models_of(result)[0]
    title = f"Networks: {nets_of(first)[0]}, {_schedule(first)}"
    return f"{title}; change and p: QUANOS against its size, McNemar, Holm over all", heads, rows


def _change(test: Mapping[str, Any] | None) -> str:
    """The change of a share between two networks on the same images, in points, and p."""
    if test is None:
        return ""
    change = (test["only_first"] - test["only_second"]) / test["n"]
    return f"{points(change)}, {p_value(test['p_holm'])}"


def _giga(value: float | None) -> str:
    return "" if value is None else f"{value / 1e9:.3g}"


def _energy(result: dict[str, Any]) -> Table:
    """mJ of an image: the paper's, and ours at the paper's size and our own."""
    heads = ["network"]
    for config in ("standard", *_CONFIGS):
        heads += [f"{config}, paper", f"{config}, paper's size", config]
    heads += [f"{config}, measured MAC" for config in _CONFIGS]
    rows = []
    for row in models_of(result, hardened=False):
        own, paper = (row["costs"][net] for net in nets_of(row))
        cells = [name_of(row)]
        for config in ("standard", *_CONFIGS):
            printed = row["paper"]["energy"]
            costs = [cost["standard"] if config == "standard" else cost["printed"][config] for cost in (paper, own)]
            cells += ["" if printed is None else _giga(printed[config]), *map(_giga, costs)]
        cells += ["" if paper["measured"] is None else _giga(paper["measured"].get(config)) for config in _CONFIGS]
        rows.append(cells)
    first = models_of(result)[0]
    share = percent(first["costs"][nets_of(first)[1]]["share_of_memory"], 0)
    title = f"Energy of an image, mJ, by equations 4 and 5; at 16 bits {share} of it are accesses to memory"
    return f"{title}; DG and DVAFS with E_config as table III has it; measured: MACs of ours, paper's size", heads, rows


def _hardened(result: dict[str, Any]) -> Table:
    """Tables IV and VII."""
    heads = ["network", "n"]
    for attack in ("FGSM", "PGD"):
        heads += [f"{attack}, paper", attack, f"adversarial accuracy, {attack}", f"change, p, {attack}"]
    rows = []
    for row in models_of(result, hardened=True):
        cells = [name_of(row), f"{row['accuracy']['n']:,}"]
        for attack in ("fgsm", "pgd"):
            found = [_at(row, attack, eps) for eps in _TABLED]
            printed = row["paper"]["losses"]
            cells.append("" if printed is None else ", ".join(_plain(loss) for loss in printed[attack]))
            cells += [", ".join(_plain(run[name]) for run in found) for name in ("loss", "rate")]
            cells.append("; ".join(filter(None, (_change(run["paired"]) for run in found))))
        rows.append(cells)
    hardeners = dict.fromkeys(row["schedule"]["hardener"] for row in models_of(result, hardened=True))
    title = "Adversarial loss after adversarial training at eps 2, 8, 16 of 255, points; change of adversarial accuracy"
    return f"{title} against its size, p by McNemar, Holm-corrected; {'; '.join(hardeners)}", heads, rows


def _plain(share: float) -> str:
    return f"{100 * share:.1f}"


def _at(row: Mapping[str, Any], attack: str, eps: float) -> dict[str, Any]:
    return next(run for run in row["attacks"] if run["attack"] == attack and abs(run["eps"] - eps) < _NEAR)


def _strongest(result: dict[str, Any]) -> Table:
    heads = ["network", "eps", "n", "stand", "share", "95 % interval", "change, p", "fell to, in turn"]
    rows = []
    for row in models_of(result):
        for run in row["strongest"]:
            fell = ", ".join(f"{attack} {count}" for attack, count in run["fell"].items() if count)
            cells = [name_of(row), run["eps"], str(run["n"]), str(run["k"]), percent(run["rate"])]
            rows.append([*cells, interval(run["interval"]), _change(run["paired"]), fell])
    return "The strongest attack at hand, worst case of all; change against its size", heads, rows


def _losses(result: dict[str, Any]) -> Table:
    heads = ["attack", "eps", "n", *map(name_of, models_of(result)), "change of QUANOS, p"]
    rows = []
    for place, first in enumerate(models_of(result)[0]["attacks"]):
        runs = [row["attacks"][place] for row in models_of(result)]
        own = next(run["paired"] for run, row in zip(runs, models_of(result), strict=True) if not row["homogeneous"])
        cells = [ATTACKS[first["attack"]], f"{255 * first['eps']:.1f} of 255", f"{first['n']:,}"]
        cells += [f"{_plain(run['loss'])} ({percent(run['rate'])}, {interval(run['interval'])})" for run in runs]
        rows.append([*cells, _change(own)])
    return "Adversarial loss in points (adversarial accuracy, 95 % interval)", heads, rows


def _layers(result: dict[str, Any]) -> Table:
    wide, own = (
        next(row for row in models_of(result, hardened=False) if row["homogeneous"] == bits) for bits in (16, None)
    )
    heads = ["layer", "16-bit after warm-up", "16-bit", "QUANOS", "width", "width, paper"]
    printed = own["paper"]["bits"] or []
    rows = []
    for place, name in enumerate(own["bits"]):
        found = [wide["ans"]["warmup"][name], wide["ans"]["final"][name], own["ans"]["final"][name]]
        paper = str(printed[place]) if place < len(printed) else ""
        rows.append([name, *map(number, found), str(own["bits"][name]), paper])
    sample = own["sample"]
    return f"Adversarial noise sensitivity, FGSM at eps {sample['eps']}, {sample['n']:,} training images", heads, rows


def _ablation(result: dict[str, Any]) -> list[Table]:
    found = []
    for row in result["rows"]:
        if row["kind"] == "ablation":
            heads = ["layer", "ANS", *(f"{percent(share, 0)} clamped" for share in row["shares"])]
            rows = [
                [name, number(layer["ans"]), *(percent(right / row["n"]) for right in layer["right"])]
                for name, layer in row["layers"].items()
            ]
            title = f"Adversarial accuracy (FGSM, eps {row['eps']}, {row['n']} images) as feature maps are clamped"
            title += f", mean of {row['draws']} draws; {percent(row['intact'] / row['n'])} intact"
            found.append((title, heads, rows))
    return found


def _checks(result: dict[str, Any]) -> Table:
    row = row_of(result, "checks")
    rows = []
    for check in row["checks"]:
        printed = "" if check["printed"] is None else number(check["printed"])
        rows.append([check["row"], check["what"], printed, number(check["follows"])])
    title = f"The paper's tables: printed, and what follows from its widths on {row['net']} by equations 4 and 5"
    return f"{title}; E_config beside that of table III", ["row", "what", "printed", "follows"], rows
