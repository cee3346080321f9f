"""Tables 3, 5, 6 and 8: the values that the paper prints, and networks that exist."""

import pytest
from trained_nets import named_nets

from axmac.model.nn import networks
from axmac.model.study.planning import Setting
from axmac.model.study.studies import table3, table5, table6, table8

TABLES = [table3.STUDY, table5.STUDY, table6.STUDY, table8.STUDY]


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("study", TABLES, ids=lambda study: study.title[:7])
def test_networks_exist_and_shards_have_their_own_names(study, quick):
    needs = study.needs(quick)
    assert len(set(needs)) == len(needs)
    assert {need.net for need in needs} <= set(networks.names())
    assert all(need.net.startswith("lenet5") or need.net.endswith("_s") is quick for need in needs)
    shape = {1: "mnist", 3: "cifar10"}
    datasets = {need.net: shape[networks.get(need.net).images[0]] for need in needs}
    shards = study.plan(Setting(named_nets(needs, datasets), 0, quick))
    assert len({shard.name for shard in shards}) == len(shards) > 0


def test_table_3_has_the_average_of_its_rates():
    """The mean robustness over the table is 70.25 %."""
    rates = table3.STUDY.paper
    assert len(rates) == 8
    assert 100 - sum(rates.values()) / 8 == 70.25
    assert (rates["fgsm"], rates["cw"], rates["hopskipjump"]) == (38, 17, 12)
    assert [round(255 * eps) for eps in table3.STUDY.budgets] == [2, 4, 8]


def test_table_5_by_column():
    columns = [
        [rates[name] for rates in table5.STUDY.paper.values()] for name in next(iter(table5.STUDY.paper.values()))
    ]
    assert list(table5.STUDY.paper) == ["fgsm", "pgd", "cw"]
    assert columns == [[38, 31, 17], [60, 74, 68], [61, 73, 68]]


def test_the_columns_of_table_5_are_the_networks_of_table_11():
    needs = table5.STUDY.needs(True)
    setting = Setting(named_nets(needs, dict.fromkeys({need.net for need in needs}, "cifar10")), 0, True)
    shown = [(target["name"], target["net"]) for target in table5.STUDY.plan(setting)[0].arguments["targets"]]
    forms = [(f"DoReFa 4-bit, {form}", f"dq_{form}_s") for form in ("full", "weights", "official")]
    assert shown == [("fp32_array_ama5_t4", "alexnet_s"), *forms, ("float32", "alexnet_s")]


def test_tables_6_and_8():
    by_data = {"mnist": [], "cifar10": []}
    for entry in table6.STUDY.entries:
        if entry.paper is not None:
            by_data["mnist" if entry.net[0] == "lenet5" else "cifar10"].append(entry.paper)
    assert by_data == {"mnist": [97.93, 97.67, 97.93], "cifar10": [81, 80, 81, 80, 80]}
    rows = [(entry.paper, entry.paper_errors) for entry in table8.STUDY.entries]
    assert rows == [(97.93, (0, 0)), (97.86, (0.12, 0.03)), (97.67, (0.33, 0.08))]
