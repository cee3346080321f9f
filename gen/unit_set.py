"""The Verilog of all units of a network in one folder, with a manifest that says which layer has which."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from axmac.gen.emit import emit
from axmac.model.spec import InputError, as_spec
from axmac.rtl import DEFAULT_STAGES

__all__ = ["check_unit_set", "emit_unit_set"]

_MANIFEST = "manifest.json"
_SCHEMA = "axmac-unit-set-1"


def check_unit_set(folder: Path) -> None:
    """``InputError`` unless ``folder`` can be written as a whole: it is missing, empty, or holds such a set."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        ours = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["schema"] == _SCHEMA
    except (OSError, ValueError, KeyError, TypeError):
        ours = False
    if not ours:
        raise InputError(f"{folder} holds other files than a set of units: choose another folder")


def emit_unit_set(layers: Mapping[str, str], folder: Path, stages: int = DEFAULT_STAGES) -> Path:
    """Write `emit`'s files of every unit of ``layers``, ids by layer, and ``manifest.json``; all of them or none.

    The manifest names unit, Verilog file, its SHA-256 and both modules of each layer. An older set in ``folder`` is
    replaced as a whole. Returns the manifest's path; raises ``InputError`` as `emit` and `check_unit_set`.
    """
    check_unit_set(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as scratch:
            made = Path(scratch, "set")
            made.mkdir()
            _write(layers, made, stages)
            if folder.exists():
                folder.rename(Path(scratch, "before"))
            made.rename(folder)
    except OSError as error:
        raise InputError(f"cannot write to {str(folder)!r}: {error.strerror}; choose another folder") from error
    return folder / _MANIFEST


def _write(layers: Mapping[str, str], folder: Path, stages: int) -> None:
    described = {}
    for unit in dict.fromkeys(layers.values()):
        spec = as_spec(unit)
        emitted = emit(spec, folder, stages)
        manifest = json.loads(emitted.manifest.read_text(encoding="utf-8"))
        core, pipeline = (module["name"] for module in manifest["modules"])
        described[unit] = {
            "unit": spec.id,
            "manifest": emitted.manifest.name,
            "verilog": emitted.verilog.name,
            "sha256": emitted.sha256,
            "core": core,
            "pipeline": pipeline,
        }
    content = {"schema": _SCHEMA, "layers": {layer: described[unit] for layer, unit in layers.items()}}
    (folder / _MANIFEST).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
