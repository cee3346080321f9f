"""Studies of robust accuracy: what they plan, rows and alarms by hand."""

from dataclasses import replace

import pytest
from trained_nets import named_nets

from axmac.model.attack.intervals import wilson
from axmac.model.study.planning import Need, Setting
from axmac.model.study.robust_table import Claim, Images, Method, RobustTable

STUDY = RobustTable(
    title="t",
    net="lenet5",
    units={"ACC": "s8_exact", "DR3": "s8_drum_k3"},
    methods=(Method("FGSM", "linf", "fgsm", {}), Method("BIM", "l2", "bim_l2", {"steps": 7})),
    sizes=(0, 0.1),
    claims=(Claim("DR3", "BIM", "l2", 0.1, 1.5625),),
)
ACC, DRUM = "s8_exact (all)", "s8_drum_k3 (all)"


def setting(quick=False):
    return Setting(named_nets([Need("lenet5")], {"lenet5": "mnist"}), 3, quick)


@pytest.mark.parametrize(("quick", "shown", "aimed"), [(False, 1000, 200), (True, 50, 16)])
def test_every_image_is_attacked_once_for_each_source_and_attack(quick, shown, aimed):
    plan, seen = STUDY.plan(setting(quick)), {}
    assert len({shard.name for shard in plan}) == len(plan)
    for shard in plan:
        arguments = shard.arguments
        assert (arguments["sizes"], arguments["seed"]) == ((0, 0.1), 3)
        assert arguments["settings"].get("steps") == {"fgsm": None, "bim_l2": 7}[arguments["attack"]]
        key = (arguments["source"]["name"], len(arguments["targets"]), arguments["attack"])
        seen.setdefault(key, []).extend(range(arguments["first"], arguments["last"]))
    ways = {("float32", 2): shown, ("s8_exact", 1): shown, ("s8_exact", 0): aimed, ("s8_drum_k3", 0): aimed}
    expected = {(*way, attack): list(range(n)) for way, n in ways.items() for attack in ("fgsm", "bim_l2")}
    assert seen == expected


def results(**changes):
    """Four images, two of them aimed at: which are right at eps .1; all are at eps 0. BIM like FGSM."""
    right = {
        ("float32", "float32"): "0000",
        ("float32", ACC): "1000",
        ("float32", DRUM): "1110",
        ("int8", ACC): "1100",
        ("int8", DRUM): "1011",
        ("white-box s8_exact", ACC): "10",
        ("white-box s8_drum_k3", DRUM): "11",
    } | {tuple(name.split("|")): flags for name, flags in changes.items()}
    found = {}
    for method in ("fgsm", "bim_l2"):
        for (way, net), flags in right.items():
            shard = found.setdefault(f"{way}/{method}/0", {"n": len(flags), "right": {"0": {}, "0.1": {}}})
            shard["right"]["0"][net] = "1" * len(flags)
            shard["right"]["0.1"][net] = flags
    return found


def test_rows_by_hand():
    """p of McNemar: 2 of 2 give 1/2, 2 of 3 give 1, 1 of 1 gives 1. Holm over two tests of a source: p doubled."""
    rows = STUDY.rows(setting(), results())
    sources = ("float32", "int8", "white-box", "strongest")
    assert [(row["source"], row["attack"]) for row in rows] == [(s, a) for s in sources for a in ("FGSM", "BIM")]
    assert [row["n"] for row in rows[::2]] == [4, 4, 2, 2]
    curves = [row["curves"] for row in rows[::2]]
    assert [list(curve) for curve in curves] == [["float32", "ACC", "DR3"], *[["ACC", "DR3"]] * 3]
    found = [(curve["ACC"]["right"], curve["DR3"]["right"]) for curve in curves]
    assert found == [([4, 1], [4, 3]), ([4, 2], [4, 3]), ([2, 1], [2, 2]), ([2, 1], [2, 1])]
    compared = [(curve["DR3"]["gained"], curve["DR3"]["lost"], curve["DR3"]["p"]) for curve in curves]
    assert compared[:2] == [([None, 2], [None, 0], [None, 0.5]), ([None, 2], [None, 1], [None, 1.0])]
    assert compared[2:] == [([None, 1], [None, 0], [None, 1.0]), ([None, 0], [None, 0], [None, 1.0])]
    assert curves[0]["DR3"]["p_holm"] == [None, 1.0]
    assert curves[0]["ACC"]["p"] == curves[0]["float32"]["p_holm"] == [None, None]
    assert curves[0]["DR3"]["interval"] == [wilson(4, 4), wilson(3, 4)]
    claims = [row["claims"] for row in rows]
    assert claims == [[], [{"unit": "DR3", "eps": 0.1, "paper": 1.5625}]] * 4


def test_an_alarm_where_images_of_another_network_do_better():
    """Of 20 images the aimed attack fools none, the images of float32 six, those of int8 five."""
    aimed = {"white-box s8_drum_k3|" + DRUM: "1" * 20, "white-box s8_exact|" + ACC: "1" * 20}
    shown = {"float32|" + name: "0" * 6 + "1" * 14 for name in ("float32", ACC, DRUM)}
    shown |= {"int8|" + ACC: "1" * 20, "int8|" + DRUM: "0" * 5 + "1" * 15}
    found = results(**aimed, **shown)
    lines = STUDY.alarms(found)
    assert lines == [
        f"DR3, {attack}, eps 0.1: of 20 images, 6 fall to the image of float32 alone, 0 to the one aimed at it alone "
        "(p 0.031)"
        for attack in ("FGSM in linf", "BIM in l2")
    ]
    one = replace(STUDY, methods=STUDY.methods[:1])
    few = results(**aimed, **shown | {"float32|" + DRUM: "0" * 5 + "1" * 15})
    assert one.alarms(few) == []


def test_convolutions_only_and_images_by_its_own_number():
    """The same flags under the names of networks whose convolutions are on the units."""
    few = replace(STUDY, layers="conv", full=Images(6, 3, block=4), quick=Images(2, 1, block=4))
    blocks = {}
    for shard in few.plan(setting()):
        blocks.setdefault(shard.name.partition("/")[0], set()).add((shard.arguments["first"], shard.arguments["last"]))
        assert {v["layers"] for v in (shard.arguments["source"], *shard.arguments["targets"])} <= {None, "conv"}
    shown, aimed = {(0, 4), (4, 6)}, {(0, 3)}
    ways = ("float32", "int8", "white-box s8_exact", "white-box s8_drum_k3")
    assert blocks == dict(zip(ways, (shown, shown, aimed, aimed), strict=True))
    assert {shard.arguments["last"] for shard in few.plan(setting(quick=True))} == {1, 2}
    renamed = {
        name: {"n": shard["n"], "right": {eps: _conv(found) for eps, found in shard["right"].items()}}
        for name, shard in results().items()
    }
    assert few.rows(setting(), renamed) == STUDY.rows(setting(), results())
    assert few.alarms(renamed) == STUDY.alarms(results())


def _conv(flags):
    return {name.replace("(all)", "(conv)"): right for name, right in flags.items()}
