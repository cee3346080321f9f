import json

import pytest

from axmac.model.report import new_result, save
from axmac.model.report.page import marks
from axmac.model.spec import InputError
from everything.publish import publish

ROW = {"subject": "some_unit", "kind": "unit", "statements": 3, "proven": 3}


def test_the_result_is_copied_and_the_readme_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text("\n".join(["# Title", *marks("verification"), "end\n"]))
    path = save(new_result("verification", [ROW], seed=1), tmp_path / "result.json")
    publish(path, tmp_path)
    assert json.loads((tmp_path / "docs" / "verification.json").read_text()) == json.loads(path.read_text())
    page = readme.read_text()
    assert "| some_unit | 3 of 3 statements |" in page
    publish(path, tmp_path)
    assert readme.read_text() == page


@pytest.mark.parametrize(
    "result", [new_result("verification", [ROW], seed=1, alarms=("failed: x",)), new_result("regress", [ROW], seed=1)]
)
def test_what_did_not_pass_is_refused(result, tmp_path):
    path = save(result, tmp_path / "result.json")
    with pytest.raises(InputError, match="run make verify-all or make bench until it does"):
        publish(path, tmp_path)
    assert not (tmp_path / "docs").exists()
