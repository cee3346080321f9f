"""A study as independent shards: what one is, where its result is kept, and who computes it."""

from axmac.model.study.shards.run import run_shards
from axmac.model.study.shards.shard import Shard

__all__ = ["Shard", "run_shards"]
