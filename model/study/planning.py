"""What a study is, what it needs, and what it is planned for: networks, seed, quick or full."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from axmac.model.study.shards import Shard

__all__ = ["Need", "Setting", "Study", "blocks"]


@dataclass(frozen=True)
class Need:
    """A trained network, by the name of its kind and the seed of its weights.

    One that takes long to train is ``optional``: a study does not train it, and does without it where it is not there.
    Of an ``untrained`` one the study wants the first weights only, and trains it itself in its shards.
    """

    net: str
    seed: int = 0
    optional: bool = False
    untrained: bool = False


@dataclass(frozen=True)
class Setting:
    """``nets``: each network with {net, seed, path, sha256, data: {name, sha256}}, the test set it is tried on.

    Optional ones that are not trained are not among them. The path of an untrained one is a folder for what the study
    trains, and its sha256 that of the weights it begins with. ``own``: {name, train, test} of the data set that a study
    trains on itself, the hashes of both parts; None where it does not.
    """

    nets: Mapping[Need, dict[str, Any]]
    seed: int
    quick: bool
    own: Mapping[str, str] | None = None

    def data(self, need: Need) -> dict[str, str]:
        """The test set of a network: {name, sha256}."""
        return self.nets[need]["data"]


class Study(ABC):
    """A published table or figure, or a question of ours.

    ``form`` names the module of `axmac.model.report.forms` that makes tables and pictures of its rows; studies with the
    same ``folder`` share their shards, so that what one has computed, the other finds. ``images``: the shape of the
    images of the data set that the study itself trains on, where it does.
    """

    title: str
    form: str
    folder: str
    images: tuple[int, int, int] | None = None

    @abstractmethod
    def needs(self, quick: bool) -> Sequence[Need]:
        """The networks, the one that the study is about first."""

    @abstractmethod
    def plan(self, setting: Setting) -> list[Shard]:
        """Its shards, or the first of them."""

    def follow(self, setting: Setting, results: Mapping[str, Any]) -> list[Shard]:
        """The shards that need results of earlier ones, from the results of all so far by name; none at the end."""
        del setting, results
        return []

    @abstractmethod
    def rows(self, setting: Setting, results: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The rows of its result, as ``form`` expects them, from the results of all shards by name."""

    def alarms(self, results: Mapping[str, Any]) -> list[str]:
        """What forbids to call a network of this study robust, a line each: those of its audit, where it has one."""
        return results["audit"]["alarms"] if "audit" in results else []


def blocks(images: int, size: int) -> list[tuple[int, int]]:
    """First and last + 1 of each block of at most ``size`` of the first ``images`` images."""
    return [(first, min(first + size, images)) for first in range(0, images, size)]
