"""Bundles as their users meet them: the commands of README.txt, run as they stand there."""

import json
import os
import re
import subprocess
from dataclasses import astuple

import pytest
import yaml

from axmac.gen import bundle, generate
from axmac.model.golden import multiply
from axmac.model.spec import (
    AMA1,
    AMA5,
    BFLOAT16,
    EXACT,
    FLOAT32,
    ArraySig,
    FloatFormat,
    FpMul,
    InputError,
    PlainSig,
    by_column,
    catalog,
)
from axmac.sim.simulators import simulator_named
from axmac.sim.stimulus import stimulus

CELL_MAP = ArraySig(AMA5, 4, rows="weight", wiring="spc", cell_map=by_column(4, AMA5, {6: EXACT, 1: AMA1}))
SPECS = [
    catalog["ax_fpm"],
    catalog["fp32_array_ama5_t4_xc"],
    catalog["bf16_array_ama5_t4"],
    catalog["fp32_ieee"],
    catalog["bf16_booth_to_fp32"],
    catalog["fp32_csa_ama3_t6_wspc_rw"],
    FpMul(FLOAT32, CELL_MAP),
]
IDS = [spec.id for spec in SPECS]
ONE = (0x3F80, 0x3F80, 0x4000)
UNIT = "bf16_array_ama5_t4"


def vectors_of(spec, n=1000, seed=1):
    a, b = stimulus(spec, n, seed)
    return list(zip(a.tolist(), b.tolist(), multiply(spec, a, b).tolist(), strict=True))


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """Gives the bundle of a spec, written once, and what its commands left behind."""
    made = {}

    def bundle_of(spec):
        if spec not in made:
            made[spec] = bundle(spec, tmp_path_factory.mktemp(spec.id), vectors_of(spec))
        return made[spec]

    return bundle_of


def run_commands(files, heading):
    """Runs the commands below a heading of README.txt; exit status and output of the last one."""
    text = files.readme.read_text(encoding="utf-8")
    commands = re.search(rf"^  {heading}.*\n((?:    .*\n)+)", text, re.MULTILINE)[1]
    environment = os.environ | simulator_named("verilator").environment
    *builds, last = [line.strip() for line in commands.splitlines()]
    options = {"cwd": files.readme.parent, "env": environment, "shell": True, "capture_output": True, "text": True}
    for command in builds:
        done = subprocess.run(command, check=False, **options)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    done = subprocess.run(last, check=False, **options)
    return done.returncode, done.stdout


def corrupt(files, line):
    """Flips the last bit of one product in the file of vectors."""
    lines = files.vectors.read_text(encoding="utf-8").splitlines()
    a, b, p = lines[line].split()
    lines[line] = f"{a} {b} {int(p, 16) ^ 1:08x}"
    files.vectors.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_commands_for_icarus(spec, bundles):
    status, out = run_commands(bundles(spec), "Icarus")
    assert (status, out.splitlines()[0]) == (0, f"PASS {len(vectors_of(spec))} vectors")


@pytest.mark.parametrize("spec", SPECS, ids=IDS)
def test_commands_for_c99(spec, bundles):
    status, out = run_commands(bundles(spec), "C99")
    assert (status, out) == (0, f"PASS {len(vectors_of(spec))} vectors\n")


@pytest.mark.parametrize("heading", ["Icarus", pytest.param("Verilator", marks=pytest.mark.verify_all), "C99"])
def test_a_corrupted_vector_fails(heading, tmp_path):
    spec = catalog["bf16_booth_to_fp32"]
    vectors = vectors_of(spec)
    files = bundle(spec, tmp_path, vectors)
    status, out = run_commands(files, heading)
    assert (status, out.splitlines()[0]) == (0, f"PASS {len(vectors)} vectors")
    corrupt(files, 1500)
    status, out = run_commands(files, heading)
    a, b, p = vectors[1500]
    assert status != 0
    assert f"a=0x{a:04x} b=0x{b:04x} expected=0x{p ^ 1:08x} actual=0x{p:08x}" in out
    assert re.search(rf"^FAIL [12] mismatches,?.* in {len(vectors)} vectors$", out, re.MULTILINE)


@pytest.mark.parametrize("heading", ["Icarus", "C99"])
@pytest.mark.parametrize("content", ["", "3f80 3f80 4000\n3f80 what 4000\n", None], ids=["empty", "no hex", "missing"])
def test_vectors_that_cannot_be_read_fail(heading, content, tmp_path):
    files = bundle(UNIT, tmp_path, [ONE, ONE])
    if content is None:
        files.vectors.unlink()
    else:
        files.vectors.write_text(content, encoding="utf-8")
    status, out = run_commands(files, heading)
    assert status != 0
    assert out.startswith("FAIL")


