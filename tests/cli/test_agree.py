"""Whether two units are one multiplier."""

import pytest
from imported import keep, random_table

from axmac.cli.main import main


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    captured = capsys.readouterr()
    return stop.value.code or 0, captured.out, captured.err


def test_agreement(capsys):
    keep("one", random_table(4))
    keep("two", random_table(4))
    assert run(capsys, "agree", "one", "two") == (0, "one and two agree on all 256 pairs\n", "")


def test_the_first_differences_are_shown(capsys):
    table = random_table(4) & 0x7F
    keep("one", table, signed=True)
    other = table.copy()
    other[2, 15] = 0x85
    other[3, 0] = other[9, 9] = 0x80
    keep("two", other, signed=True)
    status, out, _ = run(capsys, "agree", "one", "two", "--show", "2")
    lines = out.splitlines()
    assert status == 1
    assert lines[0] == "one and two differ on 3 of 256 pairs, the first:"
    assert len(lines) == 3
    assert lines[1] == f"  a=0x2 b=0xf  2 x -1  one=0x{table[2, 15]:02x} ({table[2, 15]})  two=0x85 (-123)"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["u8_exact", "s8_exact"], "u8_exact multiplies u8, s8_exact s8: they do not compare"),
        (["u8_exact", "ax_fpm"], "fp32_array_ama5_t4 multiplies floats: only integer units"),
        (["u16_exact", "u16_exact"], "u16_exact has 16 bits: all pairs are taken up to 12"),
        (["u8_exact", "nothing"], "unknown unit 'nothing'"),
    ],
)
def test_units_that_do_not_compare(words, message, capsys):
    status, out, err = run(capsys, "agree", *words)
    assert (status, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
