"""Assignments of units to the layers of an int8 network, as files that ``axmac search`` writes."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from axmac.model.nn.int8 import int8_unit
from axmac.model.spec import InputError, catalog

__all__ = ["Assignment", "read"]

_SCHEMA = "axmac-assignment-1"
_LARGEST = 1 << 20
"""Bytes of a file that is read at all: some 10,000 layers."""
_REMEDY = "name an assignment.json of `axmac search`"


@dataclass(frozen=True)
class Assignment:
    """The unit id of each convolution and linear layer of the network ``net``, trained on ``data``, by name.

    ``calibration`` training images gave the int8 network its steps, by ``percentile`` of magnitudes: what `quantize`
    takes as ``layers``, ``calibration`` and ``percentile``.
    """

    net: str
    data: str
    calibration: int
    percentile: float
    layers: dict[str, str]

    def pack(self) -> bytes:
        """The content of a file."""
        return (json.dumps({"schema": _SCHEMA, **asdict(self)}, indent=1) + "\n").encode()


def read(path: Path, net: str) -> Assignment:
    """The assignment of a file, for the network ``net``. ``InputError`` for anything else, in one line.

    Its size is looked at before it is read, and every field before it is used; units are given back by their ids.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path}: has more than {_LARGEST:,} bytes: {_REMEDY}")
        found = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_without_twins)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): {_REMEDY}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is no JSON ({str(error).splitlines()[0]}): {_REMEDY}") from error
    _check(path, found)
    if found["net"] != net:
        raise InputError(f"{path}: is for the network {found['net']!r}, not {net}: {_REMEDY} {net}")
    try:
        layers = {name: int8_unit(catalog[unit]).id for name, unit in found["layers"].items()}
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return Assignment(net, found["data"], found["calibration"], float(found["percentile"]), layers)


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands there twice")
    return found


def _check(path: Path, found: Any) -> None:
    """``InputError`` that names the field which is not what it must be."""
    if not isinstance(found, dict) or found.get("schema") != _SCHEMA:
        raise InputError(f"{path}: is no {_SCHEMA}: {_REMEDY}")
    layers, images, share = (found.get(name) for name in ("layers", "calibration", "percentile"))
    right = {
        "net": isinstance(found.get("net"), str),
        "data": isinstance(found.get("data"), str),
        "calibration": type(images) is int and images >= 1,
        "percentile": type(share) in (int, float) and 0 < share <= 100,
        "layers": isinstance(layers, dict) and layers and all(isinstance(unit, str) for unit in layers.values()),
    }
    for name, fits in right.items():
        if not fits:
            raise InputError(f"{path}: its {name!r} is missing or not what it must be: {_REMEDY}")
