"""Studies of QUANOS."""

from typing import Any

from axmac.model.report.words import Table, study_title

__all__ = ["sentence", "tables"]


def tables(result: dict[str, Any]) -> list[Table]:
    """Claims."""
    claims = result["rows"][-1]["claims"]
    return [(study_title(result), ["claim", "paper", "ours", "held"], [[*map(str, c.values())] for c in claims])]


def sentence(result: dict[str, Any]) -> str:
    """Claims."""
    return study_title(result)
