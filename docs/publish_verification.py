"""Puts the result of ``make verify-all`` where everybody sees it: docs/verification.json, and the README's table."""

import sys
from pathlib import Path

from axmac.model.report import load, markdown, save, table_of, write_whole
from axmac.model.report.verification import rewritten
from axmac.model.spec import InputError

ROOT = Path(__file__).resolve().parents[1]


def main(path: Path) -> int:
    """Copies the result and rewrites the README; refuses a result with alarms."""
    try:
        result = load(path)
        if result["kind"] != "verification" or result["alarms"]:
            raise InputError(f"{path}: is no result of a run that passed whole: run make verify-all until it does")
    except InputError as error:
        print(f"publish: {error}", file=sys.stderr)
        return 2
    save(result, ROOT / "docs" / "verification.json")
    readme = ROOT / "README.md"
    page = rewritten(readme.read_text(encoding="utf-8"), markdown(table_of(result)))
    write_whole(readme, page.encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
