"""The C model, written from the spec alone, against golden in every family of units."""

import subprocess

import pytest

from axmac.gen.c_model import c_check, c_header, c_model
from axmac.model.golden import multiply
from axmac.model.spec import AMA1, AMA5, EXACT, FLOAT32, ArraySig, FpMul, by_column, catalog
from axmac.sim.stimulus import stimulus

SPECS = [
    *(
        catalog[name]
        for name in (
            "ax_fpm",
            "fp32_array_ama5_t4_xc",
            "fp32_array_ama5_t1",
            "bf16_array_ama5_t4",
            "fp32_ieee",
            "bf16_booth",
            "bf16_booth_to_fp32",
            "bf16_ieee_booth_to_fp32",
            "fp16_ieee",
            "fp16_array_axa2_t11_to_fp32_wcps",
            "bf16_plain_rtz",
            "bf16_csa_exact_t8_xc_rne",
            "fp32_csa_ama3_t6_wspc_rw",
            "fp32_array_ama1_t24_rne",
            "fp32_array_inxa1_t3_xc_wcsp",
            "e11f20_array_ama2_t3_rne",
            "e5f2_booth_to_fp32",
            "e4f6_booth",
            "e2f1_ieee",
        )
    ),
    FpMul(FLOAT32, ArraySig(AMA5, 4, rows="weight", wiring="spc", cell_map=by_column(4, AMA5, {6: EXACT, 1: AMA1}))),
    FpMul(FLOAT32, ArraySig(AMA5, 3, topology="csa", cell_map=((AMA5, AMA1, EXACT), (AMA1, EXACT, AMA5)))),
]
COMPILE = "gcc -std=c99 -pedantic -O1 -Wall -Wextra -Werror -fsanitize=undefined -fno-sanitize-recover"


def check(spec, vectors, folder):
    """Compiles the model and its check program; exit status and output for vectors (a, b, p)."""
    for name, text in ((".c", c_model(spec)), (".h", c_header(spec)), ("_check.c", c_check(spec))):
        (folder / f"{spec.id}{name}").write_text(text, encoding="utf-8")
    (folder / "vectors.hex").write_text("".join(f"{a:x} {b:x} {p:x}\n" for a, b, p in vectors), encoding="utf-8")
    subprocess.run([*COMPILE.split(), "-o", "check", f"{spec.id}.c", f"{spec.id}_check.c"], cwd=folder, check=True)
    done = subprocess.run(["./check", "vectors.hex"], cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)
def test_all_class_pairs_and_100_000_random_pairs(spec, tmp_path):
    a, b = stimulus(spec, 100_000, 7)
    products = multiply(spec, a, b)
    assert len(a) > 101_000
    vectors = zip(a.tolist(), b.tolist(), products.tolist(), strict=True)
    assert check(spec, vectors, tmp_path) == (0, f"PASS {len(a)} vectors\n")


def test_a_bit_far_below_a_tie_of_subnormals_rounds_up(tmp_path):
    a, b = 52 << 23 | 0x001001, 51 << 23 | 0x7FE002  # 0x801001 * 0xffe002 = 2^47 + 2; the product is 2^-150 + 2^-196
    assert (0x801001 * 0xFFE002) == (1 << 47) + 2
    tie = 52 << 23, 52 << 23  # 2^-150
    assert check(catalog["fp32_ieee"], [(a, b, 1), (*tie, 0)], tmp_path) == (0, "PASS 2 vectors\n")


def test_bits_above_the_format_are_ignored(tmp_path):
    spec = catalog["bf16_array_ama5_t4"]
    (tmp_path / "model.c").write_text(c_model(spec), encoding="utf-8")
    (tmp_path / f"{spec.id}.h").write_text(c_header(spec), encoding="utf-8")
    main = (
        f'#include "{spec.id}.h"\nint main(void) {{ return {spec.id}_multiply(0xabcd3f80, 0x12343f80) != 0x4000; }}\n'
    )
    (tmp_path / "main.c").write_text(main, encoding="utf-8")
    subprocess.run(["gcc", "-std=c99", "-o", "main", "main.c", "model.c"], cwd=tmp_path, check=True)
    assert subprocess.run(["./main"], cwd=tmp_path, check=False).returncode == 0
