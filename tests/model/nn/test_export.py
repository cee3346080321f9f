"""Exported layers: what lies in the files multiplies, by the golden model, to what the layer returned."""

import hashlib
import json

import numpy as np
import pytest
import torch
from imported import keep, random_table
from torch import nn

from axmac.model import golden
from axmac.model.nn import approximate, export, quantize
from axmac.model.spec import FLOAT32, InputError, Mac, catalog

LAYERS = {
    "plain": (nn.Conv2d(2, 5, 3), (3, 2, 7, 6)),
    "padded": (nn.Conv2d(1, 4, (3, 2), padding=(1, 2)), (2, 1, 5, 6)),
    "strided": (nn.Conv2d(2, 3, 3, stride=(2, 3), dilation=(2, 1), padding=2), (2, 2, 9, 8)),
    "circular": (nn.Conv2d(2, 3, 3, padding=1, padding_mode="circular"), (1, 2, 5, 5)),
    "same": (nn.Conv2d(1, 2, 2, padding="same"), (2, 1, 4, 5)),
    "one_image": (nn.Conv2d(1, 3, 3), (1, 6, 5)),
    "without_bias": (nn.Conv2d(1, 3, 3, bias=False), (2, 1, 4, 4)),
    "one_dimension": (nn.Conv1d(2, 3, 3, padding=1), (2, 2, 8)),
    "linear": (nn.Linear(11, 7), (4, 11)),
    "linear_of_more_axes": (nn.Linear(5, 3, bias=False), (2, 3, 5)),
}


def converted(name, unit="ax_fpm"):
    layer, shape = LAYERS[name]
    torch.manual_seed(len(name))
    return approximate(layer, unit), torch.randn(shape)


@pytest.mark.parametrize("unit", ["ax_fpm", "bf16_array_ama5_t4"])
@pytest.mark.parametrize("name", LAYERS)
def test_golden_computes_the_layer_from_the_file(name, unit):
    layer, x = converted(name, unit)
    product = export.product_of(layer, x)
    arrays, spec = product.arrays(), catalog[unit]
    sums = golden.matmul(spec, arrays["a"], arrays["b"])
    np.testing.assert_array_equal(sums, arrays["sums"])
    outputs = golden.add(FLOAT32, sums, np.broadcast_to(arrays["bias"], sums.shape))
    np.testing.assert_array_equal(outputs, arrays["outputs"])
    with torch.no_grad():
        expected = layer(x)
    assert torch.equal(product.tensor(outputs).view(torch.int32), expected.view(torch.int32))
    assert outputs.size == expected.numel() > 0


def in_int8(name, unit, out_scale=None):
    """The layer in int8, and an input of which a few values are clipped."""
    layer, shape = LAYERS[name]
    torch.manual_seed(len(name))
    x = torch.randn(shape)
    made = quantize(nn.Sequential(layer), x, unit, percentile=99)[0]
    made.out_scale = out_scale
    return made, x


@pytest.mark.parametrize("out_scale", [None, 0.013])
@pytest.mark.parametrize("name", LAYERS)
def test_golden_computes_an_int8_layer_from_the_file(name, out_scale):
    layer, x = in_int8(name, "s8_scaletrim_h4_m8", out_scale)
    product = export.product_of(layer, x)
    arrays = product.arrays()
    assert [arrays[key].dtype for key in ("a", "b", "sums", "bias")] == [np.uint8] * 2 + [np.uint32] * 2
    assert product.mac == Mac(catalog["s8_scaletrim_h4_m8"], "int32")
    sums = golden.matmul(product.mac, arrays["a"], arrays["b"])
    np.testing.assert_array_equal(sums, arrays["sums"])
    assert (layer.bias is None) == (not arrays["bias"].any())
    outputs = golden.requantise(sums, arrays["bias"], arrays["scales"], float(arrays["out_scale"]))
    np.testing.assert_array_equal(outputs, arrays["outputs"])
    with torch.no_grad():
        expected = layer(x)
    assert torch.equal(product.tensor(outputs).view(torch.int32), expected.view(torch.int32))
    assert outputs.size == expected.numel() > 0


def test_rows_of_an_int8_convolution_run_over_channel_row_column():
    """Written out: place by place, from the integers of the input."""
    layer, x = in_int8("padded", "s8_drum_k4")
    arrays = export.product_of(layer, x).arrays()
    steps = np.clip(np.rint(x.numpy().astype(np.float64) / layer.in_scale), -127, 127).astype(np.int8)
    steps = np.pad(steps, ((0, 0), (0, 0), (1, 1), (2, 2)))
    windows = [
        [steps[image, c, row + i, column + j] for c in range(1) for i in range(3) for j in range(2)]
        for image in range(2)
        for row in range(5)
        for column in range(9)
    ]
    np.testing.assert_array_equal(arrays["a"].view(np.int8), windows)
    layer, x = in_int8("plain", "s8_drum_k4")
    arrays = export.product_of(layer, x).arrays()
    steps = np.clip(np.rint(x.numpy().astype(np.float64) / layer.in_scale), -127, 127).astype(np.int8)
    first = [steps[0, c, i, j] for c in range(2) for i in range(3) for j in range(3)]
    np.testing.assert_array_equal(arrays["a"][0].view(np.int8), first)
    weights = layer.integers()[0].numpy()
    column = [weights[4, c, i, j] for c in range(2) for i in range(3) for j in range(3)]
    np.testing.assert_array_equal(arrays["b"][:, 4].view(np.int8), column)


