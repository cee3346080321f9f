"""One page of all results of a folder, in one file that needs no other: tables, pictures, and a first paragraph."""

import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from axmac.model.report.cost import cost_sentence
from axmac.model.report.forms import form_of
from axmac.model.report.pareto import PARETO, pareto_points, pareto_table
from axmac.model.report.precision import precision_sentence
from axmac.model.report.search import search_sentence
from axmac.model.report.tables import tables_of
from axmac.model.report.words import Table

__all__ = ["html_page", "pictures_of"]

_INTEGERS = "approx_"
"""What the names of the studies of integer units begin with."""
_STYLE = """
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 75em; padding: 0 1em; color: #222; }
figure { margin: 1em 0; overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; }
caption, figcaption { text-align: left; font-weight: bold; padding: .3em 0; }
th, td { border: 1px solid #bbb; padding: .2em .5em; text-align: left; vertical-align: top; }
th { background: #eee; }
tr:nth-child(even) td { background: #f7f7f7; }
.alarm { color: #a00; font-weight: bold; }
.from { color: #666; font-size: 12px; }
img { max-width: 100%; }
"""


def html_page(results: Mapping[str, dict[str, Any]], pictures: Mapping[str, bytes]) -> str:
    """HTML of results and PNG pictures, both by name; a picture stands below the result whose name it begins with."""
    left = dict(pictures)
    by_chapter: dict[str, list[str]] = {"": [], _INTEGERS: [], "ppa": [], "search": []}
    for name, result in results.items():
        own = [key for key in left if key == name or key.startswith(f"{name}-")]
        part = _result(name, result, {key: left.pop(key) for key in own})
        by_chapter[_chapter(result)].append(part)
    costs = _costs(results, by_chapter["ppa"], left.pop(PARETO, None))
    integers = _integers(results, by_chapter[_INTEGERS])
    searches = _searches(results, by_chapter["search"])
    chapters = [
        *by_chapter[""],
        *integers,
        *costs,
        *searches,
        *(_picture(name, content) for name, content in left.items()),
    ]
    return (
        "<!doctype html>\n<html lang='en'>\n<head>\n<meta charset='utf-8'>\n<title>axmac: results</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<h1>axmac: results</h1>\n"
        f"<p id='summary'>{escape(_summary(results))}</p>\n" + "\n".join(chapters) + "\n</body>\n</html>\n"
    )


def pictures_of(folder: Path) -> dict[str, bytes]:
    """All PNG files of a folder by name without its ending."""
    return {path.stem: path.read_bytes() for path in sorted(folder.glob("*.png"))}


def _summary(results: Mapping[str, dict[str, Any]]) -> str:
    """What holds and what does not, in plain words."""
    alarmed = [name for name, result in results.items() if result["alarms"]]
    said = [f"{len(results)} results."]
    studies = [result for result in results.values() if result["kind"] == "study"]
    said += [form_of(result).sentence(result) for result in studies if not _chapter(result)]
    if alarmed:
        said.append(f"Alarms rang in {', '.join(alarmed)}: what they say there cannot be called robust.")
    else:
        said.append("No result carries an alarm.")
    return " ".join(said)


def _chapter(result: dict[str, Any]) -> str:
    """The chapter in which a result stands: costs, searches, a paper on integer units, or the first one."""
    if result["kind"] == "study" and result["study"]["name"].startswith(_INTEGERS):
        return _INTEGERS
    return {"ppa": "ppa", "precision": "ppa", "search": "search"}.get(result["kind"], "")


def _integers(results: Mapping[str, dict[str, Any]], parts: list[str]) -> list[str]:
    """The chapter of the paper on integer units: what came of each study of it, and their tables."""
    if not parts:
        return []
    said = (form_of(result).sentence(result) for result in results.values() if _chapter(result) == _INTEGERS)
    title = "Integer units: Askarizadeh et al., Exploring DNN Robustness Against Adversarial Attacks (2024)"
    return [f"<h2 id='integers'>{escape(title)}</h2>", *(f"<p>{escape(one)}</p>" for one in said), *parts]


def _costs(results: Mapping[str, dict[str, Any]], parts: list[str], picture: bytes | None) -> list[str]:
    """The chapter of costs: what units cost, and that beside what they are worth; empty without such results."""
    if not parts:
        return []
    sentences = {"ppa": cost_sentence, "precision": precision_sentence}
    said = filter(None, (sentences[r["kind"]](r) for r in results.values() if r["kind"] in sentences))
    chapter = ["<h2 id='cost'>Area, delay and energy</h2>", *(f"<p>{escape(one)}</p>" for one in said), *parts]
    points = pareto_points(results.values())
    if points:
        chapter.append(f"<figure id='{PARETO}'>\n{_table(pareto_table(points))}\n</figure>")
    return [*chapter, *([_picture(PARETO, picture)] if picture else [])]


def _searches(results: Mapping[str, dict[str, Any]], parts: list[str]) -> list[str]:
    """The chapter of searches: what came of each, and its table; empty without such results."""
    said = [search_sentence(result) for result in results.values() if result["kind"] == "search"]
    return (
        ["<h2 id='search'>A unit for each layer</h2>", *(f"<p>{escape(one)}</p>" for one in said), *parts]
        if parts
        else []
    )


def _result(name: str, result: dict[str, Any], pictures: Mapping[str, bytes]) -> str:
    tables = "\n".join(map(_table, tables_of(result)))
    alarms = "\n".join(f"<p class='alarm'>alarm: {escape(alarm)}</p>" for alarm in result["alarms"])
    commit = f"commit {result['commit'][:10]}{', changed since' if result['dirty'] else ''}" if result["commit"] else ""
    origin = ", ".join(word for word in (f"{name}.json", commit, f"{result['threads']} threads", result["isa"]) if word)
    return f"<figure id='{escape(name)}'>\n{tables}\n{alarms}\n<p class='from'>{escape(origin)}</p>\n</figure>\n" + (
        "\n".join(_picture(key, content) for key, content in pictures.items())
    )


def _table(table: Table) -> str:
    title, heads, rows = table
    head = "".join(f"<th>{escape(cell)}</th>" for cell in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>\n<caption>{escape(title)}</caption>\n<tr>{head}</tr>\n{body}\n</table>"


def _picture(name: str, content: bytes) -> str:
    data = base64.b64encode(content).decode()
    return (
        f"<figure>\n<img alt='{escape(name)}' src='data:image/png;base64,{data}'>\n"
        f"<figcaption>{escape(name)}</figcaption>\n</figure>"
    )
