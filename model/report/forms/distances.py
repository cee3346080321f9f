"""Studies of a geometric model: distances sampled in a simplex beside its equations."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, number, p_value, study_title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw", "sentence", "tables"]

_LEVEL = 0.01
_ERRORS = 4
"""Standard errors within which a mean agrees."""


def tables(result: dict[str, Any]) -> list[Table]:
    """Sampled distances beside the density, and what the equations take for 1 or for granted."""
    return [_sampled(result), _equations(result)]


def sentence(result: dict[str, Any]) -> str:
    """Whether density and means agree, and what does not hold at small n."""
    rows = _drawn(result)
    agree = sum(_agrees(row) for row in rows)
    near = "; ".join(
        f"{row['n']} ({_off(row, 'paper_mean'):.1f} standard errors, {_off(row, 'model'):.1f} from the exact mean)"
        for row in rows
        if _within(row, "paper_mean")
    )
    off = ", ".join(
        f"{ratio:.4g} times at n = {n}" for n, ratio in {row["n"]: row["ratio"] for row in result["rows"]}.items()
    )
    small = [row for row in result["rows"] if row["edge"] < row["edge_limit"] * (1 - 1e-9)]
    dimensions = ", ".join(sorted({str(row["n"]) for row in small}))
    angles = ", ".join(f"{row['dihedral']:.1f}" for row in rows)
    return (
        f"{result['study']['title']}: density (12) and mean h / (n + 1) agree with points drawn from coordinates in "
        f"{agree} of {len(rows)} cases (Kolmogorov-Smirnov p > {_LEVEL:g}, mean within {_ERRORS} standard errors); "
        "they are exact, not only near. Equation 8 is not: what it takes for 1 makes it larger than the exact mean, "
        f"{off}; points drawn agree with it at n = {near or 'none'}. "
        "The edge sqrt(n) 2^-q is shorter than the limit of the theorem it comes from where n < 4 (here n = "
        f"{dimensions or 'none'}), and a limit of the longest edge bounds distances from above, not from below. "
        f"Regular simplices cannot fill a hypercube: angles between faces ({angles} degrees) do not add up to 90. "
        "Conditions 9 to 11 and a falling f do not single (12) out; that the points are uniform does. At n = 1 f does "
        "not fall."
    )


def draw(result: dict[str, Any], figure: "Figure") -> None:
    """A panel for each sampled case: histogram, density (12), exact mean and that of equation 8."""
    rows = _drawn(result)
    figure.set_size_inches(4.2 * len(rows), 3.8)
    for axis, row in zip(figure.subplots(1, len(rows), squeeze=False)[0], rows, strict=True):
        found = row["sampled"]
        width = 2 * found["middles"][0]
        axis.bar(found["middles"], found["densities"], width, color="0.75", label=f"{found['points']:,} points drawn")
        axis.plot(found["middles"], found["curve"], "C0-", linewidth=1.5, label="density, equation 12")
        axis.axvline(row["model"], color="C2", linestyle="--", label="mean, h / (n + 1)")
        axis.axvline(row["paper_mean"], color="C3", linestyle=":", label="mean by equation 8")
        axis.set_title(f"q = {row['q']}, n = {row['n']}", fontsize=10)
        axis.set_xlabel("distance to the nearest face")
        axis.set_xlim(0, width * len(found["middles"]))
        axis.ticklabel_format(axis="x", scilimits=(-3, 3))
        axis.locator_params(axis="x", nbins=5)
        axis.legend(fontsize=7)
    figure.axes[0].set_ylabel("density")
    figure.suptitle(study_title(result), fontsize=10)


def _drawn(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in result["rows"] if row["sampled"] is not None]


def _agrees(row: dict[str, Any]) -> bool:
    return row["sampled"]["p"] > _LEVEL and _within(row, "model")


def _within(row: dict[str, Any], mean: str) -> bool:
    """Whether a mean by an equation lies within the error of the sampled one."""
    return _off(row, mean) <= _ERRORS


def _off(row: dict[str, Any], mean: str) -> float:
    """How many standard errors the sampled mean is from one by an equation."""
    return abs(row["sampled"]["mean"] - row[mean]) / row["sampled"]["error"]


def _sampled(result: dict[str, Any]) -> Table:
    heads = ["q", "n", "points", "mean distance", "standard error", "exact, h / (n + 1)", "equation 8"]
    heads += ["largest", "inradius h", "largest difference from (13)", "p", "agrees", "agrees with equation 8"]
    rows = []
    for row in _drawn(result):
        found = row["sampled"]
        cells = [str(row["q"]), str(row["n"]), f"{found['points']:,}", f"{found['mean']:.5g}", f"{found['error']:.1e}"]
        cells += [f"{row['model']:.5g}", f"{row['paper_mean']:.5g}", f"{found['largest']:.4g}"]
        cells += [f"{row['inradius']:.4g}", f"{found['kolmogorov']:.1e}", p_value(found["p"])]
        rows.append([*cells, *("yes" if held else "NO" for held in (_agrees(row), _within(row, "paper_mean")))])
    return study_title(result), heads, rows


def _equations(result: dict[str, Any]) -> Table:
    heads = ["q", "n", "edge, sqrt(n) 2^-q", "limit of the theorem", "h (3)", "exact mean (9)", "equation 8"]
    heads += ["equation 8 over exact", "of it by (4)", "by (7)", "angle between faces"]
    rows = []
    for row in result["rows"]:
        names = ("edge", "edge_limit", "inradius", "model", "paper_mean")
        cells = [str(row["q"]), str(row["n"]), *(number(row[name]) for name in names)]
        cells += [f"{row[name]:.4f}" for name in ("ratio", "ratio_4", "ratio_7")]
        rows.append([*cells, f"{row['dihedral']:.1f} degrees"])
    return "What the equations take for 1, and what a cube cannot be cut into", heads, rows
