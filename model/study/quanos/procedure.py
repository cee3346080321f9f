"""Algorithm 1 of QUANOS: warm-up at one width, sensitivity, a width for each layer, training to the end.

Every layer starts with `initial_bits` bits. After the warm-up equation 3 gives each its width, from the sensitivity on
a seeded sample of training images; training goes on with the same optimizer along the same schedule. With several
iterations the remaining epochs are cut into as many equal parts, and equation 3 is applied again before each of them,
to the width that a layer has by then. Adversarial training begins after the warm-up.

Killed at any moment a run goes on where it stopped and ends with the same bits: beside its checkpoint lie the state of
the training, written after every epoch, and the widths so far. Both are removed at the end.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from axmac.model.attack.hardening import Hardener, hardener
from axmac.model.attack.sensitivity import assigned_bits, noise_sensitivity
from axmac.model.nn import checkpoint, networks, training
from axmac.model.nn.data import Dataset, Progress
from axmac.model.nn.hybrid import MOST_BITS, bits_of, hybrid, quantisable
from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole

__all__ = ["EPS", "SAMPLE", "check_settings", "path_of", "run"]

EPS = 0.05
"""Of the FGSM that sensitivity is measured with, as in the paper."""
SAMPLE = 2000
"""Training images that it is measured on; 1,000 to 2,000 in the paper."""


def run(
    net: str,
    dataset: Dataset,
    *,
    initial_bits: int = 16,
    warmup_epochs: int,
    epochs: int,
    seed: int = 0,
    iterations: int = 1,
    hardening: str | Hardener | None = None,
    bits: int | None = None,
    batch_size: int = 128,
    folder: Path,
    progress: Progress | None = None,
) -> tuple[nn.Module, dict[str, Any]]:
    """Trains ``net`` on ``dataset``: ``epochs`` in all, the first ``warmup_epochs`` of them at ``initial_bits``.

    Returns the network in evaluation mode, and its record:

    * ``net``, ``data`` {name, split, sha256}, ``seed``, ``threads``, ``batch_size``, ``initial_bits``,
      ``warmup_epochs``, ``epochs``, ``iterations``, ``hardening`` (its repr or None), ``homogeneous`` (``bits``, None);
    * ``sample`` {n, seed, eps}: the training images that sensitivity is measured on;
    * ``ans`` {"warmup": {layer: value}, "final": {layer: value}}, for homogeneous networks, too;
    * ``rounds`` [{epoch, ans, bits}]: each time that widths were assigned (none for a homogeneous network);
    * ``bits`` {layer: width} in the order of the forward pass; ``loss``, the mean of every epoch;
    * ``path`` and ``sha256`` of the checkpoint, which `checkpoint.load` reads.

    With ``bits`` all layers have that width from the first epoch on: the homogeneous baseline with the same schedule.
    ``hardening`` begins after the warm-up, also there. A finished run is only loaded.
    Raises ``InputError`` for values out of range, and for files of a run with other settings.
    """
    chosen = hardener(hardening) if isinstance(hardening, str) else hardening
    check_settings(
        initial_bits=initial_bits, warmup_epochs=warmup_epochs, epochs=epochs, iterations=iterations, bits=bits
    )
    settings = {
        "net": net,
        "data": {"name": dataset.name, "split": dataset.split, "sha256": dataset.sha256},
        "seed": seed,
        "batch_size": batch_size,
        "initial_bits": bits or initial_bits,
        "warmup_epochs": warmup_epochs,
        "epochs": epochs,
        "iterations": 0 if bits else iterations,
        "hardening": None if chosen is None else repr(chosen),
        "homogeneous": bits,
        "sample": {"n": min(SAMPLE, len(dataset)), "seed": seed, "eps": EPS},
    }
    path = path_of(folder, net, dataset.name, seed, bits=bits, initial_bits=initial_bits, hardening=chosen)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        _Run(settings, dataset, chosen, path, progress).finish()
    return _finished(path, settings)


def check_settings(
    *, initial_bits: int, warmup_epochs: int, epochs: int, iterations: int, bits: int | None = None
) -> None:
    """Refuses widths outside 1 to 16 and parts of the schedule that do not fit into it; ``InputError``."""
    for name, value in (("initial_bits", initial_bits), ("bits", 1 if bits is None else bits)):
        if not 1 <= value <= MOST_BITS:
            raise InputError(f"{name} must be 1 to {MOST_BITS}, not {value}")
    if not 1 <= warmup_epochs < epochs:
        raise InputError(f"warmup_epochs must be at least 1 and less than all {epochs} epochs, not {warmup_epochs}")
    if not 1 <= iterations <= epochs - warmup_epochs:
        most = epochs - warmup_epochs
        raise InputError(f"iterations must be 1 to {most}, an epoch each after the warm-up, not {iterations}")


def path_of(
    folder: Path,
    net: str,
    data: str,
    seed: int,
    *,
    bits: int | None = None,
    initial_bits: int = 16,
    hardening: Hardener | None = None,
) -> Path:
    """Where the checkpoint of a run lies."""
    what = f"quanos{initial_bits}" if bits is None else f"{bits}bit"
    hardened = "" if hardening is None else f"-{hardening.name}"
    return Path(folder) / f"{net}-{data}-{what}{hardened}-seed{seed}.safetensors"


def _finished(path: Path, settings: dict[str, Any]) -> tuple[nn.Module, dict[str, Any]]:
    module, metadata = checkpoint.load(path)
    record = metadata.get("record") or {}
    _check_same(path, record, settings)
    found = _ordered(record, quantisable(module, networks.get(settings["net"]).images))
    return module, {**found, "path": str(path), "sha256": metadata["sha256"]}


def _ordered(value: Any, names: tuple[str, ...]) -> Any:
    """The same, each mapping of layers in the order of the forward pass: metadata come back sorted by name."""
    if isinstance(value, dict):
        keys = names if set(value) == set(names) else value
        return {key: _ordered(value[key], names) for key in keys}
    return [_ordered(one, names) for one in value] if isinstance(value, list) else value


def _check_same(path: Path, found: dict[str, Any], settings: dict[str, Any]) -> None:
    wrong = [name for name, value in settings.items() if found.get(name) != value]
    if wrong:
        raise InputError(f"{path} belongs to a run with other {', '.join(wrong)}: delete it or name another folder")


@dataclass(frozen=True)
class _Run:
    """One run that is not finished: its settings, and where its files lie."""

    settings: dict[str, Any]
    dataset: Dataset
    hardening: Hardener | None
    path: Path
    progress: Progress | None

    def finish(self) -> None:
        """Trains from wherever the run is to its end, and writes the checkpoint."""
        net, warmup = (self.settings[name] for name in ("net", "warmup_epochs"))
        shape = networks.get(net).images
        module = hybrid(networks.build(net, self.settings["seed"]), self.settings["initial_bits"], shape)
        known = self._known()
        for place, epoch in enumerate(self._pauses()):
            facts = self._train(module, until=epoch)
            if place == len(known):
                known.append(self._assigned(module, epoch, len(facts["loss"])))
                self._keep(known)
            if self.settings["homogeneous"] is None:
                module = hybrid(module, known[place]["bits"], shape)
        facts = self._train(module, until=self.settings["epochs"])
        record = {
            **self.settings,
            "threads": facts["threads"],
            "ans": {"warmup": known[0]["ans"], "final": self._sensitivity(module)},
            "rounds": [] if self.settings["homogeneous"] else known,
            "bits": bits_of(module),
            "loss": facts["loss"],
        }
        checkpoint.save(self.path, net, module, {**facts, "warmup_epochs": warmup, "record": record})
        for leftover in (self._state, self._journal):
            leftover.unlink(missing_ok=True)

    @property
    def _state(self) -> Path:
        return self.path.with_suffix(".state")

    @property
    def _journal(self) -> Path:
        return self.path.with_suffix(".widths.json")

    def _pauses(self) -> list[int]:
        """After how many epochs widths are assigned; a homogeneous network is only measured, after its warm-up."""
        first, last, count = (self.settings[name] for name in ("warmup_epochs", "epochs", "iterations"))
        return [first + (last - first) * place // max(count, 1) for place in range(max(count, 1))]

    def _train(self, module: nn.Module, until: int) -> dict[str, Any]:
        wanted = {name: self.settings[name] for name in ("epochs", "seed", "batch_size")}
        recipe = networks.get(self.settings["net"]).recipe
        hardened = {"hardening": self.hardening, "hardening_from": self.settings["warmup_epochs"]}
        files = {"state": self._state, "progress": self.progress}
        return training.train(module, self.dataset, recipe=recipe, until=until, **wanted, **hardened, **files)

    def _assigned(self, module: nn.Module, epoch: int, done: int) -> dict[str, Any]:
        if done != epoch:
            raise InputError(f"{self._state} has {done} epochs, but the widths of epoch {epoch} are lost: delete it")
        ans = self._sensitivity(module)
        return {"epoch": epoch, "ans": ans, "bits": assigned_bits(ans, bits_of(module))}

    def _sensitivity(self, module: nn.Module) -> dict[str, float]:
        sample = self.settings["sample"]
        drawn = torch.randperm(len(self.dataset), generator=torch.Generator().manual_seed(sample["seed"]))
        chosen = drawn[: sample["n"]]
        return noise_sensitivity(module, self.dataset.images[chosen], self.dataset.labels[chosen], sample["eps"])

    def _known(self) -> list[dict[str, Any]]:
        """What was assigned before the run was killed; an empty list for a run that begins now."""
        if not self._journal.is_file():
            self._keep([])
            return []
        try:
            found = json.loads(self._journal.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError(f"{self._journal} is damaged ({error}): delete it and {self._state.name}") from None
        _check_same(self._journal, found["settings"], self.settings)
        return found["assigned"]

    def _keep(self, assigned: list[dict[str, Any]]) -> None:
        text = json.dumps({"settings": self.settings, "assigned": assigned}, indent=1)
        write_whole(self._journal, text.encode())
