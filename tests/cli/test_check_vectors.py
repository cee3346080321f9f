"""Vectors made elsewhere: here by the text of the definition in `oracles`, not by the golden model."""

import json
import random

import pytest
from oracles import CLASS_PATTERNS, multiply_ama5

from axmac.cli.main import main

HEADER = "a,b,product\n"


def run(capsys, *words):
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    captured = capsys.readouterr()
    return stop.value.code, captured.out, captured.err


def vectors(count):
    draw = random.Random(1)
    edges = [pattern for patterns in CLASS_PATTERNS["fp32"].values() for pattern in patterns]
    pairs = [(a, b) for a in edges for b in edges] + [
        (draw.getrandbits(32), draw.getrandbits(32)) for _ in range(count)
    ]
    return [(a, b, multiply_ama5(a, b, 4)) for a, b in pairs]


def written(tmp_path, text):
    path = tmp_path / "vectors.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_right_vectors_pass(capsys, tmp_path):
    rows = vectors(500)
    path = written(tmp_path, HEADER + "".join(f"{a:#010x},{b:08X},0x{p:x}\n" for a, b, p in rows))
    status, out, _ = run(capsys, "check-vectors", path, "--mul", "ax_fpm")
    assert status == 0
    assert out == f"fp32_array_ama5_t4: {len(rows)} vectors, 0 mismatches\n"


def test_columns_in_any_order_and_further_ones(capsys, tmp_path):
    rows = vectors(10)
    path = written(tmp_path, "what,product,b,a\n" + "".join(f"x,{p:x},{b:x},{a:x}\n" for a, b, p in rows))
    status, out, _ = run(capsys, "check-vectors", path, "--mul", "ax_fpm", "--json")
    assert status == 0
    assert json.loads(out) | {"file": ""} == {
        "unit": "fp32_array_ama5_t4",
        "file": "",
        "vectors": len(rows),
        "mismatches": 0,
        "first": None,
    }


def test_the_first_mismatch_is_printed_with_its_stages(capsys, tmp_path):
    path = written(tmp_path, HEADER + "3f800000,3f800000,40000000\n3f800000,3f800000,3f800000\n0,0,1\n")
    status, out, _ = run(capsys, "check-vectors", path, "--mul", "ax_fpm")
    assert status == 1
    assert out.splitlines()[0] == "a=0x3f800000 b=0x3f800000 golden=0x40000000 vector=0x3f800000"
    assert "tiles a[5]" in out
    assert out.splitlines()[-1] == "fp32_array_ama5_t4: 3 vectors, 2 mismatches"
    status, out, _ = run(capsys, "check-vectors", path, "--mul", "ax_fpm", "--json")
    assert status == 1
    assert json.loads(out)["first"]["vector"] == "0x3f800000"


def test_operands_and_products_of_different_width(capsys, tmp_path):
    path = written(tmp_path, HEADER + "3f80,4000,40000000\n")
    status, out, _ = run(capsys, "check-vectors", path, "--mul", "bf16_booth_to_fp32")
    assert (status, out) == (0, "bf16_booth_to_fp32: 1 vectors, 0 mismatches\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty: its first line must name the columns a, b, product"),
        (HEADER, "holds no vectors"),
        ("3f80,3f80,3f80\n", "has no column a and b and product: its first line names 3f80, 3f80, 3f80"),
        ("a,b,p\n0,0,0\n", "has no column product"),
        (HEADER + "0,0,0\n0,zero,0\n", "vectors.csv:3: b must be hex bits, not 'zero'"),
        (HEADER + "0,-1,0\n", "vectors.csv:2: b must be hex bits, not '-1'"),
        (HEADER + "0,0\n", "vectors.csv:2: product must be hex bits, not ''"),
        (HEADER + "0,0x10000,0\n", "vectors.csv:2: b 0x10000 has more than the 16 bits"),
        (HEADER + "0,0,12345\n", "vectors.csv:2: product 12345 has more than the 16 bits"),
        ("a,b,product\n\x00\xff", "must be hex bits"),
    ],
)
def test_a_wrong_file_is_named_in_one_line(text, message, capsys, tmp_path):
    path = written(tmp_path, text)
    status, _, err = run(capsys, "check-vectors", path, "--mul", "bf16")
    assert status == 2
    assert message in err
    assert str(path) in err
    assert err.count("\n") == 1


def test_a_binary_file_and_a_missing_one(capsys, tmp_path):
    path = tmp_path / "vectors.csv"
    path.write_bytes(b"\xff\xfe\x00")
    for name, message in ((path, "is no CSV text"), (tmp_path / "none.csv", "cannot be read"), (tmp_path, "cannot be")):
        status, _, err = run(capsys, "check-vectors", name, "--mul", "bf16")
        assert status == 2
        assert message in err
        assert err.count("\n") == 1


def test_help_has_an_example(capsys):
    status, out, _ = run(capsys, "check-vectors", "--help")
    assert status == 0
    assert "Example: axmac check-vectors" in " ".join(out.replace("│", " ").split())
