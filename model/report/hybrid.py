"""Tables of a hybrid network: the width of each layer with its sensitivity, and what the network gets right."""

from typing import Any

from axmac.model.report.words import Table, interval, percent

__all__ = ["hybrid_tables"]


def hybrid_tables(result: dict[str, Any]) -> list[Table]:
    """Layers with their sensitivity after warm-up and at the end, and accuracies."""
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
    ]
