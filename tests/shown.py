"""Results as files have them, with figures made up by hand."""

from axmac.model.report import new_result

LIBRARY = {"name": "five", "sha256": "0" * 64, "corner": "typical", "voltage": 2.0, "temperature": 25.0}
COST = {"spec_sha256": "1" * 64, "part": "core", "verilog_sha256": "2" * 64, "period": 20.0}
LOSSES = [{"epoch": epoch, "loss": 1 / epoch, "accuracy": 0.9 if epoch == 2 else None} for epoch in (1, 2)]


def training(**changes):
    """A training of two epochs, on a network whose name has a mark of HTML."""
    found = {"net": {"name": "lenet5 <b>", "sha256": "0" * 64}, "threads": 2}
    found |= {"data": {"name": "digits/train", "sha256": "0" * 64, "indices": "0:5"}}
    return new_result("train", LOSSES, seed=0, **(found | changes))


def rate(k1, k2, low, high):
    """k1 of 20 images fool the source, k2 of those the target."""
    return {"n": 20, "k1": k1, "k2": k2, "source_rate": k1 / 20, "rate": k2 / k1, "interval": [low, high]}


def attack_study(**changes):
    """Three attacks; half of the images transfer, and the paper says 12, 50 and 20 %."""
    half, all_of_them = rate(20, 10, 0.4, 0.6), rate(20, 20, 0.84, 1)
    pair = {"n": 20, "only_first": 10, "only_second": 0, "p": 0.002, "p_holm": 0.006}
    run = {"run": "worst_case", "attack": "all", "eps": 0.1, "n": 20, "k": 20, "rate": 1.0, "interval": [0.84, 1]}
    row = {
        "attack": "fgsm",
        "images": 20,
        "settings": {"steps": 5},
        "published_settings": {"steps": 10},
        "paper": 0.12,
        "minimal": half,
        "controls": {"float32, seed 1": rate(20, 4, 0.1, 0.3)},
        "paired": {"float32": pair, "float32, seed 1": pair},
        "margins": {"1": half, "1.5": rate(20, 19, 0.8, 1.0)},
        "seeds": {"0": half, "1": half},
        "budgets": {"0.1": rate(20, 15, 0.5, 0.9)},
        "white_box": all_of_them,
        "white_box_unit": None,
        "white_box_budgets": {"0.1": all_of_them},
        "reverse": half,
        "l2": {"float32": 1.5, "ax_fpm": None, "ax_fpm, gradient unit": None},
        "queries": {"forward": 3.0, "backward": 1.0},
        "audit": {"eps": 0.1, "rows": [run], "alarms": []},
    }
    rows = [row | {"attack": attack, "paper": paper} for attack, paper in (("fgsm", 0.12), ("pgd", 0.5), ("jsma", 0.2))]
    net = {"net": "lenet5", "seed": 0, "sha256": "0" * 64, "data": {"name": "digits", "sha256": "0" * 64}}
    about = {"name": "table2", "title": "Table 2", "quick": True, "form": "attacks", "nets": [net]}
    return new_result("study", rows, seed=0, study=about, threads=1, **changes)


def cost_row(unit, area, delay, energy, **more):
    """A unit in a result of ``axmac ppa``, on a library of five cells, compared with a unit called exact."""
    spent = {"switching": 0.5, "internal": 0.25, "leakage": 0.25, "total": energy, "glitches": 0.4, "products": 10}
    found = {"unit": unit, "module": unit, **COST, "tools": {"pyosys": "0.70", "opensta": "2.0.17"}}
    found |= {"flow": "liberty", "library": LIBRARY, "checked": {"vectors": 11_296, "mismatches": 0, "first": ""}}
    found |= {"area": area, "cells": 100, "kinds": {"nand2": 100}, "delay": delay, "against": ["exact"]}
    return found | {"energy": {"uniform": spent, "lenet5": spent}, "vectorless": {"total": 3.0}} | more


def unit_study(rows):
    """A quick study of units in the convolutions: (unit, mean relative error, accuracy, share that PGD fools)."""

    def share(rate):
        return {"n": 100, "k": round(100 * rate), "rate": rate, "interval": [0.0, 1.0]}

    found = [
        {"name": unit, "unit": unit, "layers": "conv", "mred": mred, "nmed": mred / 4, "gain": 1.0, "images": 10}
        | {"accuracy": share(accuracy), "shown": {}, "transfer": {}}
        | {"white_box": {"0.1": {"exact": share(fooled / 2), "unit": share(fooled)}, "0.2": {"exact": share(1)}}}
        for unit, mred, accuracy, fooled in rows
    ]
    exact = found[0] | {"name": "float32", "unit": None, "layers": None, "mred": None, "nmed": None, "gain": None}
    about = {"name": "catalog", "title": "Units", "quick": True, "form": "units"}
    about["nets"] = [{"net": "lenet5", "seed": 0, "sha256": "1" * 64, "data": {"name": "digits", "sha256": "0" * 64}}]
    return new_result("study", [exact, *found], seed=0, study=about, threads=1)


SEARCHED = {
    "indices": "0:100",
    "accurate": "s8_exact",
    "products": {"conv": 10, "fc": 5},
    "energies": {"s8_exact": 4.0, "s8_scaletrim_h3_m0": 1.0},
    "operands": "uniform",
    "costs_sha256": "0" * 64,
    "possible": 4,
    "evaluated": 3,
    "generations": 2,
    "population": 2,
    "rule": "the cheapest",
    "calibration": {"name": "d", "sha256": "", "images": 5, "percentile": 99},
}
FGSM = {"name": "fgsm", "params": {"eps": 0.1}, "protocol": "budget", "norm": "linf"}
FGSM |= {"source": "s8_exact in all layers", "target": "every network"}


def _share(k):
    return {"n": 100, "k": k, "rate": k / 100, "interval": [max(0, k / 100 - 0.05), min(1, k / 100 + 0.05)]}


def assigned(units, energy, accuracy, robust, *, meets=True, chosen=False):
    """A row of a search: units of both layers, pJ an image, images of 100 right, and right after the attack."""
    units = dict(zip(("conv", "fc"), units, strict=True))
    alike = units["conv"] if len(set(units.values())) == 1 else None
    found = {"units": units, "homogeneous": alike, "energy": energy, "front": True, "meets": meets, "chosen": chosen}
    return found | {
        "accuracy": _share(accuracy),
        "robust": _share(robust),
        "searched": {"n": 9, "correct": 9, "robust": 9},
    }


EXACT, TRIM = "s8_exact", "s8_scaletrim_h3_m0"
ASSIGNED = [
    assigned((TRIM, TRIM), 15e6, 50, 20, meets=False),
    assigned((EXACT, TRIM), 45e6, 95, 40, chosen=True),
    assigned((TRIM, EXACT), 46e6, 90, 40),
    assigned((EXACT, EXACT), 60e6, 95, 30),
]


def search_result(rows=None):
    """A search of two layers and two units; rows are made by ``assigned``."""
    net = {"name": "lenet5", "sha256": "0" * 64}
    data = {"name": "digits/test", "sha256": "0" * 64, "indices": "100:200"}
    return new_result("search", rows or ASSIGNED, seed=3, search=SEARCHED, net=net, data=data, attack=FGSM, threads=1)
