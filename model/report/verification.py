"""The table of what is proven, exhaustive and sampled."""

from typing import Any

__all__ = ["verification_table"]


def verification_table(result: dict[str, Any]) -> tuple[str, list[str], list[list[str]]]:
    """One row a subject, from a result of kind ``verification``."""
    rows = [_row(row) for row in result["rows"]]
    commit = (result["commit"] or "no commit")[:10]
    title = f"What `make verify-all` found, commit {commit}, seed {result['seed']}"
    if result["alarms"]:
        title += f"; NOT ALL PASSED: {'; '.join(result['alarms'])}"
    heads = ["what", "proven for all operands", "exhaustive", "sampled", "bins hit", "planted faults killed"]
    return title, [*heads, "code lines and toggles"], rows


def _row(row: dict[str, Any]) -> list[str]:
    statements = f"{row['proven']} of {row['statements']} statements" if "statements" in row else ""
    exhaustive = ", ".join(f"{count:,} {what}" for what, count in row.get("exhaustive", {}).items())
    return [row["subject"], statements, exhaustive, _sampled(row), _bins(row), _mutants(row), _code(row)]


def _sampled(row: dict[str, Any]) -> str:
    if row["kind"] == "tests":
        return f"{sum(row['passed'].values()):,} tests passed"
    what = {"unit": "", "network": " MACs", "model": " results"}[row["kind"]]
    texts = [f"{count:,}{what} {_against(where)}" for where, count in row.get("sampled", {}).items()]
    differ = [f"{row['scores_differ']} scores differ"] if "scores_differ" in row else []
    return ", ".join([*texts, *differ])


def _against(where: str) -> str:
    return f"on {where.capitalize()}" if where in ("verilator", "icarus") else f"against the {where}"


def _bins(row: dict[str, Any]) -> str:
    if "bins" not in row:
        return ""
    bins = row["bins"]
    proven = f", {bins['unreachable']} proven unreachable" if bins["unreachable"] else ""
    return f"{bins['hit']} of {bins['bins']}{proven}"


def _mutants(row: dict[str, Any]) -> str:
    if "mutants" not in row:
        return ""
    mutants = row["mutants"]
    others = [f"{mutants[what]} {what}" for what in ("equivalent", "survived") if mutants[what]]
    return ", ".join([f"{mutants['killed']} of {sum(mutants.values())}", *others])


def _code(row: dict[str, Any]) -> str:
    code = row.get("code", {})
    return ", ".join(f"{hit / points:.0%} {kind}" for kind, (hit, points) in code.items() if kind in ("line", "toggle"))
