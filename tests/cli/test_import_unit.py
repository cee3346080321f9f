"""Three multipliers from somewhere else become units, and everything that is none gets one line.

The lower-part-OR multiplier and the one with a sign bug were written by hand, the netlist by ``make_netlist.py``, which
knows nothing of the importer. What they compute is said here once more, in numpy.
"""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from axmac.cli.main import main
from axmac.model.fast import int_conv, int_matmul
from axmac.model.golden import multiply
from axmac.model.spec import as_spec, imported_units, units_folder
from axmac.sim.arrays import verify_mac
from axmac.sim.mutate import mutate
from axmac.sim.verify import verify

FOREIGN = Path(__file__).resolve().parents[1] / "foreign"
PORTS = "input [7:0] a, b, output [15:0] p"
GOOD = f"module m({PORTS}); assign p = a * b; endmodule\n"
LOA = [str(FOREIGN / "loa.v"), "--top", "mul8u", "--a", "A", "--b", "B", "--p", "O"]
FLAT = [str(FOREIGN / "flat_array.v"), "--a", "in$A", "--b", "in$B", "--p", "out.q"]
SIGN = [str(FOREIGN / "sign_bug.v"), "--a", "x", "--b", "y", "--p", "z", "--signed"]
BITS = np.arange(256)


def lower_part_or():
    rows = [(BITS[None, :] >> i & 1) * (BITS[:, None] << i) for i in range(8)]
    low = np.bitwise_or.reduce(rows) & 0x3F
    return sum(row & ~0x3F for row in rows) + low


def without_low_carries():
    pairs = {k: [] for k in range(15)}
    for i in range(8):
        for j in range(8):
            pairs[i + j].append((BITS[:, None] >> i & 1) * (BITS[None, :] >> j & 1))
    low = sum((sum(pairs[k]) & 1) << k for k in range(3))
    return low + sum(sum(pairs[k]) << k for k in range(3, 15))


def with_sign_bug():
    values = np.where(BITS > 127, BITS - 256, BITS)
    values = np.where(values == -128, 0, values)
    return np.outer(values, values) & 0xFFFF


ORACLES = {"loa": lower_part_or, "flat": without_low_carries, "buggy": with_sign_bug}


