"""Results of studies made by hand, for the forms that show them."""

from matplotlib.figure import Figure

from axmac.model.report import new_result
from axmac.model.report.forms import form_of

__all__ = ["drawn", "shown", "study_result"]


def study_result(form, rows):
    """A result of a quick study with seed 0 on digits."""
    data = {"name": "digits", "sha256": "0" * 64}
    nets = [{"net": "lenet5", "seed": 0, "sha256": "1" * 64, "data": data}]
    about = {"name": "t", "title": "Title", "quick": True, "form": form, "nets": nets}
    return new_result("study", rows, seed=0, study=about, threads=1)


def shown(result):
    """The tables of a result, each row as wide as the heads."""
    tables = form_of(result).tables(result)
    for _, heads, rows in tables:
        assert rows
        assert all(len(row) == len(heads) for row in rows)
        assert all(isinstance(cell, str) for row in rows for cell in row)
    return tables


def drawn(result):
    """The axes of the picture of a result, colour bars included, after it was laid out."""
    figure = Figure(layout="constrained")
    form_of(result).draw(result, figure)
    figure.canvas.draw()
    return figure.axes
