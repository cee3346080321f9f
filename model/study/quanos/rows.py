"""Rows of a QUANOS study: what each network is worth and costs, and the ablation, beside the paper's values."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from axmac.model.attack.statistics import holm, mcnemar
from axmac.model.study.measures import correlation, share
from axmac.model.study.quanos.costs import Counted, costs_of
from axmac.model.study.quanos.plan import Extent, Model, runs
from axmac.model.study.quanos.printed import Table

__all__ = ["Judged", "ablation_row", "model_row"]


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
    same_size: bool,
    extent: Extent,
    nets: Mapping[str, Counted],
    printed: Table,
) -> dict[str, Any]:
    """A row of a network, of kind ``model``.

    ``accuracy`` without attack; ``attacks`` {attack, eps, settings, n, k right, rate, interval, loss: clean less
    adversarial accuracy} and ``strongest`` {eps, n, k, rate, interval, fell by attack}, with ``paired``, McNemar's test
    against ``rival``, the homogeneous network of the same size: images that are right on only the first or second, p
    corrected over the row; None without a rival. ``costs`` by network of ``nets``: `costs_of`. ``paper`` has its
    row, where there is one.
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
    tests = [test["paired"] for test in (*found, *strong) if test["paired"] is not None]
    for test, p in zip(tests, holm([test["p"] for test in tests]), strict=True):
        test["p_holm"] = p
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
        "costs": {net: costs_of(counted) for net, counted in nets.items()},
        "paper": {
            "accuracy": own and own.accuracy / 100,
            "memory": own and own.memory * 1e9,
            "energy": own and {name: mj * 1e9 for name, mj in own.energy.items()},
            "bits": list(own.bits) if own else None,
            "losses": losses and {attack: [points / 100 for points in found] for attack, found in losses.items()},
        },
    }


def ablation_row(
    found: Mapping[str, Any], ans: Mapping[str, float], eps: float, shares: Sequence[float]
) -> dict[str, Any]:
    """The row of kind ``ablation``: by layer its ANS, the images right as each share of its units is clamped (means
    over draws), and ``kept``, their mean over the shares; ``correlation`` of ANS and ``kept``.
    """
    layers = {
        name: {"ans": value, "right": [sum(counts) / len(counts) for counts in found["right"][name]]}
        for name, value in ans.items()
    }
    for layer in layers.values():
        layer["kept"] = sum(layer["right"]) / len(shares) / found["n"]
    return {
        "kind": "ablation",
        "eps": eps,
        "shares": list(shares),
        "draws": len(next(iter(found["right"].values()))[0]),
        "n": found["n"],
        "intact": found["intact"],
        "layers": layers,
        "correlation": correlation(*([layer[name] for layer in layers.values()] for name in ("ans", "kept"))),
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
