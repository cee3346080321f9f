"""The C header of a unit, compiled: every product is the unit's."""

import shutil
import subprocess

import numpy as np
import pytest
from imported import keep, random_table

from axmac.gen.c_table import c_table
from axmac.model.golden import multiply
from axmac.model.golden.int_mul import values_of
from axmac.model.spec import as_spec

CHECK = """
#include <stdio.h>
#include "{name}.h"
int main(void) {{
    for (int a = {low}; a <= {high}; a++)
        for (int b = {low}; b <= {high}; b++)
            printf("%d ", {name}_multiply(a, b));
    return 0;
}}
"""


@pytest.mark.parametrize("unit", ["s8_drum_k4", "u4_trunc_k3", "tiny"])
def test_compiled(unit, tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path / "units"))
    keep("tiny", random_table(3), signed=True)
    spec = as_spec(unit)
    f = spec.format
    patterns = np.arange(1 << f.width, dtype=np.uint8)
    table = values_of(spec.result_format, multiply(spec, patterns[:, None], patterns))
    (tmp_path / f"{unit}.h").write_text(c_table(spec, table.tolist()))
    (tmp_path / "main.c").write_text(CHECK.format(name=unit, low=f.min, high=f.max))
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-o", "main", "main.c"]
    subprocess.run([shutil.which("gcc"), *options], cwd=tmp_path, check=True)
    words = subprocess.run(["./main"], cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    values = np.arange(f.min, f.max + 1)
    expected = table[np.ix_(values & (1 << f.width) - 1, values & (1 << f.width) - 1)]
    assert [int(word) for word in words] == expected.ravel().tolist()
