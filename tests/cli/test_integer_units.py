"""The verbs on integer units: products, errors, list, wrong operands and units where floats are needed."""

import json

import pytest
from refusals import assert_refused

from axmac.cli.main import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(map(str, words)))
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


@pytest.mark.parametrize(
    ("unit", "a", "b", "bits", "value", "exact"),
    [
        ("u8_drum_k4", "100", "200", "0x5480", "21632", "20000"),
        ("s8_drum_k4", "-100", "127", "0xcf40", "-12480", "-12700"),
        ("s8_exact", "-128", "0x80", "0x4000", "16384", "16384"),
        ("u8_scaletrim_h4_m8", "255", "255", "0xf200", "61952", "65025"),
        ("s8_scaletrim_h4_m8", "+1", "-0", "0x0000", "0", "0"),
        ("u4_trunc_k3", "0xf", "15", "0x00d0", "208", "225"),
    ],
)
def test_mul(unit, a, b, bits, value, exact, capsys):
    status, out, _ = run(capsys, "mul", unit, a, b, "--json")
    report = json.loads(out)
    assert status == 0
    assert (int(report["product"]["bits"], 16), report["product"]["value"]) == (int(bits, 16), value)
    assert report["exact"] == exact
    assert ("note" in report) == ("scaletrim" in unit)


def test_mul_shows_the_stages_and_says_what_is_reconstructed(capsys):
    _, out, _ = run(capsys, "mul", "s8_scaletrim_h4_m8", "-100", "100")
    for part in ("0x9c", "magnitudes     a=100 b=100 negative=1", "segment        4", "as axmac reconstructed it"):
        assert part in out


def test_errors_are_over_all_pairs(capsys):
    status, out, _ = run(capsys, "errors", "s8_drum_k4", "--json")
    (row,) = json.loads(out)["rows"]
    assert status == 0
    assert (row["pairs"], row["zero"], row["low"], row["high"]) == (255 * 255, 511, -128, 127)
    assert row["mred"] == pytest.approx(0.0586, abs=0.00006)


def test_tables_say_what_is_reconstructed(capsys):
    _, out, _ = run(capsys, "errors", "u8_scaletrim_h4_m8", "--low", "1", "--high", "9")
    assert "as axmac reconstructed it" in " ".join(out.split())
    _, out, _ = run(capsys, "errors", "u8_drum_k4", "--low", "1", "--high", "9")
    assert "reconstructed" not in out


def test_list_has_integer_units(capsys):
    _, out, _ = run(capsys, "list", "--json")
    entries = {entry["id"]: entry for entry in json.loads(out)}
    assert entries["u8_drum_k4"]["measured"]["mred"] == pytest.approx(0.05887, abs=0.00001)
    assert entries["u8_drum_k4"]["ports"] == "a[8] b[8] p[16]"
    assert all("reconstruct" in entry["title"] for name, entry in entries.items() if "scaletrim" in name)


def test_vectors_of_integers_are_checked(capsys, tmp_path):
    file = tmp_path / "vectors.csv"
    file.write_text("a,b,product\n64,c8,5480\n0xff,ff,e100\n", encoding="utf-8")
    assert run(capsys, "check-vectors", file, "--mul", "u8_drum_k4")[0] == 0
    file.write_text("a,b,product\n64,c8,5480\n0xff,ff,e101\n", encoding="utf-8")
    status, out, _ = run(capsys, "check-vectors", file, "--mul", "u8_drum_k4")
    assert status == 1
    assert "a=0xff b=0xff golden=0xe100 vector=0xe101" in out


