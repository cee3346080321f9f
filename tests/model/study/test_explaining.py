"""What explains an effect: a unit that other weights explain whole, and a summary by hand."""

import numpy as np
import pytest
from one_net import digits_net, setting

from axmac.model.nn import data
from axmac.model.study import explaining
from axmac.model.study.explaining import REPLACEMENTS, Explanation, explained
from axmac.model.study.variants import build, exact, gained, on_unit


@pytest.fixture(scope="module")
def shard():
    """DeepFool, shown to one array of 24, which is a product with other weights and nothing else."""
    net, unit = digits_net(), "fp32_array_ama5_t24"
    return explained(
        net=exact(net),
        unit=on_unit(net, unit, "conv"),
        gained=gained(net, unit, "conv"),
        dataset=net["data"],
        first=0,
        last=20,
        attack="deepfool",
        settings={"steps": 10},
        seed=0,
    )


def test_effective_weights_explain_an_array_of_24(shard):
    assert len(shard["indices"]) > 10
    for name in ("slopes", "effective weights"):
        for kind in ("clean", "crafted"):
            assert shard[kind][name] == pytest.approx(shard[kind]["unit"], abs=1e-3)
        assert shard["right"][name] == shard["right"]["unit"]
    assert not np.allclose(shard["crafted"]["mean gain"], shard["crafted"]["unit"], atol=1e-2)


def test_it_says_what_the_networks_say(shard):
    test = data.load("digits", "test")
    indices = shard["indices"]
    for name, variant in (
        ("float32", exact(digits_net())),
        ("mean gain", gained(digits_net(), "fp32_array_ama5_t24", "conv")),
    ):
        logits = build(variant)(test.images[indices]).double()
        labels = test.labels[indices]
        others = [
            max(float(v) for j, v in enumerate(line) if j != label) for line, label in zip(logits, labels, strict=True)
        ]
        own = [float(line[label]) for line, label in zip(logits, labels, strict=True)]
        assert shard["clean"][name] == pytest.approx([a - b for a, b in zip(own, others, strict=True)], abs=1e-6)
    assert all(shard["right"]["float32"])
    assert sum(shard["fooled"]["float32"]) > 10


def test_a_summary_by_hand(monkeypatch):
    monkeypatch.setattr(explaining, "_ATTACKS", ("fgsm",))
    ones = [1, 1, 1, 1, 1]
    resists = {"float32": [1, 1, 1, 1, 0], "unit": [0, 0, 1, 1, 1], "mean gain": [0, 1, 0, 1, 1]}
    resists |= {"slopes": [1, 1, 1, 1, 1], "effective weights": [0, 0, 1, 1, 1]}
    names = ("float32", "unit", *REPLACEMENTS)
    clean = {name: [1.0, 2.0, 3.0, 4.0, 5.0] for name in names} | {"unit": [2.0, 4.0, 9.0, 12.0, 10.0]}
    made = {"indices": [0, 1, 2, 3, 4], "clean": clean, "fooled": resists}
    made |= {"crafted": clean, "right": dict.fromkeys(names, ones)}
    made["crafted"] = clean | {"float32": [-0.1, -0.1, -0.3, -0.3, 0.0]}
    study = Explanation("t", "ax_fpm")
    (row,) = study.rows(setting(), {"fgsm/0": made})
    assert row["n"] == 4
    assert [row["resisted"][name]["k"] for name in ("unit", *REPLACEMENTS)] == [2, 2, 0, 2]
    assert [row["explained"][name]["both"]["k"] for name in REPLACEMENTS] == [1, 0, 2]
    assert [row["explained"][name]["only"]["k"] for name in REPLACEMENTS] == [1, 0, 0]
    assert row["explained"]["slopes"]["agreement"] == pytest.approx(np.corrcoef([1, 2, 3, 4], [2, 4, 9, 12])[0, 1])
    assert row["gain"]["unit"] == [2.0, 2.5, 3.0]
    assert row["correlation"]["gain"] == pytest.approx(1)
    assert row["correlation"]["beyond"] == pytest.approx(1)
    assert row["correlation"]["margin"] == pytest.approx(np.corrcoef([0, 0, 1, 1], [1, 2, 3, 4])[0, 1])
    assert [part["k"] for part in row["quartiles"]] == [0, 0, 1, 1]
    assert row["quartiles"][2]["margin"] == [3.0, 3.0]
