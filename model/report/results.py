"""Result files: one JSON a run, checked against schema.json before it is written and after it is read."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema

from axmac.model.report import provenance
from axmac.model.spec import InputError, Mac, Multiplier
from axmac.model.spec.files import write_whole

__all__ = ["load", "load_folder", "new_result", "save"]

SCHEMA = json.loads(resources.files("axmac.model.report").joinpath("schema.json").read_text(encoding="utf-8"))


def new_result(
    kind: str,
    rows: list[dict[str, Any]],
    *,
    seed: int,
    spec: Multiplier | None = None,
    alarms: tuple[str, ...] = (),
    **context: Any,
) -> dict[str, Any]:
    """A result with the provenance of this process, checked against the schema.

    ``context`` may hold ``layers``, ``gradient``, ``data``, ``net``, ``attack``, ``mac``, ``threads``, and ``study``
    for a study; what is left out is null, the Mac that of the multiplier, the threads those of the process.
    Raises ``jsonschema.ValidationError`` for a result that does not fit the schema: a defect of the caller.
    """
    revision, dirty = provenance.commit()
    result = {
        "schema": 1,
        "kind": kind,
        "spec": None if spec is None else {"id": spec.id, "repr": repr(spec), "sha256": spec.sha256},
        "mac": None if spec is None else Mac(spec).id,
        "layers": None,
        "gradient": None,
        "data": None,
        "net": None,
        "attack": None,
        "seed": seed,
        "threads": provenance.threads(),
        "isa": provenance.instruction_set(),
        "versions": provenance.versions(),
        "commit": revision,
        "dirty": dirty,
        "rows": rows,
        "alarms": list(alarms),
        **context,
    }
    jsonschema.validate(result, SCHEMA)
    return result


def save(result: dict[str, Any], path: Path) -> Path:
    """Writes a result as indented JSON, whole or not at all; makes the folder."""
    jsonschema.validate(result, SCHEMA)
    return write_whole(path, (json.dumps(result, indent=1, allow_nan=False) + "\n").encode())


def load(path: Path) -> dict[str, Any]:
    """Reads a result. Raises ``InputError`` for a missing file, text that is no JSON, and what the schema refuses."""
    try:
        result = json.loads(Path(path).read_text(encoding="utf-8"))
        jsonschema.validate(result, SCHEMA)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): name a result file of axmac") from error
    except ValueError as error:
        raise InputError(f"{path}: is no JSON ({error}): name a result file of axmac") from error
    except jsonschema.ValidationError as error:
        where = "/".join(map(str, error.absolute_path)) or "result"
        reason = error.message.splitlines()[0][:200]
        raise InputError(f"{path}: {where}: {reason}: name a result file of axmac") from error
    return result


def load_folder(folder: Path) -> dict[str, dict[str, Any]]:
    """All results ``*.json`` of a folder by file name without its ending. ``InputError`` where there is none."""
    if not folder.is_dir():
        raise InputError(f"{folder}: is no folder: name one that holds result files of axmac")
    found = {path.stem: load(path) for path in sorted(folder.glob("*.json"))}
    if not found:
        raise InputError(f"{folder}: holds no result: run a verb with --out {folder}")
    return found
