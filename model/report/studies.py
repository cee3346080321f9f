"""Studies as a page of Markdown has them: one in short, and all of them in a sentence each."""

from collections.abc import Mapping
from typing import Any

from axmac.model.report.forms import form_of
from axmac.model.report.words import Table, conditions

__all__ = ["sentences", "short"]


def short(result: dict[str, Any]) -> tuple[list[Table], list[str]]:
    """The tables of a study that fit on a page, and lines below them: what came of it, and its alarms."""
    form = form_of(result)
    tables = form.short(result) if hasattr(form, "short") else form.tables(result)
    return tables, [form.sentence(result), *(f"Alarm: {alarm}." for alarm in result["alarms"])]


def sentences(results: Mapping[str, dict[str, Any]]) -> Table:
    """What came of each study, by name, with its conditions."""
    rows = []
    for name, result in results.items():
        alarms = " ".join(f"Alarm: {alarm}." for alarm in result["alarms"])
        rows.append([f"`{name}`", conditions(result), f"{form_of(result).sentence(result)} {alarms}".strip()])
    return "What came of each study", ["study", "conditions", "outcome"], rows
