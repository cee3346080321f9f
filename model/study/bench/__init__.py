"""The speed of every kind of kernel beside torch's own float32 operator, measured in one run."""

from axmac.model.study.bench.run import GROUPS, UNITS, bench
from axmac.model.study.bench.workloads import NET

__all__ = ["GROUPS", "NET", "UNITS", "bench"]
