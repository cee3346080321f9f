"""Operands that the layers of a network really multiply, as a file for ``axmac ppa``."""

import hashlib
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from axmac.cli.networks import described, first, load_data, load_net

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["write_operands"]

_IMAGES = 4
"""Images of the test set whose products are drawn."""
_EXACT = "fp32_ieee"


def write_operands(
    folder: Path, net: str, data: str, checkpoints: Path, count: int, seed: int, progress: Any
) -> tuple[Path, dict[str, Any]]:
    """Write ``<net>.npz``: ``count`` pairs ``a`` (activation), ``b`` (weight), float32, in the order of a MAC.

    Outputs of layers are drawn at random, of each layer as its share of the network's products wants, and all k of an
    output follow each other, as in an output-stationary array. The network computes exactly. Returns the path, and the
    entries ``net`` and ``data`` of a result. ``InputError`` names the command that trains the network.
    """
    import numpy as np
    import torch

    from axmac.model.nn import approximate
    from axmac.model.nn.export import layer_names, product_of, replaced
    from axmac.model.spec.files import write_whole

    dataset, indices = first(load_data(data, "test", net, progress), _IMAGES)
    module, entry = load_net(checkpoints, net, dataset, seed)
    emulated = approximate(module, _EXACT)
    layers: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def collect(name: str, layer: "nn.Module", x: "Tensor") -> "Tensor":
        found = product_of(layer, x)
        layers[name] = found.rows.numpy(), found.weights.numpy()
        return found.tensor(found.outputs)

    with torch.no_grad(), replaced(emulated, layer_names(emulated), collect):
        emulated(dataset.images)
    rng = np.random.default_rng(seed)
    shares = {name: rows.size * weights.shape[1] for name, (rows, weights) in layers.items()}
    drawn = []
    for name, (rows, weights) in layers.items():
        wanted = max(1, round(count * shares[name] / sum(shares.values())))
        parts = [_one_output(rng, rows, weights) for _ in range(-(-wanted // rows.shape[1]))]
        drawn.append(np.concatenate(parts, axis=1)[:, :wanted])
    a, b = np.ascontiguousarray(np.concatenate(drawn, axis=1)[:, :count])
    path = folder / f"{net}.npz"
    content = io.BytesIO()
    np.savez(content, a=a, b=b)
    write_whole(path, content.getvalue())
    context = {"net": entry, "data": described(dataset, indices)}
    products = {name: part.shape[1] for name, part in zip(layers, drawn, strict=True)}
    manifest = {"kind": "operands", "order": "output by output, k after k", "seed": seed, "products": products}
    manifest |= {"file": path.name, "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest()} | context
    write_whole(path.with_suffix(".json"), (json.dumps(manifest, indent=1) + "\n").encode())
    return path, context


def _one_output(rng: Any, rows: Any, weights: Any) -> Any:
    """The operands [2, K] of one output of a layer, drawn at random."""
    import numpy as np

    return np.stack([rows[rng.integers(len(rows))], weights[:, rng.integers(weights.shape[1])]])
