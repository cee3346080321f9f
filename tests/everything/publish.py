"""``python -m everything.publish FILE..``: results become files in docs and their tables blocks of the README.

Exit status 0, or 2 for a file that is no result of a whole run that passed.
"""

import sys
from pathlib import Path

from axmac.model.report import load, save
from axmac.model.report.page import rewritten
from axmac.model.report.tables import blocks_of
from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole
from everything.step import ROOT

__all__ = ["PUBLISHED", "publish"]

PUBLISHED = {"verification": "make verify-all", "bench": "make bench"}
"""Kinds of results that the README shows, and what makes them."""


def publish(path: Path, root: Path) -> None:
    """Copy a result into ``root/docs`` and rewrite ``root/README.md``; ``InputError`` for a result with alarms."""
    result = load(path)
    kind = result["kind"]
    if kind not in PUBLISHED or result["alarms"]:
        raise InputError(
            f"{path}: is no result of a run that passed: run {' or '.join(PUBLISHED.values())} until it does"
        )
    readme = root / "README.md"
    page = rewritten(readme.read_text(encoding="utf-8"), kind, blocks_of(result))
    save(result, root / "docs" / f"{kind}.json")
    write_whole(readme, page.encode())


if __name__ == "__main__":
    try:
        for name in sys.argv[1:]:
            publish(Path(name), ROOT)
    except InputError as error:
        print(f"publish: {error}", file=sys.stderr)
        sys.exit(2)
