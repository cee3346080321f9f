"""``python -m everything.publish``: the result of a run becomes docs/verification.json and the table in the README.

Exit status 0, or 2 for a file that is no result of a whole run that passed.
"""

import sys
from pathlib import Path

from axmac.model.report import load, markdown, save, table_of, write_whole
from axmac.model.report.verification import rewritten
from axmac.model.spec import InputError
from everything.step import ROOT

__all__ = ["publish"]


def publish(path: Path, root: Path) -> None:
    """Copy the result into ``root/docs`` and rewrite ``root/README.md``; ``InputError`` for a result with alarms."""
    result = load(path)
    if result["kind"] != "verification" or result["alarms"]:
        raise InputError(f"{path}: is no result of a run that passed: run make verify-all until it does")
    readme = root / "README.md"
    page = rewritten(readme.read_text(encoding="utf-8"), markdown(table_of(result)))
    save(result, root / "docs" / "verification.json")
    write_whole(readme, page.encode())


if __name__ == "__main__":
    try:
        publish(Path("build", "verify-all", "verification.json"), ROOT)
    except InputError as error:
        print(f"publish: {error}", file=sys.stderr)
        sys.exit(2)
