"""Tables of a hybrid network: the width of each layer with its sensitivity, and what the network gets right."""

from typing import Any

from axmac.model.report.words import Table, interval, percent

__all__ = ["hybrid_tables", "replayed_table"]


def hybrid_tables(result: dict[str, Any]) -> list[Table]:
    """Layers with their sensitivity after warm-up and at the end, accuracies, and what an image costs."""
    about = result["quanos"]
    layers = [
        [f"C{place}", row["layer"], f"{row['ans']:.3f}", str(row["bits"]), f"{row['ans_final']:.3f}"]
        for place, row in enumerate(result["rows"], start=1)
    ]
    mean = sum(row["bits"] for row in result["rows"]) / len(result["rows"])
    layers.append(["mean", "", "", f"{mean:.2f}", ""])
    how = f"{about['initial_bits']} bits for {about['warmup_epochs']} of {about['epochs']} epochs"
    if about["homogeneous"] is not None:
        how = f"{about['homogeneous']} bits in all layers, {about['epochs']} epochs"
    hardened = "" if about["hardening"] is None else f", hardened by {about['hardening'].partition('(')[0]}"
    title = f"{result['net']['name']} on {result['data']['name']}: {how}{hardened}, seed {result['seed']}"
    heads = ["", "layer", f"ANS after {about['warmup_epochs']} epochs", "bits", "ANS at the end"]
    rights = [
        [
            row["images"] if row["eps"] == 0 else f"{row['images']}, eps {row['eps']:.3g}",
            f"{row['k']:,} of {row['n']:,}",
            percent(row["rate"], 2),
            interval(row["interval"]),
        ]
        for row in about["measured"]
    ]
    return [
        (title, heads, layers),
        ("White-box attacks on the network itself", ["images", "right", "accuracy", "95 % interval"], rights),
        _costs(about["costs"]),
    ]


def _costs(rows: list[dict[str, Any]]) -> Table:
    """Memory and energy of an image, the paper's way and on MACs of our own."""
    heads = ["widths", "mean, with projections", "Mbit", "uJ, equation 4"]
    heads += [f"uJ, {name}, paper's factors" for name in rows[0]["printed"]]
    heads += [f"uJ, {name}, measured MAC" for name in rows[0]["measured"] or ()]
    cells = []
    for row in rows:
        energies = [row["standard"], *row["printed"].values(), *(row["measured"] or {}).values()]
        memory = [f"{row['mean_bits']:.2f}", f"{row['memory'] / 1e6:.4g}"]
        cells.append([row["label"], *memory, *(f"{energy / 1e6:.4g}" for energy in energies)])
    title = "Memory of the weights, and energy of an image, accesses to memory included (45 nm, table I of QUANOS)"
    return f"{title}; measured: its MAC of 16 bits by the share that ours takes", heads, cells


def replayed_table(result: dict[str, Any]) -> Table:
    """Layers of a hybrid network on RTL: precision, sums and how many differ, cycles."""
    (row,) = result["rows"]
    counted = ("macs", "outputs", "differ_golden", "differ_layer", "cycles")
    total = {name: sum(layer[name] for layer in row["layers"]) for name in (*counted, "seconds")}
    cells = []
    for found in (*row["layers"], total):
        about = ["all", *[""] * 3]
        if "layer" in found:
            sign = "signed" if found["a_signed"] else "unsigned"
            size = f"{found['m']} x {found['k']} x {found['n']}"
            about = [found["layer"], f"{found['bits']}, {sign}", f"{found['precision']} x {found['lanes']}", size]
        rate = f"{found['macs'] / found['cycles']:.1f}"
        cells.append([*about, *(f"{found[name]:,}" for name in counted), rate, f"{found['seconds']:.1f}"])
    rounded = ""
    if row["wide"]:
        rounded = f"; the network itself rounds sums of {len(row['wide'])} layers to float32, and "
        rounded += f"{row['scores_rounded']} of its scores differ"
    title = (
        f"{result['net']['name']} on {result['data']['name']}, {row['images']} images: {row['unit']} on a "
        f"{row['rows']} x {row['cols']} weight-stationary array, {row['simulator']}; {row['scores_differ']} of "
        f"{row['scores']} scores differ from those of exact sums{rounded}"
    )
    heads = ["layer", "bits", "precision, lanes", "M x K x N", "MACs by RTL", "sums", "differ from golden"]
    return title, [*heads, "from the network", "cycles", "MACs/cycle", "seconds"], cells
