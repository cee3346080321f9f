"""What ``axmac search`` chooses from: units, and their energies from a result of ``axmac ppa``."""

import hashlib
from pathlib import Path

from axmac.model.spec import InputError, catalog

__all__ = ["chosen_units", "energies_of"]

_OPERANDS = "uniform"


def chosen_units(units: str, population: int) -> list[str]:
    """Ids of different signed 8-bit units, ``s8_exact`` among them; ``InputError`` for others and for fewer than two.

    The first generation has each of them in all layers: ``population`` must be at least as large.
    """
    from axmac.model.nn.int8 import int8_unit
    from axmac.model.study.search import ACCURATE

    ids = list(dict.fromkeys([ACCURATE, *(int8_unit(catalog[name.strip()]).id for name in units.split(","))]))
    if len(ids) < 2:
        raise InputError(f"--units must name at least one unit besides {ACCURATE}, not {units!r}")
    if population < len(ids):
        raise InputError(
            f"--population must be at least {len(ids)}, as many as units ({ACCURATE} is one): {population}"
        )
    return ids


def energies_of(path: Path, units: list[str]) -> tuple[dict[str, float], str]:
    """pJ a product by unit, for uniform operands, and the SHA-256 of the file.

    ``InputError`` names the `axmac ppa` command that measures what is missing: the file, a unit, a library.
    """
    from axmac.model.report import load

    remedy = f"run `axmac ppa {' '.join(units)} --liberty FILE --out {path.parent}` and name its result"
    if not path.is_file():
        raise InputError(f"--costs {path} is missing: {remedy}")
    result = load(path)
    if result["kind"] != "ppa":
        raise InputError(f"--costs {path} is a result of kind {result['kind']}: {remedy}")
    rows = {row["unit"]: row for row in result["rows"] if row["part"] == "core" and "energy" in row}
    for unit in units:
        if unit not in rows or rows[unit]["spec_sha256"] != catalog[unit].sha256:
            raise InputError(f"--costs {path} has no energy of {unit}: {remedy}")
    return {unit: rows[unit]["energy"][_OPERANDS]["total"] for unit in units}, hashlib.sha256(
        path.read_bytes()
    ).hexdigest()