def test_core_file_names_files_and_modules_that_exist(bundles):
    files = bundles(catalog["ax_fpm"])
    text = files.core.read_text(encoding="utf-8")
    core = yaml.safe_load(text)
    assert text.startswith("CAPI=2:\n")
    assert core["name"] == "::fp32_array_ama5_t4:0.1.0"
    assert set(core["targets"]) == {"default", "lint", "sim"}
    listed = [file for fileset in core["filesets"].values() for file in fileset["files"]]
    names = [name for file in listed for name in ([file] if isinstance(file, str) else file)]
    assert len(names) == 3
    assert all((files.core.parent / name).is_file() for name in names)
    sources = files.verilog.read_text(encoding="utf-8") + files.testbench.read_text(encoding="utf-8")
    for target in core["targets"].values():
        assert set(target["filesets"]) <= set(core["filesets"])
        assert re.search(rf"^module {target['toplevel']}\b", sources, re.MULTILINE)


def test_constraints_name_every_port_once(bundles):
    files = bundles(catalog["ax_fpm"])
    _, pipeline = json.loads(files.manifest.read_text(encoding="utf-8"))["modules"]
    text = files.constraints.read_text(encoding="utf-8")
    named = re.findall(
        r"^(create_clock|set_input_delay|set_output_delay) .*\[get_ports \{(.*)\}\]$", text, re.MULTILINE
    )
    direction = {"create_clock": "input", "set_input_delay": "input", "set_output_delay": "output"}
    ports = [(direction[command], port.removesuffix("[*]")) for command, words in named for port in words.split()]
    assert sorted(ports) == sorted((port["direction"], port["name"]) for port in pipeline["ports"])


def test_the_verilog_is_that_of_emit_and_stages_are_handed_on(tmp_path):
    files = bundle(UNIT, tmp_path, [ONE], stages=2)
    assert files.verilog.read_text(encoding="utf-8") == generate(UNIT, 2)
    assert f"{UNIT}_s2 pipeline (" in files.testbench.read_text(encoding="utf-8")
    assert f"{UNIT}_s2: timing" in files.constraints.read_text(encoding="utf-8")
    assert run_commands(files, "Icarus")[0] == 0


def test_same_bytes_twice(tmp_path):
    vectors = vectors_of(catalog[UNIT])
    first, second = (bundle(UNIT, tmp_path / name, vectors) for name in ("one", "two"))
    assert len(astuple(first)) == 10
    for one, two in zip(astuple(first), astuple(second), strict=True):
        assert one.read_bytes() == two.read_bytes()
    assert {path.name for path in (tmp_path / "one").iterdir()} == {path.name for path in astuple(first)}


def test_a_bundle_is_written_again_and_other_files_stay(tmp_path):
    bundle(UNIT, tmp_path, [ONE])
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    files = bundle(UNIT, tmp_path, [ONE, ONE])
    assert len(files.vectors.read_text(encoding="utf-8").splitlines()) == 2
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert len(list(tmp_path.iterdir())) == 11


@pytest.mark.parametrize("name", ["README.txt", "something.v"])
def test_a_folder_with_other_files_is_refused(name, tmp_path):
    (tmp_path / name).write_text("mine\n", encoding="utf-8")
    with pytest.raises(InputError, match=f"holds other files than a bundle of {UNIT}"):
        bundle(UNIT, tmp_path, [ONE])
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ["mine\n"]


def test_a_bundle_of_another_unit_is_refused(tmp_path):
    bundle(UNIT, tmp_path, [ONE])
    with pytest.raises(InputError, match="holds other files than a bundle of bf16_booth"):
        bundle("bf16_booth", tmp_path, [ONE])


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot write to"):
        bundle(UNIT, tmp_path / "file", [ONE])


@pytest.mark.parametrize(
    ("vectors", "message"),
    [
        ([], "at least one vector"),
        ([(0x10000, 0, 0)], "a must be a pattern of 16 bits, not 65536"),
        ([(0, -1, 0)], "b must be a pattern of 16 bits, not -1"),
        ([(0, 0, 0x10000)], "p must be a pattern of 16 bits, not 65536"),
    ],
)
def test_vectors_that_do_not_fit(vectors, message, tmp_path):
    with pytest.raises(InputError, match=message):
        bundle(FpMul(BFLOAT16, ArraySig(AMA5, 4)), tmp_path / "new", vectors)
    assert not (tmp_path / "new").exists()


def test_a_format_of_more_than_32_bits_is_refused(tmp_path):
    with pytest.raises(InputError, match="at most 32 bits, not 33"):
        bundle(FpMul(FloatFormat(11, 22), PlainSig()), tmp_path, [(0, 0, 0)])


def test_stages_out_of_range_leave_nothing_behind(tmp_path):
    with pytest.raises(InputError, match="stages must be"):
        bundle(UNIT, tmp_path, [ONE], stages=9)
    assert list(tmp_path.iterdir()) == []
