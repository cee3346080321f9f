"""Results of the shards of a QUANOS study, planted: what a training and attacks could have said."""

import functools

from axmac.model.nn import networks
from axmac.model.nn.hybrid import quantisable
from axmac.model.study.planning import Need, Setting
from axmac.model.study.quanos.plan import Model, runs

__all__ = ["planted", "planted_training", "setting"]

N, STRONG = 60, 20
"""Images of the quick form."""
MODELS = [Model(bits, hardening) for bits in (None, *range(1, 17)) for hardening in (None, "fgsm", "pgd")]


def setting(study, quick=True):
    """A setting in which nothing is trained."""
    need = Need(study.net, untrained=True)
    data = {"name": "digits32", "sha256": "1" * 64}
    net = {"net": study.net, "seed": 0, "path": "nets", "sha256": "0" * 64, "data": data}
    return Setting({need: net}, 0, quick)


def planted_training(study, model, widths):
    """The record of a training, its layers in alphabetical order as JSON keeps them; ANS is .01 times the place."""
    names = _names(study.net)
    bits = dict(zip(names, [model.bits] * len(names) if model.bits else widths, strict=True))
    ans = {name: place / 100 for place, name in enumerate(names)}
    return {
        "bits": {name: bits[name] for name in sorted(names)},
        "ans": {when: {name: ans[name] for name in sorted(names)} for when in ("warmup", "final")},
        "sample": {"n": 2000, "seed": 0, "eps": 0.05},
        "path": f"nets/{model.name}",
        "sha256": "2" * 64,
        "loss": [1.0],
        "seed": 0,
        "epochs": 3,
        "warmup_epochs": 1,
        "batch_size": 128,
        "hardening": model.hardening and f"Hardener {model.hardening}",
    }


def planted(study, widths, right, *, clean=50, standing=10):
    """All results of the quick form, in which QUANOS has ``widths``.

    Of 60 images the first ``clean`` are right, and under attack the first ``right(name of the model, run)``; of 20 the
    strongest leaves ``standing``.
    """
    results, where = {}, setting(study)
    shards = study.plan(where)
    while shards:
        for shard in shards:
            kind, _, rest = shard.name.partition("/")
            if kind == "train":
                model = next(model for model in MODELS if model.name == rest)
                results[shard.name] = planted_training(study, model, widths)
            elif kind == "right":
                name = rest.partition("/")[0]
                flags = {run["name"]: _flags(right(name, run), N) for run in runs()}
                results[shard.name] = {"clean": _flags(clean, N), "right": flags}
            elif kind == "strong":
                rows = [
                    {"attack": attack, "settings": {"steps": 20}, "k": k} for attack, k in (("a", 5), ("square", 0))
                ]
                results[shard.name] = {"survived": _flags(standing, STRONG), "rows": rows}
            else:
                names = shard.arguments["layers"]
                kept = {name: [[20 - place]] * 5 for place, name in enumerate(names)}
                results[shard.name] = {"n": 40, "intact": 30, "right": kept}
        shards = study.follow(where, results)
    return results


@functools.cache
def _names(net):
    return quantisable(networks.build(net), networks.get(net).images)


def _flags(count, n):
    return "1" * count + "0" * (n - count)
