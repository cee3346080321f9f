"""Pictures of a study of QUANOS: sensitivity by layer, the ablation, and adversarial loss against eps."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.forms.quanos_rows import ATTACKS, models_of, name_of
from axmac.model.report.words import study_title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["draw"]


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """ANS by layer, the ablation where there is one, and adversarial loss against eps for FGSM and PGD."""
    ablation = [row for row in result["rows"] if row["kind"] == "ablation"]
    panels = 3 + len(ablation)
    rows, columns = (1, 3) if panels == 3 else (2, 2)
    figure.set_size_inches(5.25 * columns, 4.2 * rows)
    axes = figure.subplots(rows, columns).flatten()
    _draw_ans(axes[0], result)
    for row in ablation:
        _draw_ablation(axes[1], row)
    for axis, attack in zip(axes[panels - 2 : panels], ("fgsm", "pgd"), strict=True):
        _draw_losses(axis, result, attack)
    figure.suptitle(study_title(result))


def _draw_ans(axis: "Axes", result: dict[str, Any]) -> None:
    wide, own = (
        next(row for row in models_of(result, hardened=False) if row["homogeneous"] == bits) for bits in (16, None)
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
    for row in models_of(result, hardened=False):
        runs = sorted((run for run in row["attacks"] if run["attack"] == attack), key=lambda run: run["eps"])
        sizes, losses = [run["eps"] for run in runs], [100 * run["loss"] for run in runs]
        own = row["homogeneous"] is None
        axis.plot(sizes, losses, "^-" if own else ".-", label=name_of(row), **({"color": "k"} if own else {}))
        if own:
            clean = 100 * row["accuracy"]["rate"]
            bounds = [[clean - 100 * run["interval"][end] for run in runs] for end in (0, 1)]
            axis.fill_between(sizes, *bounds, color="k", alpha=0.1, linewidth=0)
    axis.set_xlabel(f"eps of {ATTACKS[attack]}")
    axis.set_ylabel("adversarial loss, points")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8)
