"""Rows of a QUANOS study: what each network is worth and costs, and the ablation, beside the paper's values."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from scipy.stats import pearsonr
from torch import Tensor

from axmac.model.attack.statistics import holm, mcnemar
from axmac.model.study.measures import compared, correlation, share
from axmac.model.study.quanos.costs import Counted, costs_of
from axmac.model.study.quanos.plan import FIGURE_EPS, TABLE_EPS, Extent, Model, runs
from axmac.model.study.quanos.printed import Table

__all__ = ["Judged", "ablation_row", "corrected", "model_row"]


class Judged(NamedTuple):
    """The results of the shards that attacked a network: of `evaluation.attacked`, and by eps of `strongest`."""

    right: Sequence[Mapping[str, Any]]
    strongest: Mapping[str, Sequence[Mapping[str, Any]]]

    def clean(self) -> Tensor:
        """Which images are right without an attack, bool [n]."""
        return _flags(shard["clean"] for shard in self.right)

    def under(self, run: str) -> Tensor:
        """Which images are right under an attack."""
        return _flags(shard["right"][run] for shard in self.right)

    def standing(self, eps: str) -> Tensor:
        """Which images stand all attacks within eps."""
        return _flags(shard["survived"] for shard in self.strongest[eps])


def model_row(
    *,
    model: Model,
    record: Mapping[str, Any],
    judged: Judged,
    rival: Judged | None,
    others: Mapping[str, Judged],
    same_size: bool,
    extent: Extent,
    nets: Mapping[str, Counted],
    printed: Table,
) -> dict[str, Any]:
    """A row of a network, of kind ``model``.

    ``accuracy`` without attack; ``attacks`` {attack, eps, settings, n, k right, rate, interval, loss: clean less
    adversarial accuracy} and ``strongest`` {eps, n, k, rate, interval, fell by attack}, with ``paired``, McNemar's test
    against ``rival``, the homogeneous network of the same size: images that are right on only the first or second;
    None without a rival. ``gains`` over ``others``, by label: `_gains`. ``costs`` by network of ``nets``: `costs_of`.
    ``paper`` has its row, where there is one.
    """
    clean = judged.clean()
    found = [
        {
            **{name: run[name] for name in ("attack", "eps", "settings")},
            **share(int(judged.under(run["name"]).sum()), len(clean)),
            "loss": float(clean.double().mean() - judged.under(run["name"]).double().mean()),
            "paired": _paired(judged.under(run["name"]), rival and rival.under(run["name"])),
        }
        for run in runs()
    ]
    strong = [
        {
            "eps": eps,
            **share(int(judged.standing(eps).sum()), len(judged.standing(eps))),
            "fell": _fallen(shards),
            "settings": {row["attack"]: row["settings"] for row in shards[0]["rows"]},
            "paired": _paired(judged.standing(eps), rival and rival.standing(eps)),
        }
        for eps, shards in judged.strongest.items()
    ]
    own = printed.rows.get(model.label) if model.hardening is None else None
    losses = printed.losses.get(model.hardening or "", {}).get(model.label)
    return {
        "kind": "model",
        "label": model.label,
        "hardening": model.hardening,
        "homogeneous": model.bits,
        "same_size": same_size,
        "seeds": [record["seed"]],
        "schedule": {
            "epochs": record["epochs"],
            "warmup": record["warmup_epochs"],
            "images": extent.train or "all",
            "batch_size": record["batch_size"],
            "hardener": record["hardening"],
        },
        "loss": record["loss"],
        "bits": record["bits"],
        "ans": record["ans"],
        "sample": record["sample"],
        "accuracy": share(int(clean.sum()), len(clean)),
        "paired": _paired(clean, rival and rival.clean()),
        "attacks": found,
        "strongest": strong,
        "gains": {label: _gains(judged, other) for label, other in others.items()},
        "costs": {net: costs_of(counted) for net, counted in nets.items()},
        "paper": {
            "accuracy": own and own.accuracy / 100,
            "memory": own and own.memory * 1e9,
            "energy": own and {name: mj * 1e9 for name, mj in own.energy.items()},
            "bits": list(own.bits) if own else None,
            "losses": losses and {attack: [points / 100 for points in found] for attack, found in losses.items()},
        },
    }


def corrected(rows: Sequence[Mapping[str, Any]]) -> None:
    """Gives all tests ``paired`` of rows of networks ``p_holm``, Holm's correction over all of them together."""
    tests = [
        test
        for row in rows
        for test in (row["paired"], *(run["paired"] for run in (*row["attacks"], *row["strongest"])))
        if test is not None
    ]
    for test, p in zip(tests, holm([test["p"] for test in tests]), strict=True):
        test["p_holm"] = p


