"""The tables in the README are those of the committed results."""

from pathlib import Path

import pytest

from axmac.model.report import load, load_folder, markdown
from axmac.model.report.page import marks, rewritten
from axmac.model.report.studies import sentences
from axmac.model.report.tables import blocks_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("kind", ["verification", "bench", "ppa-table7", "ppa-table9"])
def test_the_block_in_the_readme_is_that_of_the_committed_result(kind):
    result = load(ROOT / "docs" / f"{kind}.json")
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    block = blocks_of(result)
    assert block.count("\n") > 9
    assert rewritten(page, kind, block) == page, "run `make publish`"
    assert result["alarms"] == []


def test_the_studies_in_the_readme_are_those_of_the_committed_results():
    results = load_folder(ROOT / "docs" / "studies")
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    assert rewritten(page, "studies", markdown(sentences(results))) == page, "run `make publish`"
    assert rewritten(page, "study-table2", blocks_of(results["table2"])) == page, "run `make publish`"
    assert all(result["study"]["name"] == name for name, result in results.items())
    assert not results["table2"]["study"]["quick"]


def test_only_the_block_is_rewritten():
    begin, end = marks("bench")
    page = f"before\n{begin}\nold\n{end}\nafter\n"
    assert rewritten(page, "bench", "new\n") == f"before\n{begin}\nnew\n{end}\nafter\n"
    with pytest.raises(ValueError, match="the page must have one"):
        rewritten("no marks", "bench", "new")
