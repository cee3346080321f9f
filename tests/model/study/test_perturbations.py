"""Smallest perturbations of two networks: measures by definition, pairs by hand."""

import pytest
from one_net import setting

from axmac.model.study.perturbations import Perturbations, measure
from axmac.model.study.studies import figure8, figure9, figure10


def test_measures_by_definition():
    """All 784 values changed by .1: L2 2.8, MSE .01, 20 dB."""
    found = [measure(which, 2.8) for which in ("l2", "mse", "psnr")]
    assert found == pytest.approx([2.8, 0.01, 20])


def shard(indices, l2, fooled):
    return {"indices": indices, "l2": l2, "fooled": {"1": {"source": fooled}}}


def test_pairs_by_hand():
    """Image 1 is missing on the unit, 3 withstands it, 4 is missing on float32; 0 and 2 are the pairs."""
    study = Perturbations("t", "deepfool", "ax_fpm", {"l2": {"difference": 5.12}, "mse": {"ratio": 3}})
    names = list(dict.fromkeys(one.name.rpartition("/")[0] for one in study.plan(setting())))
    assert names[:3] == ["float32", "fp32_array_ama5_t4 (conv)", "fp32_array_ama5_t4 (conv), gradient unit"]
    other = shard([], [], [])
    results = {f"{names[0]}/0": shard([0, 1, 2], [1.0, 9.0, 2.0], [1, 1, 1]), f"{names[0]}/50": shard([3], [4.0], [1])}
    results |= {f"{name}/0": shard([0, 2, 3, 4], [2.0, 4.0, 0.0, 7.0], [1, 1, 0, 1]) for name in names[1:]}
    results |= {f"{name}/50": other for name in names[1:]}
    row = study.rows(setting(), results)[0]
    assert (row["name"], row["right"], row["fooled"], row["images"]) == (names[1], 3, [3, 2], [0, 2])
    l2, mse = row["measures"]["l2"], row["measures"]["mse"]
    assert l2["values"] == [[1.0, 2.0], [2.0, 4.0]]
    assert l2["difference"]["value"] == 1.5
    assert mse["ratio"]["value"] == pytest.approx(4)
    assert mse["ratio"]["interval"] == pytest.approx([4, 4])
    assert (l2["paper"], mse["paper"]) == ({"difference": 5.12}, {"ratio": 3})


def test_figures_of_one_attack_share_shards_and_have_the_images_that_are_asked_for():
    for quick in (True, False):
        eighth, tenth = (study.STUDY.plan(setting(quick)) for study in (figure8, figure10))
        assert [one.identity for one in eighth] == [one.identity for one in tenth]
    assert figure8.STUDY.folder == figure10.STUDY.folder != figure9.STUDY.folder
    for study, images in ((figure8.STUDY, 1000), (figure9.STUDY, 200)):
        lengths = {}
        for one in study.plan(setting(quick=False)):
            name = one.name.rpartition("/")[0]
            lengths[name] = lengths.get(name, 0) + one.arguments["last"] - one.arguments["first"]
        assert list(lengths.values()) == [images] * 4
