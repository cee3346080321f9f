"""``python -m everything.publish FILE..``: results become files in docs and their tables blocks of the README.

Costs and searches, a file of each, rewrite their block where the README has it. A study is copied with its picture, as
searches and precisions are, and rewrites the block of all studies, and one of its own where the README has it; a quick
one does not replace a full one. What ``axmac precision`` found of its usual MACs is also written where studies read it.
Exit status 0, or 2 for a file that is no result of a whole run that passed.
"""

import json
import sys
from pathlib import Path
from typing import Any

from axmac.model.report import load, load_folder, markdown, save
from axmac.model.report.page import marks, rewritten
from axmac.model.report.precision import energy_shares
from axmac.model.report.studies import sentences
from axmac.model.report.tables import blocks_of
from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole
from everything.step import ROOT

__all__ = ["MAC_ENERGY", "PUBLISHED", "publish"]

PUBLISHED = {
    "verification": "make verify-all",
    "bench": "make bench",
    "study": "make studies",
    "ppa": "make costs",
    "search": "make search",
    "precision": "axmac precision",
}
"""Kinds of results that the README shows, and what makes them."""


MAC_ENERGY = "model/study/quanos/mac_energy.json"
_CONFIGURATIONS = {"standard": "standard", "DG": "dg", "DVAFS": "dvafs"}


def publish(path: Path, root: Path) -> None:
    """Copy a result into ``root/docs`` and rewrite ``root/README.md``.

    ``InputError`` for a result with alarms, unless it is a study, whose alarms are printed with it.
    """
    result = load(path)
    kind = result["kind"]
    if kind not in PUBLISHED or (result["alarms"] and kind != "study"):
        raise InputError(
            f"{path}: is no result of a run that passed: run {' or '.join(PUBLISHED.values())} until it does"
        )
    readme = root / "README.md"
    page = readme.read_text(encoding="utf-8")
    if kind == "study":
        page = _with_study(page, path, result, root / "docs" / "studies")
    else:
        several, pictured = kind in ("ppa", "search", "precision"), kind in ("search", "precision")
        name = path.stem if several else kind
        save(result, root / "docs" / f"{name}.json")
        if name == kind == "precision":
            write_whole(root / MAC_ENERGY, _shares(result))
        if pictured:
            write_whole(root / "docs" / f"{name}.png", path.with_suffix(".png").read_bytes())
        if not several or marks(name)[0] in page:
            page = rewritten(page, name, blocks_of(result))
    write_whole(readme, page.encode())


def _shares(result: dict[str, Any]) -> bytes:
    """What studies of QUANOS read: energy per product of the three kinds of MACs by the bits of a layer."""
    first = result["rows"][0]
    found = energy_shares(result)
    energies = {name: found[f"mac16_{unit}"] for name, unit in _CONFIGURATIONS.items()}
    source = f"axmac precision, {first['library']['name']}, {first['period']:g} ns, commit {result['commit']}"
    return (json.dumps({"source": source, "energies": energies}, indent=1) + "\n").encode()


def _with_study(page: str, path: Path, result: dict[str, Any], folder: Path) -> str:
    name = result["study"]["name"]
    place = folder / f"{name}.json"
    if result["study"]["quick"] and place.is_file() and not load(place)["study"]["quick"]:
        return page
    save(result, place)
    picture = path.with_suffix(".png")
    if picture.is_file():
        write_whole(folder / f"{name}.png", picture.read_bytes())
    page = rewritten(page, "studies", markdown(sentences(load_folder(folder))))
    return rewritten(page, f"study-{name}", blocks_of(result)) if marks(f"study-{name}")[0] in page else page


if __name__ == "__main__":
    try:
        for name in sys.argv[1:]:
            publish(Path(name), ROOT)
    except InputError as error:
        print(f"publish: {error}", file=sys.stderr)
        sys.exit(2)