def test_partial_sums_of_integers_are_those_of_golden():
    layer, x = in_int8("plain", "s8_drum_k4")
    product = export.product_of(layer, x)
    arrays, (m, n) = product.arrays(), (17, 3)
    found = export.partial_sums(product, m, n)
    np.testing.assert_array_equal(found["a"], arrays["a"][m])
    np.testing.assert_array_equal(found["b"], arrays["b"][:, n])
    for k in range(18):
        upto = golden.matmul("s8_drum_k4", arrays["a"][m : m + 1, : k + 1], arrays["b"][: k + 1, n : n + 1])
        assert found["partial"][k] == upto[0, 0]
    assert len(found["partial"]) == 18


def test_partial_sums_of_a_unit_of_which_0_makes_more_than_0(tmp_path, monkeypatch):
    monkeypatch.setenv("AXMAC_UNITS", str(tmp_path))
    table = random_table(8)
    assert table[0].all()
    keep("odd", table, signed=True)
    layer, x = in_int8("linear", "odd")
    product = export.product_of(layer, x)
    found, total = export.partial_sums(product, 2, 1), 0
    for k, (a, b) in enumerate(zip(found["a"], found["b"], strict=True)):
        total += int(table[a, b]) - (1 << 16) * (int(table[a, b]) >> 15)
        assert found["partial"][k] == total % (1 << 32)
    assert found["partial"][-1] == product.sums[2, 1]
    assert len(found["partial"]) == 11


def test_partial_sums_are_those_of_golden():
    layer, x = converted("plain")
    product = export.product_of(layer, x)
    arrays, (m, n) = product.arrays(), (17, 3)
    found = export.partial_sums(product, m, n)
    np.testing.assert_array_equal(found["a"], arrays["a"][m])
    np.testing.assert_array_equal(found["b"], arrays["b"][:, n])
    depth = len(arrays["b"])
    for k in range(depth):
        upto = golden.matmul("ax_fpm", arrays["a"][m : m + 1, : k + 1], arrays["b"][: k + 1, n : n + 1])
        assert found["partial"][k] == upto[0, 0]
    assert found["partial"][-1] == arrays["sums"][m, n]
    assert depth == 18


def test_the_manifest_names_what_the_file_is_of(tmp_path):
    layer, x = converted("linear")
    product = export.product_of(layer, x)
    manifest = export.write(tmp_path / "new", "fc", product, {"seed": 3, "net": {"name": "made", "sha256": "1" * 64}})
    described = json.loads(manifest.read_text(encoding="utf-8"))
    spec = catalog["ax_fpm"]
    assert described["spec"] == {"id": spec.id, "repr": repr(spec), "sha256": spec.sha256}
    assert described["size"] == {"m": 4, "k": 11, "n": 7}
    assert (described["layer"], described["seed"], described["net"]["name"]) == ("fc", 3, "made")
    data = tmp_path / "new" / described["file"]
    assert described["file_sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    with np.load(data, allow_pickle=False) as file:
        for name, array in product.arrays().items():
            np.testing.assert_array_equal(file[name], array)


def test_layers_that_cannot_be_replayed_are_refused():
    net = approximate(nn.Sequential(nn.Conv2d(2, 4, 3, groups=2), nn.ReLU(), nn.Linear(4, 2)), "ax_fpm")
    assert export.layer_names(net, "2") == ["2"]
    with pytest.raises(InputError, match="unknown layer 'conv9': use all or one of 0, 2"):
        export.layer_names(net, "conv9")
    with pytest.raises(InputError, match="layer 0 has 2 groups"):
        export.layer_names(net)


def test_replaced_layers_run_elsewhere_and_come_back():
    net = approximate(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)), "ax_fpm")
    x, seen = torch.randn(2, 4), []

    def run(name, layer, value):
        seen.append(name)
        return layer(value) + 1

    with torch.no_grad():
        before = net(x)
        with export.replaced(net, ["2"], run):
            assert torch.equal(net(x), before + 1)
        with export.replaced(net, ["0", "2"], run):
            net(x)
        assert torch.equal(net(x), before)
    assert seen == ["2", "0", "2"]


def test_replaced_layers_come_back_after_an_error():
    net = approximate(nn.Sequential(nn.Linear(4, 3)), "ax_fpm")

    def run(name, _layer, _value):
        raise InputError(name)

    with torch.no_grad():
        before = net(torch.ones(1, 4))
        with pytest.raises(InputError, match="0"), export.replaced(net, ["0"], run):
            net(torch.ones(1, 4))
        assert torch.equal(net(torch.ones(1, 4)), before)