@pytest.mark.parametrize(("kind", "name", "dataflow"), [("systolic", "_s3_1", "ws"), ("engine", "_k256_n256_", "os")])
def test_arrays_of_integers_are_emitted(kind, name, dataflow, capsys, tmp_path):
    words = ("emit", kind, "--mul", "s8_drum_k4", "--rows", 2, "--cols", 2, "--dataflow", dataflow, "--out", tmp_path)
    assert run(capsys, *words)[0] == 0
    (file,) = tmp_path.glob(f"{kind}_s8_drum_k4_{dataflow}_2x2{name}*.json")
    manifest = json.loads(file.read_text(encoding="utf-8"))
    assert (manifest["spec"]["id"], manifest["accumulator"]) == ("s8_drum_k4", "int32")
    assert manifest["parameters"]["add_stages"] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["mul", "u8_drum_k4", "256", "1"], "256: is out of the range of u8, 0 to 255"),
        (["mul", "s8_drum_k4", "-129", "1"], "-129: is out of the range of s8, -128 to 127"),
        (["mul", "u8_drum_k4", "0x100", "1"], "0x100: has more than the 8 bits of u8"),
        (["mul", "u8_drum_k4", "1.5", "1"], "1.5: is no operand of u8: use an integer"),
        (["mul", "u8_drum_k4", "9" * 5000, "1"], "is no operand of u8"),
        (["mul", "u8_drum_k9", "1", "1"], "k must be 3 to 7 for operands of 8 bits, not 9"),
        (["mul", "u8_nothing", "1", "1"], "unknown unit 'u8_nothing'"),
        (["errors", "s8_exact", "--low", "-129"], "range must be integers of s8, -128 to 127"),
        (["emit", "u8_drum_k4", "--stages", "7"], "stages must be 1 to 6 for u8_drum_k4"),
        (["emit", "u8_drum_k4", "--bundle", "bundle"], "u8_drum_k4 multiplies integers"),
        (["emit", "mac", "--mul", "u8_drum_k4", "--add-stages", "2"], "add_stages must be 1 for u8_drum_k4"),
        (["emit", "systolic", "--mul", "u8_drum_k4", "--add-stages", "3"], "add_stages must be 1 for u8_drum_k4"),
        (["emit", "engine", "--mul", "u8_drum_k4", "--add-stages", "3"], "add_stages must be 1 for u8_drum_k4"),
        (["emit", "systolic", "--mul", "u8_drum_k4", "--stages", "7"], "mul_stages must be 1 to 6, not 7"),
        (
            ["eval", "lenet5", "--mul", "u8_drum_k4"],
            "u8_drum_k4 does not multiply signed integers of 8 bits: use s8_",
        ),
        (["eval", "lenet5", "--mul", "s8_exact", "--percentile", "0"], "--percentile must be above 0 and at most 100"),
        (["eval", "lenet5", "--mul", "ax_fpm", "--percentile", "99"], "--percentile is for integer units"),
        (["eval", "lenet5", "--mul", "ax_fpm", "--calibration", "9"], "--calibration is for integer units"),
        (["attack", "lenet5", "--mul", "u8_drum_k4"], "u8_drum_k4 does not multiply signed integers of 8 bits"),
        (["attack", "lenet5", "--mul", "s8_exact", "--percentile", "0"], "--percentile must be above 0"),
        (["attack", "lenet5", "--mul", "ax_fpm", "--calibration", "9"], "--calibration is for integer units"),
        (["attack", "lenet5", "--mul", "ax_fpm", "--source", "int8"], "--source int8 is for integer units"),
        (["attack", "lenet5", "--mul", "s8_exact", "--source", "it"], "--source must be float32, int8 or unit"),
        (["attack", "lenet5", "--adaptive", "--mul", "u8_exact"], "u8_exact does not multiply signed integers"),
        (["ppa", "s8_exact", "--part", "significand"], "s8_exact multiplies integers"),
        (["ppa", "s8_exact", "--net", "lenet5"], "s8_exact multiplies integers"),
    ],
    ids=lambda value: "_".join(value)[:40] if isinstance(value, list) else "",
)
def test_wrong_input_gives_one_line_and_status_2(words, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(run(capsys, *words), message)
    assert list(tmp_path.iterdir()) == []
