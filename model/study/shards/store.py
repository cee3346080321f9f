"""Where the results of shards are kept: a file each, good while what it depends on stays the same."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from axmac.model.spec.files import write_whole
from axmac.model.study.shards.shard import Shard, plain

__all__ = ["Store"]


@dataclass(frozen=True)
class Store:
    """Results in a folder. Its files hold nothing of who computed them and when: two runs leave the same bytes."""

    folder: Path

    def path(self, shard: Shard) -> Path:
        """Where a shard's result is."""
        return self.folder / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', shard.name)}.json"

    def write(self, shard: Shard, result: bytes) -> None:
        """Keeps a result as `compute` gives it."""
        about = {"shard": shard.name, "identity": shard.identity, "function": shard.function}
        write_whole(self.path(shard), plain(about | {"arguments": shard.arguments, "result": json.loads(result)}))

    def read(self, shard: Shard) -> Any | None:
        """The result of a shard; None where there is none yet, or one of other arguments or sources."""
        try:
            kept = json.loads(self.path(shard).read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        return kept["result"] if kept.get("identity") == shard.identity else None

    def check(self, shards: Iterable[Shard]) -> None:
        """``ValueError`` where two shards would share a file."""
        seen: dict[Path, str] = {}
        for shard in shards:
            other = seen.setdefault(self.path(shard), shard.name)
            if other is not shard.name:
                raise ValueError(f"shards {other!r} and {shard.name!r} share the file {self.path(shard).name}")
