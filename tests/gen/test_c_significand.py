"""Significand products in C against closed forms and the exact product, exhaustively at width 8."""

import subprocess

import pytest

from axmac.gen.c_significand import significand_text
from axmac.model.spec import AMA5, EXACT, ArraySig, BoothSig, PlainSig

MAIN = """
#include <stdint.h>
#include <stdio.h>
enum {{ SIG_WIDTH = 8 }};
{text}
int main(void)
{{
    uint32_t a, b;
    long equal = 0;

    for (a = 0; a < 256; a++)
        for (b = 0; b < 256; b++)
            equal += significand_product(a, b) == {expected};
    printf("%ld\\n", equal);
    return 0;
}}
"""
AMA5_TILES = "(uint64_t)(a & 0x11) * b + 2 * (a & 0xee) * (b & 0x88)"
HEAP_LIKE = "(uint64_t)(a & 0x11) * (b & 0x77) + a * (b & 0x88) + 2 * (a & 0x88) * (b & 0x44)"
HEAP_MAP = ((AMA5,) * 4, (AMA5,) * 4, (AMA5, AMA5, AMA5, EXACT))


@pytest.mark.parametrize(
    ("significand", "expected"),
    [
        (PlainSig(), "a * b"),
        (BoothSig(), "a * b"),
        (ArraySig(EXACT, 8), "a * b"),
        (ArraySig(EXACT, 4, topology="csa"), "a * b"),
        (ArraySig(AMA5, 1), "a * b"),
        (ArraySig(AMA5, 4), AMA5_TILES),
        (ArraySig(AMA5, 4, rows="weight", wiring="spc", cell_map=HEAP_MAP), HEAP_LIKE),
    ],
    ids=repr,
)
def test_every_pair_at_width_8(significand, expected, tmp_path):
    text = MAIN.format(text=significand_text(significand), expected=expected)
    (tmp_path / "main.c").write_text(text, encoding="utf-8")
    compiler = ["gcc", "-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o", "main", "main.c"]
    subprocess.run(compiler, cwd=tmp_path, check=True)
    done = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "65536\n"


def test_unknown_significand():
    with pytest.raises(TypeError, match="no C text for 'array'"):
        significand_text("array")
