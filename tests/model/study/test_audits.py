"""Shards of audits: which network is audited, and how its alarms are worded."""

from axmac.model.attack.audit import Alarm, Audit
from axmac.model.nn import data
from axmac.model.study import audits
from axmac.model.study.planning import Need
from axmac.model.study.variants import exact, on_unit


def test_the_unit_is_audited_and_float32_is_its_source(nets, monkeypatch):
    asked = []

    def audit(*networks, **options):
        asked.append((networks, options))
        return Audit([{"run": "white_box"}], [Alarm("bounded", {}, "it rings")], {})

    monkeypatch.setattr(audits, "audit", audit)
    net = nets[Need("lenet5")]
    found = audits.audited(
        source=exact(net),
        target=on_unit(net, "ax_fpm", "conv"),
        dataset=net["data"],
        images=7,
        eps=0.1,
        quick=True,
        seed=3,
    )
    ((target, source, images, labels, eps), options) = asked[0]
    assert "fp32_array_ama5_t4" in repr(target)
    assert "fp32_array_ama5_t4" not in repr(source)
    assert images.equal(data.load("digits", "test").images[:7])
    assert labels.equal(data.load("digits", "test").labels[:7])
    assert (eps, options) == (0.1, {"quick": True, "seed": 3})
    assert found == {"eps": 0.1, "rows": [{"run": "white_box"}], "alarms": ["bounded at eps 0.1: it rings"]}
