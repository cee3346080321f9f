"""What finished work leaves: a file each, written in whole, good while what it depends on stays the same."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from axmac.model.spec.files import write_whole

__all__ = ["Kept", "digest"]


@dataclass(frozen=True)
class Kept:
    """Documents in a folder, by name. A process that is killed leaves whole ones only."""

    folder: Path

    def path(self, name: str) -> Path:
        """Where the document of a name is."""
        return self.folder / f"{name}.json"

    def write(self, name: str, identity: dict[str, str], content: dict) -> Path:
        """Keep ``content``, with the ``identity`` of what it depends on."""
        self.folder.mkdir(parents=True, exist_ok=True)
        document = json.dumps(identity | content, indent=1, allow_nan=False) + "\n"
        return write_whole(self.path(name), document.encode())

    def read(self, name: str, identity: dict[str, str]) -> dict | None:
        """The document of a name; None where there is none, or one of another identity."""
        try:
            document = json.loads(self.path(name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        same = all(document.get(key) == value for key, value in identity.items())
        return document if same else None

    def all(self) -> list[dict]:
        """All documents, by name."""
        return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(self.folder.glob("*.json"))]


def digest(paths: Iterable[Path]) -> str:
    """SHA-256 of files, and of all sources in folders, with their names."""
    found = hashlib.sha256()
    for path in paths:
        files = sorted(file for file in path.rglob("*") if file.suffix != ".pyc") if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                found.update(f"{file.relative_to(path.parent)}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()
