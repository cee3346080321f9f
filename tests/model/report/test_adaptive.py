"""The table of an adaptive attack says every run, and in its title what an alarm forbids."""

from axmac.model.report import new_result, tables_of
from axmac.model.spec import catalog

ROW = {"run": "lead_1", "attack": "apgd_ce", "gradient": "unit", "eps": 0.1, "n": 20, "k": 5, "rate": 0.25}
ROW |= {"interval": [0.1, 0.5], "left": 15}
WORST = ROW | {"run": "worst_case", "attack": "all", "gradient": None, "k": 7, "rate": 0.35, "left": 13}


def result(alarms=()):
    attack = {"name": "adaptive", "params": {}, "protocol": "budget", "norm": "linf", "source": "a", "target": "ax"}
    context = {"net": {"name": "lenet5", "sha256": "0" * 64}, "layers": "conv", "attack": attack}
    context["data"] = {"name": "digits/test", "sha256": "0" * 64, "indices": "0:20"}
    return new_result("adaptive", [ROW, WORST], seed=3, spec=catalog["ax_fpm"], alarms=alarms, **context)


def test_rows_and_title():
    ((title, heads, rows),) = tables_of(result())
    assert title == "Adaptive attack on lenet5, digits/test: ax, layers conv, seed 3"
    assert rows == [
        ["0.1", "lead 1", "apgd_ce", "unit", "5 of 20", "25.0 %", "10.0 to 50.0 %", "15"],
        ["0.1", "worst case", "all", "", "7 of 20", "35.0 %", "10.0 to 50.0 %", "13"],
    ]
    assert len(heads) == len(rows[0])


def test_an_alarm_is_in_the_title():
    ((title, _, _),) = tables_of(result(("bounded: it rings",)))
    assert title.endswith("; ALARMS RANG: it cannot be called robust")
