"""Tables say what the result says: counts, rates, n/a where nothing could be counted."""

from axmac.model.report import markdown, new_result, table_of
from axmac.model.spec import catalog

NET = {"name": "lenet5", "sha256": "1" * 64}
DATA = {"name": "digits", "sha256": "2" * 64, "indices": "0:360"}


def transfer(rows, protocol="budget", targeted=False):
    attack = {"name": "fgsm", "params": {}, "protocol": protocol, "norm": "linf", "source": "exact", "target": "ax_fpm"}
    attack["targeted"] = targeted
    context = {"layers": "conv", "gradient": "exact", "net": NET, "data": DATA, "attack": attack}
    return new_result("transfer", rows, seed=0, spec=catalog["ax_fpm"], **context)


def test_a_transfer_table_gives_counts_and_interval():
    accuracies = {"source_accuracy": 0.99, "target_accuracy": 0.98}
    row = {"eps": 0.1, "n": 90, "k1": 30, "k2": 3, "source_rate": 1 / 3, "rate": 0.1, "interval": [0.035, 0.256]}
    none = {"eps": 0.0, "n": 90, "k1": 0, "k2": 0, "source_rate": 0.0, "rate": None, "interval": None}
    title, heads, rows = table_of(transfer([{**none, **accuracies}, {**row, **accuracies}]))
    assert "fgsm on lenet5, digits" in title
    assert "99.00 %" in title
    assert len(heads) == len(rows[0]) == len(rows[1])
    assert rows[0][-2:] == ["n/a", "n/a"]
    assert rows[1][1:] == ["90", "33.33 %", "3 of 30", "10.00 %", "3.5 to 25.6 %"]
    assert heads[0] == "eps"


def test_a_minimal_transfer_table_gives_margins():
    row = {"eps": None, "margin": 1.25, "n": 90, "k1": 30, "k2": 3, "source_rate": 1 / 3, "rate": 0.1}
    row |= {"interval": [0.035, 0.256], "source_accuracy": 0.99, "target_accuracy": 0.98}
    title, heads, rows = table_of(transfer([row], protocol="minimal", targeted=True))
    assert title.endswith("protocol minimal, targeted")
    assert (heads[0], rows[0][0]) == ("margin", "1.25")


def test_an_errors_table_puts_published_beside_measured():
    figures = dict.fromkeys(("med", "nmed", "mred", "ratio_of_means", "wce", "ep", "bias", "larger"), 0.5)
    result = new_result(
        "errors", [{"pairs": 1000, "low": -1.0, "high": 1.0, **figures}], seed=1, spec=catalog["ax_fpm"]
    )
    _, heads, rows = table_of(result)
    assert heads == ["figure", "measured", "published"]
    assert ["nmed", "0.5", "0.08"] in rows
    assert ["mred", "0.5", "0.33"] in rows
    assert ["ratio_of_means", "0.5", ""] in rows


def test_a_replay_table_adds_the_layers_up():
    counts = {"macs": 64, "cycles": 4, "seconds": 1.5, "outputs": 8, "differ_fast": 1, "differ_golden": 0}
    layers = [{"layer": name, "m": 2, "k": 8, "n": 4, "differ_output": 2, **counts} for name in ("conv1", "fc")]
    row = {"simulator": "icarus", "version": "11.0", "rows": 4, "cols": 4, "images": 3, "layers": layers}
    result = new_result("replay", [row], seed=0, spec=catalog["ax_fpm"], layers="all", net=NET, data=DATA)
    title, heads, rows = table_of(result)
    assert "3 images" in title
    assert "4 x 4 weight-stationary array, icarus 11.0" in title
    assert {len(line) for line in rows} == {len(heads)}
    assert rows[0][:4] == ["conv1", "2 x 8 x 4", "64", "8"]
    assert rows[-1] == ["all", "", "128", "16", "2", "0", "4", "8", "16.0", "3.0"]


def test_markdown():
    text = markdown(("Title", ["a", "b"], [["1", "2"], ["3", "4"]]))
    assert text.splitlines() == ["**Title**", "", "| a | b |", "| --- | --- |", "| 1 | 2 |", "| 3 | 4 |"]
