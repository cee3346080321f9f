"""Studies of QUANOS: claims, widths, cost and adversarial loss of a hybrid network beside homogeneous ones."""

from collections.abc import Mapping
from statistics import mean
from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, interval, number, p_value, percent, points, study_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "short", "tables"]

_NAMES = {None: "", "fgsm": "FGSM", "pgd": "PGD"}
_HELD = {True: "yes", False: "no", None: "n/a"}
_CONFIGS = ("DG", "DVAFS")
_TABLED = (2 / 255, 8 / 255, 16 / 255)
"""The eps of tables IV and VII."""
_NEAR = 1e-6


def tables(result: dict[str, Any]) -> list[Table]:
    """All of `short`, the losses behind figures 3 and 4, layers, ablation, and the paper's tables checked."""
    return [*short(result), _losses(result), _layers(result), *_ablation(result), _checks(result)]


def short(result: dict[str, Any]) -> list[Table]:
    """The tables that fit on a page: claims, networks, energy, adversarial training, and the strongest attack."""
    return [_claims(result), _networks(result), _energy(result), _hardened(result), _strongest(result)]


def sentence(result: dict[str, Any]) -> str:
    """Which claims hold, how the networks were trained, and what is left out."""
    row = _row(result, "claims")
    held, missed = ([claim["claim"] for claim in row["claims"] if claim["held"] is found] for found in (True, False))
    own = next(model for model in _models(result) if model["homogeneous"] is None)
    said = f"{_schedule(own)}; QUANOS came out at {own['costs'][_nets(own)[0]]['mean_bits']:.1f} bits, "
    said += f"{row['same_size']} by memory. Held: {'; '.join(held) or 'nothing'}. "
    said += f"Not held: {'; '.join(missed) or 'nothing'}."
    if any(model["costs"][net]["measured"] is None for model in _models(result) for net in model["costs"]):
        said += f" No MAC is measured: run `{row['command']}`."
    said += "".join(f" Left out: {line}." for line in row["absent"])
    return f"{result['study']['title']}: {said}"


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """ANS by layer, the ablation where there is one, and adversarial loss against eps for FGSM and PGD."""
    ablation = [row for row in result["rows"] if row["kind"] == "ablation"]
    panels = 3 + len(ablation)
    figure.set_size_inches(10.5, 4.2 * ((panels + 1) // 2))
    axes = figure.subplots((panels + 1) // 2, 2).flatten()
    for axis in axes[panels:]:
        axis.remove()
    _draw_ans(axes[0], result)
    for row in ablation:
        _draw_ablation(axes[1], row)
    for axis, attack in zip(axes[panels - 2 : panels], ("fgsm", "pgd"), strict=True):
        _draw_losses(axis, result, attack)
    figure.suptitle(study_title(result))


def _row(result: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return next(row for row in result["rows"] if row["kind"] == kind)


def _models(result: Mapping[str, Any], *, hardened: bool | None = None) -> list[dict[str, Any]]:
    """The rows of networks: all, or those with or without adversarial training."""
    models = (row for row in result["rows"] if row["kind"] == "model")
    return [row for row in models if hardened is None or (row["hardening"] is not None) == hardened]


def _nets(row: Mapping[str, Any]) -> tuple[str, str]:
    """The network that was trained, and that of the paper."""
    own, paper = row["costs"]
    return own, paper


def _name(row: Mapping[str, Any]) -> str:
    size = " (size of QUANOS)" if row["same_size"] else ""
    trained = f" + {_NAMES[row['hardening']]}" if row["hardening"] else ""
    return f"{row['label']}{trained}{size}"


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
        for claim in _row(result, "claims")["claims"]
    ]
    title = "gains of QUANOS in points, means over eps; its loss is clean less adversarial accuracy"
    return f"{study_title(result)}; {title}", ["claim", "paper", "ours", "held"], rows


def _networks(result: dict[str, Any]) -> Table:
    heads = ["network", "widths", "mean", "accuracy, paper", "accuracy", "95 % interval", "n", "change, p"]
    heads += ["Gbit, paper", "Gbit, paper's size", "Gbit"]
    rows = []
    for row in _models(result):
        own, paper = (row["costs"][net]["memory"] for net in _nets(row))
        found = row["accuracy"]
        widths = list(row["bits"].values())
        cells = [_name(row), " ".join(map(str, widths)) if row["homogeneous"] is None else str(row["homogeneous"])]
        cells += [f"{mean(widths):.2f}", percent(row["paper"]["accuracy"]), percent(found["rate"])]
        cells += [interval(found["interval"]), f"{found['n']:,}", _change(row["paired"])]
        cells += [_giga(row["paper"]["memory"]), _giga(paper), _giga(own)]
        rows.append(cells)
    first = _models(result)[0]
    title = f"Networks: {_nets(first)[0]}, {_schedule(first)}; change and p: QUANOS against its size, McNemar"
    return title, heads, rows


def _change(test: Mapping[str, Any] | None) -> str:
    """The change of a share between two networks on the same images, in points, and p."""
    if test is None:
        return ""
    change = (test["only_first"] - test["only_second"]) / test["n"]
    return f"{points(change)}, {p_value(test.get('p_holm', test['p']))}"


def _giga(value: float | None) -> str:
    return "" if value is None else f"{value / 1e9:.3g}"


def _energy(result: dict[str, Any]) -> Table:
    """mJ of an image: the paper's, and ours at the paper's size and our own."""
    heads = ["network"]
    for config in ("standard", *_CONFIGS):
        heads += [f"{config}, paper", f"{config}, paper's size", config]
    heads += [f"{config}, measured MAC" for config in _CONFIGS]
    rows = []
    for row in _models(result, hardened=False):
        own, paper = (row["costs"][net] for net in _nets(row))
        cells = [_name(row)]
        for config in ("standard", *_CONFIGS):
            printed = row["paper"]["energy"]
            costs = [cost["standard"] if config == "standard" else cost["printed"][config] for cost in (paper, own)]
            cells += ["" if printed is None else _giga(printed[config]), *map(_giga, costs)]
        cells += ["" if paper["measured"] is None else _giga(paper["measured"].get(config)) for config in _CONFIGS]
        rows.append(cells)
    first = _models(result)[0]
    share = percent(first["costs"][_nets(first)[1]]["share_of_memory"], 0)
    title = f"Energy of an image, mJ, by equations 4 and 5; at 16 bits {share} of it are accesses to memory"
    return f"{title}; DG and DVAFS with E_config as table III has it; measured: MACs of ours, paper's size", heads, rows


def _hardened(result: dict[str, Any]) -> Table:
    """Tables IV and VII."""
    heads = ["network", "n"]
    for attack in ("FGSM", "PGD"):
        heads += [f"{attack}, paper", attack, f"adversarial accuracy, {attack}", f"change, p, {attack}"]
    rows = []
    for row in _models(result, hardened=True):
        cells = [_name(row), f"{row['accuracy']['n']:,}"]
        for attack in ("fgsm", "pgd"):
            found = [_at(row, attack, eps) for eps in _TABLED]
            printed = row["paper"]["losses"]
            cells.append("" if printed is None else ", ".join(_plain(loss) for loss in printed[attack]))
            cells += [", ".join(_plain(run[name]) for run in found) for name in ("loss", "rate")]
            cells.append("; ".join(filter(None, (_change(run["paired"]) for run in found))))
        rows.append(cells)
    hardeners = dict.fromkeys(row["schedule"]["hardener"] for row in _models(result, hardened=True))
    title = "Adversarial loss after adversarial training at eps 2, 8, 16 of 255, points; change of adversarial accuracy"
    return f"{title} against its size, p by McNemar, Holm-corrected; {'; '.join(hardeners)}", heads, rows


def _plain(share: float) -> str:
    return f"{100 * share:.1f}"


def _at(row: Mapping[str, Any], attack: str, eps: float) -> dict[str, Any]:
    return next(run for run in row["attacks"] if run["attack"] == attack and abs(run["eps"] - eps) < _NEAR)


def _strongest(result: dict[str, Any]) -> Table:
    heads = ["network", "eps", "n", "stand", "share", "95 % interval", "change, p", "fell to, in turn"]
    rows = []
    for row in _models(result):
        for run in row["strongest"]:
            fell = ", ".join(f"{attack} {count}" for attack, count in run["fell"].items() if count)
            cells = [_name(row), run["eps"], str(run["n"]), str(run["k"]), percent(run["rate"])]
            rows.append([*cells, interval(run["interval"]), _change(run["paired"]), fell])
    return "The strongest attack at hand, worst case of all; change against its size", heads, rows


def _losses(result: dict[str, Any]) -> Table:
    heads = ["attack", "eps", "n", *map(_name, _models(result)), "change of QUANOS, p"]
    rows = []
    for place, first in enumerate(_models(result)[0]["attacks"]):
        runs = [row["attacks"][place] for row in _models(result)]
        own = next(run["paired"] for run, row in zip(runs, _models(result), strict=True) if not row["homogeneous"])
        cells = [_NAMES[first["attack"]], f"{255 * first['eps']:.1f} of 255", f"{first['n']:,}"]
        cells += [f"{_plain(run['loss'])} ({percent(run['rate'])}, {interval(run['interval'])})" for run in runs]
        rows.append([*cells, _change(own)])
    return "Adversarial loss in points (adversarial accuracy, 95 % interval)", heads, rows


def _layers(result: dict[str, Any]) -> Table:
    wide, own = (
        next(row for row in _models(result, hardened=False) if row["homogeneous"] == bits) for bits in (16, None)
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
    row = _row(result, "checks")
    rows = []
    for check in row["checks"]:
        printed = "" if check["printed"] is None else number(check["printed"])
        rows.append([check["row"], check["what"], printed, number(check["follows"])])
    title = f"The paper's tables: printed, and what follows from its widths on {row['net']} by equations 4 and 5"
    return f"{title}; E_config beside that of table III", ["row", "what", "printed", "follows"], rows


def _draw_ans(axis: "Axes", result: dict[str, Any]) -> None:
    wide, own = (
        next(row for row in _models(result, hardened=False) if row["homogeneous"] == bits) for bits in (16, None)
    )
    lines = {
        f"16-bit, after epoch {wide['schedule']['warmup']}": wide["ans"]["warmup"],
        f"16-bit, after epoch {wide['schedule']['epochs']}": wide["ans"]["final"],
        f"QUANOS, after epoch {own['schedule']['epochs']}": own["ans"]["final"],
    }
    places = range(1, len(own["bits"]) + 1)
    for (label, values), style in zip(lines.items(), ("s:", "o-", "^-"), strict=True):
        axis.plot(places, list(values.values()), style, markersize=4, label=label)
    axis.set_xticks(places, [f"{place}\n{bits}b" for place, bits in zip(places, own["bits"].values(), strict=True)])
    axis.tick_params("x", labelsize=7)
    axis.set_xlabel("layer, and its width in QUANOS")
    axis.set_ylabel("ANS")
    axis.set_ylim(0, None)
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)


def _draw_ablation(axis: "Axes", row: dict[str, Any]) -> None:
    """A line a layer, the darker the higher its ANS."""
    values = [layer["ans"] for layer in row["layers"].values()]
    low, high = min(values), max(values)
    ranked = sorted(values, reverse=True)
    for place, layer in enumerate(row["layers"].values(), start=1):
        shade = (layer["ans"] - low) / (high - low) if high > low else 1.0
        shares = [100 * right / row["n"] for right in [row["intact"], *layer["right"]]]
        label = f"layer {place}, ANS {layer['ans']:.2f}" if layer["ans"] in (*ranked[:2], *ranked[-2:]) else None
        axis.plot([0, *row["shares"]], shares, ".-", color=_shade(shade), linewidth=1, label=label)
    axis.set_xlabel("share of feature maps clamped to 0")
    axis.set_ylabel(f"right under FGSM, eps {row['eps']}, %")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, title="the highest and the lowest ANS", title_fontsize=8)


def _shade(share: float) -> tuple[float, float, float]:
    """From light grey to dark red."""
    light, dark = (0.8, 0.8, 0.8), (0.6, 0.0, 0.0)
    return tuple(one + share * (other - one) for one, other in zip(light, dark, strict=True))


def _draw_losses(axis: "Axes", result: dict[str, Any], attack: str) -> None:
    """Adversarial loss of the networks without adversarial training; the band is the interval of QUANOS."""
    for row in _models(result, hardened=False):
        runs = sorted((run for run in row["attacks"] if run["attack"] == attack), key=lambda run: run["eps"])
        sizes, losses = [run["eps"] for run in runs], [100 * run["loss"] for run in runs]
        own = row["homogeneous"] is None
        axis.plot(sizes, losses, "^-" if own else ".-", label=_name(row), **({"color": "k"} if own else {}))
        if own:
            clean = 100 * row["accuracy"]["rate"]
            bounds = [[clean - 100 * run["interval"][end] for run in runs] for end in (0, 1)]
            axis.fill_between(sizes, *bounds, color="k", alpha=0.1, linewidth=0)
    axis.set_xlabel(f"eps of {_NAMES[attack]}")
    axis.set_ylabel("adversarial loss, points")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
