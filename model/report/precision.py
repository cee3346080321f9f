"""Precision-scalable MACs: energy per product against the bits of a layer, measured, and with a model of voltage."""

from typing import TYPE_CHECKING, Any

from axmac.model.report.words import Table, percent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["draw_precision", "energy_shares", "precision_sentence", "precision_summary", "precision_table"]

_KINDS = {"standard": "standard", "dg": "data gating", "dvafs": "subword-parallel (DVAFS)"}


def energy_shares(result: dict[str, Any], *, scaled: bool = False) -> dict[str, dict[int, float]]:
    """By unit and bits of a layer: energy per product as a share of the reference's, `_reference`.

    ``scaled``: with voltage and frequency at constant throughput. Rows that differ from golden are left out.
    """
    whole = _energy(_reference(result), scaled=False)
    found: dict[str, dict[int, float]] = {}
    for row in _sound(result):
        found.setdefault(row["unit"], {})[row["bits"]] = _energy(row, scaled=scaled) / whole
    return found


def precision_table(result: dict[str, Any]) -> Table:
    """A row a MAC and number of bits."""
    heads = ["MAC", "bits of the layer", "precision, lanes", "registers, clock gates", "path, ns"]
    heads += ["pJ per product", "of it leakage", "share", "of it glitches", "golden sums"]
    heads += [f"model: {name}" for name in ("V, share", "f, share", "pJ per product", "share")]
    shares, scaled = (energy_shares(result, scaled=way) for way in (False, True))
    rows = []
    for row in result["rows"]:
        cells = [row["unit"], str(row["bits"]), f"{row['precision']} x {row['lanes']}"]
        cells.append(f"{row['registers']}, {row['clock_gates']}")
        if row["checked"]["mismatches"]:
            rows.append([*cells, *[""] * 5, "differs from golden", *[""] * 4])
            continue
        spent, model = row["energy"], row["scaled"]
        cells += [f"{row['delay']:.2f}", f"{spent['total']:.2f}", percent(spent["leakage"] / spent["total"], 2)]
        cells += [f"{shares[row['unit']][row['bits']]:.3f}", percent(row["glitches"]), f"{row['checked']['vectors']:,}"]
        cells += [f"{model['voltage']:.2f}", f"{model['frequency']:.2f}", f"{model['energy']:.2f}"]
        rows.append([*cells, f"{scaled[row['unit']][row['bits']]:.3f}"])
    return _title(result), heads, rows


def precision_summary(result: dict[str, Any]) -> Table:
    """The table as it fits on a page: the width of each MAC, half of it, and so on down to 1 bit."""
    title, heads, rows = precision_table(result)
    widths = {row["unit"]: row["bits"] for row in sorted(result["rows"], key=lambda row: row["bits"])}
    halves = {(unit, width >> half) for unit, width in widths.items() for half in range(width.bit_length())}
    shown = [cells for cells, row in zip(rows, result["rows"], strict=True) if (row["unit"], row["bits"]) in halves]
    return f"{title}; {len(shown)} of {len(rows)} points", heads, shown


def precision_sentence(result: dict[str, Any]) -> str:
    """What half and a quarter of the width save, by MAC."""
    base = _reference(result)
    shares, scaled = (energy_shares(result, scaled=way) for way in (False, True))
    said = []
    for unit, by_bits in shares.items():
        width = max(by_bits)
        points = [
            f"{by_bits[bits]:.2f} ({scaled[unit][bits]:.2f}) for {bits} bits"
            for bits in (width, width // 2, width // 4)
            if bits in by_bits
        ]
        said.append(f"{unit} takes {', '.join(points)}")
    return (
        f"Energy per product as a share of {base['unit']} at {base['bits']} bits, in brackets with voltage and "
        f"frequency scaled by a model: {'; '.join(said)}."
    )


def draw_precision(result: dict[str, Any], figure: "Figure") -> None:
    """Energy per product against bits, a line each MAC: as measured, and with the model of voltage and frequency."""
    figure.set_size_inches(11, 4.6)
    axes = figure.subplots(1, 2, sharey=True)
    titles = ("measured at the library's voltage", "with voltage and frequency scaled (model)")
    for axis, scaled, title in zip(axes, (False, True), titles, strict=True):
        for unit, by_bits in energy_shares(result, scaled=scaled).items():
            bits = sorted(by_bits)
            kind = _KINDS[unit.split("_")[1]]
            axis.plot(bits, [by_bits[k] for k in bits], "o-", ms=4, lw=1.2, label=f"{unit}: {kind}")
        axis.set_title(title, fontsize=10)
        axis.set_xlabel("bits of the layer")
        axis.set_ylim(bottom=0)
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("energy per product, share")
    axes[0].legend(fontsize=8)
    figure.suptitle(_title(result), fontsize=8, wrap=True)


def _sound(result: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for row in result["rows"] if not row["checked"]["mismatches"]]


def _reference(result: dict[str, Any]) -> dict[str, Any]:
    """The widest layer on the standard MAC, or, where there is none, on the first one."""
    sound = _sound(result)
    standard = [row for row in sound if "_standard" in row["unit"]] or sound
    return max(standard, key=lambda row: row["bits"])


def _energy(row: dict[str, Any], *, scaled: bool) -> float:
    return row["scaled"]["energy"] if scaled else row["energy"]["total"]


def _title(result: dict[str, Any]) -> str:
    first, base = result["rows"][0], _reference(result)
    library = first["library"]
    tools = ", ".join(f"{name} {version}" for name, version in first["tools"].items())
    corner = "" if library["corner"] in library["name"] else f"{library['corner']}, "
    how = f"clock {first['period']:g} ns, uniform operands, activations without sign, no stalls"
    return (
        f"Precision-scalable MACs on {library['name']}, {corner}{library['voltage']:g} V, {how}, {tools}; share: of "
        f"{base['unit']} at {base['bits']} bits"
    )
