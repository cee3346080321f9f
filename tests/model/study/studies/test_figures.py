"""Every figure and every study of ours can be planned, quick and full, and its form is there."""

import pytest
from one_net import setting

from axmac.model.report.forms import form_of
from axmac.model.study.shards.store import Store
from axmac.model.study.studies import (
    explanation,
    figure3,
    figure4,
    figure8,
    figure9,
    figure10,
    figure11,
    figure12,
    figure13,
    figure15,
    figure16,
    layers,
    order,
    tiles,
)

STUDIES = (
    *(figure3, figure4, figure8, figure9, figure10, figure11, figure12, figure13, figure15, figure16),
    *(explanation, layers, order, tiles),
)


@pytest.mark.parametrize("module", STUDIES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_shards_have_names_of_their_own_and_a_form(module, tmp_path):
    study = module.STUDY
    for quick in (True, False):
        shards = study.plan(setting(quick))
        assert shards
        Store(tmp_path).check(shards)
        assert {need.net for need in study.needs(quick)} <= {"lenet5"}
    form = form_of({"study": {"form": study.form}})
    assert all(hasattr(form, name) for name in ("tables", "sentence", "draw"))


def test_figure_3_draws_a_hundred_million_pairs():
    shards = figure3.STUDY.plan(setting(quick=False))
    assert sum(shard.arguments["last"] - shard.arguments["first"] for shard in shards) == 10**8
    assert {shard.identity for shard in shards} <= {
        shard.identity for shard in figure15.STUDY.plan(setting(quick=False))
    }


def test_tiles_are_all_divisors_of_24():
    sizes = [int(unit.rpartition("_t")[2]) for unit, _, _ in tiles.STUDY.units]
    assert sizes == [size for size in range(1, 25) if 24 % size == 0]
