"""A search as shards: assignments are measured once, kept at once, and found again by a run that goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from axmac.model.nn.data import Progress
from axmac.model.study.shards import Shard, run_shards
from axmac.model.study.shards.shard import plain
from axmac.model.study.shards.store import Store

__all__ = ["Search"]

_MEASURE = "axmac.model.study.search.measure"


@dataclass(frozen=True)
class Search:
    """What is searched: the arguments of `measure.measured` that all assignments share, and where results are kept.

    With ``white_box`` the attack is aimed at every network itself; else images are crafted once, on the accurate one.
    ``workers`` processes measure assignments beside each other; the figures do not depend on how many.
    """

    net: Mapping[str, str]
    calibration: Mapping[str, Any]
    test: Mapping[str, str]
    attack: Mapping[str, Any]
    white_box: bool
    folder: Path
    workers: int = 1

    def measure(
        self, assignments: Sequence[Mapping[str, str]], block: tuple[int, int], progress: Progress | None = None
    ) -> list[dict[str, int]]:
        """What each assignment, unit ids by layer, is worth on the test images ``block`` [first, last + 1]."""
        common = {
            "net": dict(self.net),
            "calibration": dict(self.calibration),
            "test": dict(self.test),
            "block": list(block),
            "attack": dict(self.attack),
        }
        place = f"{block[0]}-{block[1]}"
        both = common | {"shown": None if self.white_box else self._shown(common, place)}
        shards = []
        for units in assignments:
            name = f"{place}/{sha256(plain(list(units.items()))).hexdigest()[:20]}"
            shards.append(Shard(name, f"{_MEASURE}:measured", both | {"units": dict(units)}))
        found = run_shards(shards, self.folder, workers=self.workers, progress=progress)
        return [found[shard.name] for shard in shards]

    def _shown(self, common: dict[str, Any], place: str) -> dict[str, str]:
        path = str((self.folder / f"crafted-{place}.safetensors").resolve())
        shard = Shard(f"crafted-{place}", f"{_MEASURE}:crafted", common | {"path": path})
        if not Path(path).is_file():
            Store(self.folder).path(shard).unlink(missing_ok=True)
        return {"path": path, "sha256": run_shards([shard], self.folder, workers=1)[shard.name]}
