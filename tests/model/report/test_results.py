"""Result files: what the schema refuses, provenance, and nothing half-written."""

import json

import jsonschema
import pytest

from axmac.model.report import load, load_folder, new_result, save
from axmac.model.report.results import SCHEMA
from axmac.model.spec import InputError, catalog

FIGURES = ("med", "nmed", "mred", "ratio_of_means", "wce", "ep", "bias", "larger")
ROW = {"pairs": 10, "low": -1.0, "high": 1.0, **dict.fromkeys(FIGURES, 0.5)}


def result(**changes):
    return new_result("errors", [ROW], seed=3, spec=catalog["ax_fpm"], **changes)


def test_a_result_says_where_it_comes_from():
    made = result()
    assert made["spec"]["id"] == "fp32_array_ama5_t4"
    assert made["mac"] == "fp32_array_ama5_t4+float32.sequential"
    assert made["spec"]["sha256"] == catalog["ax_fpm"].sha256
    assert made["seed"] == 3
    assert made["threads"] >= 1
    assert {"axmac", "python", "numpy", "torch"} <= set(made["versions"])
    assert (made["commit"] is None) == (made["dirty"] is None)


def test_what_is_saved_is_loaded(tmp_path):
    made = result()
    path = save(made, tmp_path / "new" / "one.json")
    assert load(path) == made
    assert load_folder(path.parent) == {"one": made}
    assert [file.name for file in path.parent.iterdir()] == ["one.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"seed": -1},
        {"rows": []},
        {"rows": [{}]},
        {"kind": "guess"},
        {"threads": 0},
        {"net": {"name": "lenet5"}},
        {"data": {"name": "digits", "sha256": "0" * 64, "indices": "all"}},
        {"attack": {"name": "fgsm"}},
        {"colour": "red"},
    ],
    ids=str,
)
def test_the_schema_refuses(change, tmp_path):
    wrong = {**result(), **change}
    with pytest.raises(jsonschema.ValidationError):
        save(wrong, tmp_path / "wrong.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "message"), [("{", "is no JSON"), ("{}", "required property"), ("[]", "not of type")])
def test_a_file_that_is_no_result_is_refused(text, message, tmp_path):
    path = tmp_path / "x.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_or_folder_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load(tmp_path / "none.json")
    with pytest.raises(InputError, match="is no folder"):
        load_folder(tmp_path / "none")
    with pytest.raises(InputError, match="holds no result"):
        load_folder(tmp_path)


def test_not_a_number_is_never_written(tmp_path):
    with pytest.raises(ValueError, match="JSON compliant"):
        save({**result(), "rows": [{**ROW, "x": float("nan")}]}, tmp_path / "nan.json")
    assert not (tmp_path / "nan.json").exists()


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.dumps(SCHEMA)
