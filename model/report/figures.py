"""Pictures of results, drawn from files."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from axmac.model.report.forms import form_of
from axmac.model.report.pareto import draw_pareto
from axmac.model.report.precision import draw_precision
from axmac.model.report.search import draw_search
from axmac.model.spec import InputError
from axmac.model.spec.files import write_whole

__all__ = ["draw_assignments", "draw_energies", "draw_examples", "draw_points", "draw_study"]

_ARRAYS = ("clean", "adversarial", "label", "source_before", "source_after", "target_before", "target_after")


def draw_examples(examples: Path, picture: Path, *, title: str, most: int = 5) -> Path:
    """Draws clean image, perturbation, adversarial image and the predictions of both nets, one row an image.

    ``examples`` is an npz with ``clean`` and ``adversarial`` [n, channels, height, width] of values 0 to 1, and
    ``label``, ``source_before``, ``source_after``, ``target_before``, ``target_after`` [n]. At most ``most`` images are
    drawn, those first whose class changed for both networks, then in the file's order. Writes a PNG.
    Raises ``InputError`` for a file that cannot be read as that.
    """
    try:
        with np.load(examples, allow_pickle=False) as file:
            arrays = {name: file[name] for name in _ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise InputError(f"{examples}: holds no adversarial examples ({error}): run `axmac attack`") from error
    changed = [arrays[f"{net}_after"] != arrays[f"{net}_before"] for net in ("source", "target")]
    first = np.argsort(~(changed[0] & changed[1]), kind="stable")[:most]
    arrays = {name: values[first] for name, values in arrays.items()}
    clean, adversarial = arrays["clean"], arrays["adversarial"]
    count = len(first)
    figure = Figure(figsize=(7, 2.4 * count + 0.5), layout="constrained")
    axes = figure.subplots(count, 3, squeeze=False)
    span = max(float(np.abs(adversarial - clean).max()), 1e-6)
    for row in range(count):
        label = int(arrays["label"][row])
        before, after = (
            {net: int(arrays[f"{net}_{when}"][row]) for net in ("source", "target")} for when in ("before", "after")
        )
        _show(axes[row, 0], clean[row], f"clean, label {label}", _predictions(before), 0, 1)
        _show(axes[row, 1], adversarial[row] - clean[row], f"perturbation, at most {span:.3g}", "", -span, span)
        _show(axes[row, 2], adversarial[row], "adversarial", _predictions(after), 0, 1)
    figure.suptitle(title, fontsize=10)
    return _written(figure, picture)


def draw_study(result: dict[str, Any], picture: Path) -> Path | None:
    """Draws the result of a study as its form has it and writes a PNG; None where there is nothing to look at."""
    form = form_of(result)
    if not hasattr(form, "draw"):
        return None
    figure = Figure(layout="constrained")
    form.draw(result, figure)
    return _written(figure, picture)


def draw_points(points: Sequence[Mapping[str, Any]], picture: Path) -> Path:
    """Draws what `pareto_points` returns, energy against what units are worth, and writes a PNG."""
    figure = Figure(layout="constrained")
    draw_pareto(points, figure)
    return _written(figure, picture)


def draw_assignments(result: dict[str, Any], picture: Path) -> Path:
    """Draws the assignments of a search, energy against accuracy with and without an attack, and writes a PNG."""
    figure = Figure(layout="constrained")
    draw_search(result, figure)
    return _written(figure, picture)


def draw_energies(result: dict[str, Any], picture: Path) -> Path:
    """Draws the energy of precision-scalable MACs against the bits of a layer, and writes a PNG."""
    figure = Figure(layout="constrained")
    draw_precision(result, figure)
    return _written(figure, picture)


def _written(figure: Figure, picture: Path) -> Path:
    content = io.BytesIO()
    FigureCanvasAgg(figure).print_png(content)
    return write_whole(picture, content.getvalue())


def _predictions(by_net: dict[str, int]) -> str:
    return f"source says {by_net['source']}, target {by_net['target']}"


def _show(axis, image: np.ndarray, title: str, note: str, low: float, high: float) -> None:
    pixels = image[0] if image.shape[0] == 1 else np.moveaxis((image - low) / (high - low), 0, -1)
    axis.imshow(pixels, cmap="gray" if low == 0 else "coolwarm", vmin=low, vmax=high, interpolation="nearest")
    axis.set_title(title, fontsize=9)
    axis.set_xticks([])
    axis.set_yticks([])
    axis.set_xlabel(note, fontsize=9)
