"""Rows of a study of QUANOS: which there are, and what they are called."""

from collections.abc import Mapping
from typing import Any

__all__ = ["ATTACKS", "models_of", "name_of", "nets_of", "row_of"]

ATTACKS = {None: "", "fgsm": "FGSM", "pgd": "PGD"}
"""What tables and pictures call an attack, or the way of adversarial training."""


def row_of(result: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """The first row of a kind."""
    return next(row for row in result["rows"] if row["kind"] == kind)


def models_of(result: Mapping[str, Any], *, hardened: bool | None = None) -> list[dict[str, Any]]:
    """The rows of networks: all, or those with or without adversarial training."""
    models = (row for row in result["rows"] if row["kind"] == "model")
    return [row for row in models if hardened is None or (row["hardening"] is not None) == hardened]


def nets_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """The network that was trained, and that of the paper."""
    own, paper = row["costs"]
    return own, paper


def name_of(row: Mapping[str, Any]) -> str:
    """What a network is called: its label, how it was hardened, and whether it has the size of QUANOS."""
    size = " (size of QUANOS)" if row["same_size"] else ""
    trained = f" + {ATTACKS[row['hardening']]}" if row["hardening"] else ""
    return f"{row['label']}{trained}{size}"
