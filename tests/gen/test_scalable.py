"""Emission of precision-scalable MACs and of their arrays: pinned bytes, manifests, ports."""

import json
from pathlib import Path

import pytest

from axmac.gen import emit_scalable, emit_scalable_array
from axmac.model.spec import SCALABLE_DESIGNS, InputError, ScalableMac

PINNED = dict(line.split()[::-1] for line in Path(__file__).with_name("sha256_scalable.txt").read_text().splitlines())


@pytest.fixture(scope="module")
def emitted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verilog")
    files = [emit_scalable(spec, folder) for spec in SCALABLE_DESIGNS]
    files += [emit_scalable_array(spec, folder, 2, 2) for spec in SCALABLE_DESIGNS if spec.width == 8]
    return {file.verilog.name: file for file in files}


def test_bytes_are_pinned(emitted):
    """After a wanted change: the SHA-256 of the files, two columns as `sha256sum` writes them, is the new table."""
    assert {name: file.sha256 for name, file in emitted.items()} == PINNED
    assert len(PINNED) == 9


def test_a_manifest_says_how_to_drive_each_precision(emitted):
    manifest = json.loads(emitted["mac8_dvafs.v"].manifest.read_text())
    spec = ScalableMac("dvafs", 8)
    assert manifest["spec"] == {"id": spec.id, "repr": repr(spec), "sha256": spec.sha256}
    assert [(p["bits"], p["mode"], p["lanes"], p["sum_width"], p["sums_at"]) for p in manifest["precisions"]] == [
        (8, 0, 1, 29, [0]),
        (4, 1, 2, 21, [0, 34]),
        (2, 2, 4, 17, [0, 17, 34, 51]),
    ]
    assert [(module["name"], module["latency"]) for module in manifest["modules"]] == [
        ("mac8_dvafs_product", 0),
        ("mac8_dvafs", 2),
    ]


@pytest.mark.parametrize(("name", "bits"), [("mac8_standard", 0), ("mac8_dg", 3), ("mac16_dg", 4), ("mac16_dvafs", 2)])
def test_ports(emitted, name, bits):
    product, unit = json.loads(emitted[f"{name}.v"].manifest.read_text())["modules"]
    mode = [bits] if bits else []
    width = 16 if "16" in name else 8
    assert [port["width"] for port in product["ports"]] == [*mode, 1, width, width, 2 * width]
    names = [f"in_{port}" for port in ("valid", "ready", *["mode"] * len(mode), "a_signed", "clear", "a", "b")]
    names = ["clk", "rst", *names, "out_valid", "out_ready", "out_acc"]
    assert [port["name"] for port in unit["ports"]] == names
    assert unit["ports"][-1]["width"] == (84 if "dvafs" in name else 2 * width + 13)


def test_one_array_serves_all_lanes(emitted):
    """DVAFS has the partial products of one multiplier: as many as the standard unit."""
    counts = {name: emitted[f"mac8_{name}.v"].verilog.read_text().count("  wire pp_") for name in ("standard", "dvafs")}
    assert counts == {"standard": 64, "dvafs": 64}


def test_an_array_has_its_latency_and_its_sides(emitted, tmp_path):
    manifest = json.loads(emitted["systolic_mac8_dvafs_ws_2x2.v"].manifest.read_text())
    assert manifest["modules"][0]["latency"] == 4
    assert manifest["parameters"] == {"mac": "mac8_dvafs", "rows": 2, "cols": 2, "dataflow": "ws"}
    with pytest.raises(InputError, match="rows must be 1 to 128, not 0"):
        emit_scalable_array(ScalableMac("dg", 8), tmp_path, 0, 2)
