"""Checkpoints: safetensors files with the tensors of a network and the words that say where they come from."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn

from axmac.model.nn import networks
from axmac.model.nn.hybrid import bits_of, hybrid
from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole

__all__ = ["digest", "load", "load_tensors", "save", "save_tensors"]

_KEY = "axmac"


def digest(tensors: dict[str, Tensor]) -> str:
    """SHA-256 of names, shapes, dtypes and bytes, in the order of the names."""
    total = hashlib.sha256()
    for name in sorted(tensors):
        tensor = tensors[name].detach().contiguous()
        total.update(f"{name} {list(tensor.shape)} {tensor.dtype}\n".encode())
        total.update(tensor.numpy().tobytes())
    return total.hexdigest()


def save_tensors(path: Path | str, tensors: dict[str, Tensor], metadata: dict) -> None:
    """Writes tensors and metadata (anything that JSON holds) in one step: the file is whole or is not there."""
    owned = {name: tensor.detach().contiguous() for name, tensor in tensors.items()}
    text = json.dumps({**metadata, "sha256": digest(owned)}, sort_keys=True)
    write_whole(Path(path), to_bytes(owned, {_KEY: text}))


def load_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict]:
    """Tensors and metadata. Raises ``InputError`` for a file that is missing, damaged, or not from ``save_tensors``."""
    path = Path(path)
    if not path.is_file():
        raise InputError(f"{path} is missing: train a network with `axmac train` first")
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            tensors = {name: file.get_tensor(name) for name in names}
            metadata = json.loads((file.metadata() or {}).get(_KEY, "null"))
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(f"{path} is no whole safetensors file ({error}): train or copy it again") from None
    if not isinstance(metadata, dict) or metadata.get("sha256") != digest(tensors):
        raise InputError(f"{path} was not written by axmac or was changed since: train or copy it again")
    return tensors, metadata


def save(path: Path | str, net: str, module: nn.Module, metadata: dict) -> None:
    """Saves the network that ``networks.build(net)`` makes, with metadata such as data set, seed and threads.

    The widths of a hybrid network are saved as ``bits``. Raises ``InputError`` for weights that are not finite; nothing
    is written then.
    """
    _check_finite(net, module.state_dict())
    bits = bits_of(module)
    save_tensors(path, module.state_dict(), {**metadata, "net": net, **({"bits": bits} if bits else {})})


def load(path: Path | str) -> tuple[nn.Module, dict]:
    """The network in evaluation mode, and its metadata (with ``net`` and the ``sha256`` of its tensors).

    One that was saved with ``bits`` is the hybrid network with these widths.
    Raises ``InputError`` as ``load_tensors``, and for a network or tensors that are not known here or not finite.
    """
    tensors, metadata = load_tensors(path)
    if "net" not in metadata:
        raise InputError(f"{path} holds no network: give the file that `axmac train` wrote at its end")
    module = networks.build(metadata["net"])
    if "bits" in metadata:
        try:
            module = hybrid(module, metadata["bits"], networks.get(metadata["net"]).images)
        except (InputError, AttributeError, TypeError, ValueError) as error:
            raise InputError(f"{path} does not fit the network {metadata['net']} ({error}): train it again") from None
    if _layout(tensors) != _layout(module.state_dict()):
        raise InputError(f"{path} does not fit the network {metadata['net']}: train it again")
    _check_finite(str(path), tensors)
    module.load_state_dict(tensors)
    return module.eval(), metadata


def _layout(tensors: dict[str, Tensor]) -> dict[str, tuple]:
    return {name: (tensor.shape, tensor.dtype) for name, tensor in tensors.items()}


def _check_finite(where: str, tensors: dict[str, Tensor]) -> None:
    for name, tensor in tensors.items():
        if not bool(torch.isfinite(tensor).all()):
            raise InputError(f"{where}: {name} holds NaN or infinite values: train with a smaller learning rate")
