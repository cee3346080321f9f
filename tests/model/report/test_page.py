"""The tables in the README are those of the committed results."""

from pathlib import Path

import pytest

from axmac.model.report import load
from axmac.model.report.page import marks, rewritten
from axmac.model.report.tables import blocks_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("kind", ["verification", "bench"])
def test_the_block_in_the_readme_is_that_of_the_committed_result(kind):
    result = load(ROOT / "docs" / f"{kind}.json")
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    block = blocks_of(result)
    assert block.count("\n") > 10
    assert rewritten(page, kind, block) == page, "run `make publish`"
    assert result["alarms"] == []


def test_only_the_block_is_rewritten():
    begin, end = marks("bench")
    page = f"before\n{begin}\nold\n{end}\nafter\n"
    assert rewritten(page, "bench", "new\n") == f"before\n{begin}\nnew\n{end}\nafter\n"
    with pytest.raises(ValueError, match="the page must have one"):
        rewritten("no marks", "bench", "new")
