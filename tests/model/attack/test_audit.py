"""The audit's alarms: each has a planted case that rings it alone, and plain networks ring none."""

import pytest
import torch
import torch.nn.functional as F
from attacked import digits, inner_images, linear, trained
from torch import nn

from axmac.model.attack.audit import ALARMS, audit
from axmac.model.attack.craft import settings_of
from axmac.model.attack.methods.square import Settings
from axmac.model.attack.victim import Goal
from axmac.model.spec import InputError


class Around(nn.Module):
    """A network with something before it, on its images, and after it, on its logits."""

    def __init__(self, net, before=lambda images: images, after=lambda logits: logits):
        super().__init__()
        self.net, self.before, self.after = net, before, after
        self.eval()

    def forward(self, x):
        return self.after(self.net(self.before(x)))


class Backward(torch.autograd.Function):
    """Leaves images as they are, and changes their gradient."""

    @staticmethod
    def forward(ctx, x, change):
        ctx.change = change
        return x.clone()

    @staticmethod
    def backward(ctx, gradient):
        return ctx.change(gradient), None


def a_quarter(gradient):
    """The gradient of one pixel in four."""
    seen = torch.zeros_like(gradient)
    seen[..., ::2, ::2] = gradient[..., ::2, ::2]
    return seen


def astray(gradient):
    """The gradient of other pixels."""
    return gradient.roll((3, 5), (2, 3))


def hidden(net, change):
    return Around(net, before=lambda images: Backward.apply(images, change))


def cut_off(logits):
    """No image leaves class 3: the clamp bounds what any of them can do."""
    return logits.clamp(-30, 30) + 61 * F.one_hot(torch.tensor(3), 10)


def planted(name):
    """Target, source, eps, and queries of the black-box attack."""
    net, other = trained(0), trained(1)
    return {
        "zero_gradients": lambda: (Around(net, before=lambda x: torch.round(4 * x) / 4), other, 0.06, 100),
        "falling_loss": lambda: (Around(net, after=lambda z: z + torch.randn_like(z)), other, 0.01, 100),
        "logit_scale": lambda: (Around(net, after=lambda z: 1000 * z), other, 0.06, 100),
        "black_box": lambda: (hidden(net, a_quarter), hidden(net, a_quarter), 0.12, 200),
        "bounded": lambda: (Around(net, after=cut_off), other, 0.06, 100),
        "transfer": lambda: (hidden(net, astray), net, 0.12, 5),
    }[name]()


def run(target, source, eps, queries, n=60, **options):
    part = digits("test", 360 if n is None else n)
    chosen = part.labels == 3 if n is None else slice(None)
    settings = {"square": Settings(queries=queries)}
    torch.manual_seed(0)
    return audit(
        target, source, part.images[chosen], part.labels[chosen], eps, settings=settings, quick=True, **options
    )


@pytest.mark.parametrize("name", ALARMS)
def test_each_alarm_rings_alone(name):
    """Rounded images; noise on logits; logits times 1,000; hidden gradients; bounded logits; gradients astray."""
    result = run(*planted(name), n=None if name == "bounded" else 60)
    assert [alarm.name for alarm in result.alarms] == [name]
    assert result.rows[0]["n"] >= 30
    assert not result.may_be_called_robust
    shown = result.lines()
    assert f"alarm {name}: {ALARMS[name]}" in shown[-2]
    assert shown[-1] == "this result cannot be called robust"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_none_rings_on_a_plain_network(seed):
    for eps in (0.03, 0.12):
        result = run(trained(seed), trained((seed + 1) % 3), eps, 100)
        assert result.alarms == []
        assert result.may_be_called_robust
        assert len(result.lines()) == len(result.rows) == 8
        rates = {row["run"]: row["rate"] for row in result.rows}
        assert 0 < rates["white_box"] < 1
        assert rates["worst_case"] == max(rates[run] for run in rates if run != "unbounded")
        assert rates["unbounded"] == 1.0


@pytest.mark.verify_all
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_none_rings_on_a_plain_network_at_published_settings(seed):
    part = digits("test", 100)
    for eps in (0.02, 0.06, 0.12):
        result = audit(trained(seed), trained((seed + 1) % 3), part.images, part.labels, eps)
        assert result.alarms == []


def test_the_figures_are_those_of_the_runs():
    result = run(*planted("logit_scale"))
    rows = {row["run"]: row for row in result.rows}
    (alarm,) = result.alarms
    assert alarm.figures["n"] == rows["white_box"]["n"]
    assert alarm.figures["k"] == rows["white_box"]["k"] == 0
    best = max(("lead_1", "lead_10", "scale_free"), key=lambda run: rows[run]["k"])
    assert alarm.figures[f"k of {best}"] == rows[best]["k"] > 5
    assert alarm.figures["p"] == pytest.approx(2.0 ** (1 - rows[best]["k"]))
    low, high = rows[best]["interval"]
    assert low < rows[best]["rate"] < high


def test_same_seed_same_result():
    plain = trained(0), trained(1), 0.06, 50
    first = run(*plain, n=30, seed=4)
    assert run(*plain, n=30, seed=4).rows == first.rows


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_few_classes_and_one_image(classes):
    net, images = linear(classes), inner_images(1)
    labels = net(images).argmax(1)
    result = audit(net, linear(classes, seed=1), images, labels, 0.05, black_box=(), quick=True)
    assert result.rows[0]["n"] == 1
    assert ("scale_free" in [row["run"] for row in result.rows]) == (classes >= 3)


def test_l2():
    part = digits("test", 20)
    result = audit(trained(0), trained(1), part.images, part.labels, 0.6, attack="apgd_ce_l2", black_box=(), quick=True)
    assert result.alarms == []
    assert [row["eps"] for row in result.rows] == [0.6] * 6 + [28.0]


def test_hopskipjump_as_the_black_box_attack_beside_deepfool():
    part = digits("test", 8)
    result = audit(
        trained(0),
        trained(1),
        part.images,
        part.labels,
        1.0,
        attack="deepfool",
        black_box=("hopskipjump",),
        settings={"hopskipjump": settings_of("hopskipjump", {"steps": 4}, quick=True)},
        quick=True,
    )
    assert result.alarms == []
    rows = {row["run"]: row["k"] for row in result.rows}
    assert 0 <= rows["hopskipjump"] <= rows["worst_case"]
    assert rows["white_box"] > 0


def test_logits_that_are_no_numbers():
    """They have no gradient: that alarm rings, whatever the class that torch makes of them."""
    net, images = Around(linear(4), after=lambda z: torch.nan * z), inner_images(3)
    labels = net(images).argmax(1)
    result = audit(net, linear(4), images, labels, 0.05, quick=True, settings={"square": Settings(queries=3)})
    assert [alarm.name for alarm in result.alarms] == ["zero_gradients"]


def test_refuses_what_makes_no_sense():
    net, images = linear(4), inner_images(2)
    labels = net(images).argmax(1)
    with pytest.raises(InputError, match="classifies no image right"):
        audit(net, net, images, Goal((labels + 1) % 4).labels, 0.1)
    with pytest.raises(InputError, match=r"all be in linf or all in l2, not apgd_ce_l2, square in \['l2', 'linf'\]"):
        audit(net, net, images, labels, 0.1, attack="apgd_ce_l2")
    with pytest.raises(InputError, match="unknown attack 'squares'"):
        audit(net, net, images, labels, 0.1, black_box=("squares",))