def run(*words):
    """Status, stdout and stderr of a verb; capsys has no module scope."""
    code = "import sys; from axmac.cli.main import main; main(sys.argv[1:])"
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory, request):
    """The three units, imported once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AXMAC_UNITS", str(tmp_path_factory.mktemp("units") / "deep" / "er"))
        patch.chdir(request.config.rootpath)  # builds are kept there
        for name, words in (("loa", LOA), ("flat", FLAT), ("buggy", SIGN)):
            status, out, err = run("import", *words, "--as", name)
            assert (status, err) == (0, "")
            assert out.startswith(
                f"{name}: {'s8 x s8 -> s16' if name == 'buggy' else 'u8 x u8 -> u16'}, 65,536 products"
            )
        yield


@pytest.mark.parametrize("unit", ORACLES)
def test_the_table_is_what_the_file_says_on_all_pairs(unit):
    patterns = BITS.astype(np.uint8)
    found = multiply(unit, patterns[:, None], patterns)
    assert found.shape == (256, 256)
    np.testing.assert_array_equal(found, ORACLES[unit]())


@pytest.mark.parametrize("unit", ORACLES)
def test_int_matmul_and_int_conv(unit):
    signed = unit == "buggy"
    dtype, low, high = (torch.int8, -128, 128) if signed else (torch.uint8, 0, 256)
    torch.manual_seed(3)
    x, w = torch.randint(low, high, (50, 70), dtype=dtype), torch.randint(low, high, (70, 33), dtype=dtype)
    table = ORACLES[unit]()
    values = np.where(table > 0x7FFF, table - 0x10000, table) if signed else table
    products = values[x.view(torch.uint8).numpy()[:, :, None], w.view(torch.uint8).numpy()[None]]
    assert products.shape == (50, 70, 33)
    np.testing.assert_array_equal(int_matmul(unit, x, w).numpy(), products.sum(axis=1))
    found = int_conv(unit, x.reshape(50, 70, 1, 1), w.T.reshape(33, 70, 1, 1).contiguous())
    np.testing.assert_array_equal(found.numpy().reshape(50, 33), products.sum(axis=1))


@pytest.mark.parametrize(("unit", "sim"), [("flat", "verilator"), ("loa", "icarus"), ("buggy", "icarus")])
def test_rtl_equals_golden(unit, sim):
    report = verify(unit, sim=sim, n=500)
    assert report.alarm == ""
    assert report.passed
    assert (report.exhaustive, report.latency) == (65_536, 3)


def test_int32_mac_and_planted_faults():
    figures = verify_mac("flat", "icarus", 500)
    assert figures["stalls"]["compared"] > 500
    assert [figures[test]["first"] for test in ("stalls", "full_load")] == ["", ""]
    report = mutate("loa", "icarus", n=300)
    assert report.passed
    assert report.count("killed", "product") == 8


def test_the_verilog_is_kept_and_emitted_as_it_is(tmp_path):
    source = (FOREIGN / "loa.v").read_text()
    assert as_spec("loa").product.verilog == source
    status, _, err = run("emit", "loa", "--out", tmp_path)
    assert (status, err) == (0, "")
    assert source.rstrip() in (tmp_path / "loa.v").read_text()
    assert json.loads((tmp_path / "loa.json").read_text())["modules"][0]["name"] == "loa"


def test_verbs_know_the_unit():
    status, out, _ = run("mul", "loa", "255", "255", "--json")
    assert status == 0
    assert json.loads(out)["product"]["value"] == str(lower_part_or()[255, 255])
    status, out, _ = run("errors", "loa", "--json")
    row = json.loads(out)["rows"][0]
    exact, value = np.outer(BITS, BITS), lower_part_or()
    assert row["med"] == pytest.approx(np.abs(value - exact)[exact > 0].mean(), rel=1e-12)
    status, out, _ = run("list", "--json")
    entry = json.loads(out)[-1]
    assert (status, entry["id"], entry["source"]) == (0, "loa", "Verilog, loa.v")
    assert entry["measured"]["mred"] == pytest.approx(row["mred"], rel=1e-12)
    assert entry["modules"] == {"loa": 0, "loa_s3": 3}


def test_the_sign_bug_is_reported_by_the_agreement_check():
    before = set(imported_units())
    status, out, err = run("import", *SIGN, "--as", "other", "--agree", "s8_exact")
    assert (status, err) == (1, "")
    assert out.splitlines()[:2] == [
        "other and s8_exact differ on 509 of 65,536 pairs, the first:",
        "  a=0x01 b=0x80  1 x -128  other=0x0000 (0)  s8_exact=0xff80 (-128)",
    ]
    assert set(imported_units()) == before


def test_swapped_operands_are_the_transposed_table():
    text = "module m(input [2:0] x, y, output [5:0] z); assign z = x * y - (x > y); endmodule"
    names = ["--a", "x", "--b", "y", "--p", "z"]
    patterns = np.arange(8, dtype=np.uint8)
    path = units_folder().parent / "m.v"
    path.write_text(text)
    assert run("import", path, *names, "--as", "straight")[0] == 0
    assert run("import", path, *names, "--as", "swapped", "--swap")[0] == 0
    straight, swapped = (multiply(name, patterns[:, None], patterns) for name in ("straight", "swapped"))
    np.testing.assert_array_equal(swapped, straight.T)
    assert np.any(straight != straight.T)
    for name in ("straight", "swapped"):
        report = verify(name, sim="icarus", n=200)
        assert report.mismatches == 0
        assert report.exhaustive == 64


def test_python_with_swap():
    path = units_folder().parent / "f.py"
    path.write_text("def f(a, b):\n    return a * b + (a > b)\n")
    assert run("import", "--python", f"{path}:f", "--width", "4", "--as", "py_swap", "--swap")[0] == 0
    found = multiply("py_swap", np.uint8(3), np.uint8(5))
    assert found == 16
    assert multiply("py_swap", np.uint8(5), np.uint8(3)) == 15
    status, out, err = run("import", "--python", f"{path}:f", "--width", "4", "--as", "x", "--agree", "u8_exact")
    assert (status, out, err) == (2, "", "axmac: x multiplies u4, u8_exact u8: they do not compare\n")
    assert "x" not in imported_units()


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        (GOOD, ["--as", "loa"], "loa is imported already: choose another name, or delete /"),
        (GOOD, ["--as", "ax_fpm"], "ax_fpm is a unit of axmac: choose another name"),
        (GOOD, ["--as", "heap"], "heap is a unit of axmac"),
        (GOOD, ["--as", "u8_drum_k4"], "'u8_drum_k4' is kept for units and modules of axmac"),
        (GOOD, ["--as", "My Mul"], "the name of a unit has at most 40 of a-z"),
        (GOOD, ["--as", "m"], "m.v: module m would meet a module of the unit m: choose another --as"),
        (GOOD, ["--as", "wire"], "m.v: Verilator: syntax error, unexpected wire"),
        (GOOD, [], "name the unit with --as"),
        (GOOD, ["--as", "x", "--top", "n"], "m.v: has no module n: the file has m"),
        (GOOD, ["--as", "x", "--a", "A"], "m.v: m has no input A: its inputs are a[8], b[8], its outputs p[16]"),
        (GOOD, ["--as", "x", "--p", "a"], "m.v: m has no output a: "),
        (GOOD, ["--as", "x", "--b", "a"], "m.v: m must have two inputs and one output: "),
        (GOOD.replace(" p)", " p, output q)"), ["--as", "x"], "Wire m.q is used but has no driver"),
        (GOOD.replace(" a,", " c, a,"), ["--as", "x"], "its inputs are c[8], a[8], b[8]"),
        (GOOD.replace("15:0", "14:0"), ["--as", "x"], "m.v: operands must have n bits, 2 to 12, and the product 2n"),
        (GOOD.replace("7:0", "12:0").replace("15:0", "25:0"), ["--as", "x"], "a[13], b[13], its outputs p[26]"),
        (GOOD.replace("assign p", "reg q; always @* if (a[0]) q = b[0]; assign p[0] = q; assign p[15:1]"),
         ["--as", "x"], "m.v:1: m is not combinational: q is a latch"),
        (GOOD.replace("assign p", "reg q; always @(posedge a[0]) q <= b[0]; assign p[0] = q; assign p[15:1]"),
         ["--as", "x"], "m.v:1: m is not combinational: q is a register"),
        (GOOD, ["--as", "x", "--width", "8"], "--width goes with --c and --python"),
        (GOOD, ["--as", "x", "--table", "t"], "name one source: a Verilog file, --c, --python or --table"),
        (GOOD, ["--as", "x", "--agree", "nothing"], "unknown unit 'nothing'"),
        (None, ["--as", "x"], "m.v: cannot be read (No such file or directory)"),
        (b"\xff\xfe", ["--as", "x"], "m.v: is no text in UTF-8"),
    ],
    ids=lambda value: "_".join(value)[:20] if isinstance(value, list) else "",
)  # fmt: skip
def test_one_line_and_nothing_half_written(text, words, message, tmp_path, capsys, monkeypatch):
    before = sorted(units_folder().rglob("*"))
    monkeypatch.chdir(tmp_path)
    if text is not None:
        Path("m.v").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(SystemExit) as stop:
        main(["import", "m.v", *words])
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert message in captured.err
    assert captured.err.startswith("axmac: ")
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert sorted(units_folder().rglob("*")) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ([] if text is None else ["m.v"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "name one source"),
        (["--c", "f.c"], "--c and --function go together"),
        (["--function", "f", "--table", "t"], "--c and --function go together"),
        (["--python", "f.py"], "--python must be FILE.py:FUNCTION, not 'f.py'"),
        (["--python", "f.py:f"], "f.py: cannot be read"),
        (["--python", "f.py:f", "--top", "m"], "--top, --a, --b and --p go with a Verilog file"),
        (["--c", "f.c", "--function", "f", "--width", "9"], "--width must be 2 to 8, not 9"),
        (["--table", "t", "--width", "8"], "--width goes with --c and --python"),
        (["--table", "none"], "none: cannot be read"),
    ],
    ids=lambda value: "_".join(value)[:30] if isinstance(value, list) else "",
)
def test_one_line_for_other_sources(words, message, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["import", *words, "--as", "x"])
    captured = capsys.readouterr()
    assert stop.value.code == 2
    assert message in captured.err
    assert (captured.out, captured.err.count("\n")) == ("", 1)
    assert "x" not in imported_units()
    assert list(tmp_path.iterdir()) == []