def _gains(own: Judged, other: Judged) -> dict[str, Any]:
    """What ``own`` gains over ``other`` on the same images, each {value, interval}, as `measures.compared`.

    ``clean`` accuracy; ``strongest`` by eps, images that stand; ``figure`` and ``table``, by attack, the gains of
    adversarial accuracy and of adversarial ``loss`` (clean less adversarial accuracy), means over the paper's eps of
    its figures and tables.
    """

    def gain(first: Tensor, second: Tensor) -> dict[str, Any]:
        return compared(first.tolist(), second.tolist())["difference"]

    found: dict[str, Any] = {
        "clean": gain(other.clean().double(), own.clean().double()),
        "strongest": {eps: gain(other.standing(eps).double(), own.standing(eps).double()) for eps in own.strongest},
    }
    for where in ("figure", "table"):
        found[where] = {}
        for attack, eps in FIGURE_EPS.items():
            wanted = eps if where == "figure" else TABLE_EPS
            names = [run["name"] for run in runs() if run["attack"] == attack and run["eps"] in wanted]
            one, two = (torch.stack([each.under(name).double() for name in names]).mean(0) for each in (own, other))
            losses = [each.clean().double() - rate for each, rate in ((own, one), (other, two))]
            found[where][attack] = {"accuracy": gain(two, one), "loss": gain(*losses)}
    return found


def ablation_row(
    found: Mapping[str, Any], ans: Mapping[str, float], eps: float, shares: Sequence[float]
) -> dict[str, Any]:
    """The row of kind ``ablation``: by layer its ANS, the images right as each share of its units is clamped (means
    over draws), and ``kept``, their mean over the shares; ``correlation`` of ANS and ``kept``, and its ``p``.
    """
    layers = {
        name: {"ans": value, "right": [sum(counts) / len(counts) for counts in found["right"][name]]}
        for name, value in ans.items()
    }
    for layer in layers.values():
        layer["kept"] = sum(layer["right"]) / len(shares) / found["n"]
    pairs = [[layer[name] for layer in layers.values()] for name in ("ans", "kept")]
    related = correlation(*pairs)
    return {
        "kind": "ablation",
        "eps": eps,
        "shares": list(shares),
        "draws": len(next(iter(found["right"].values()))[0]),
        "n": found["n"],
        "intact": found["intact"],
        "layers": layers,
        "correlation": related,
        "p": None if related is None else float(pearsonr(*pairs).pvalue),
    }


def _paired(own: Tensor, other: Tensor | None) -> dict[str, Any] | None:
    if other is None:
        return None
    test = mcnemar(own, other)
    return {"n": test.n, "only_first": test.only_first, "only_second": test.only_second, "p": test.p}


def _fallen(shards: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many images fell to each attack, in turn."""
    fallen: dict[str, int] = {}
    for shard in shards:
        for row in shard["rows"]:
            fallen[row["attack"]] = fallen.get(row["attack"], 0) + row["k"]
    return fallen


def _flags(texts: Any) -> Tensor:
    return torch.tensor([flag == "1" for text in texts for flag in text], dtype=torch.bool)
