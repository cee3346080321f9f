from axmac.model.spec import catalog
from axmac.sim.scoreboard import Scoreboard

ONE, TWO = 0x3F800000, 0x40000000


def board():
    return Scoreboard(catalog["fp32_ieee"])


def test_right_products_are_counted():
    tested = board()
    for _ in range(10_000):
        tested.observe_input(ONE, TWO)
        tested.observe_output(TWO)
    assert tested.compared == 8192  # the first full block
    tested.finish(10_000)
    assert tested.as_dict() == {"compared": 10_000, "mismatches": 0, "first": ""}


def test_first_wrong_product_is_shown():
    tested = board()
    for k in range(5):
        tested.observe_input(ONE, TWO)
        tested.observe_output(TWO + (k >= 2))
    tested.finish(5)
    assert (tested.compared, tested.mismatches) == (5, 3)
    assert tested.first.splitlines()[0] == "a=0x3f800000 b=0x40000000 golden=0x40000000 dut=0x40000001"
    assert len(tested.first.splitlines()) > 3


def test_missing_and_surplus_products_are_wrong():
    missing, surplus = board(), board()
    for tested in (missing, surplus):
        tested.observe_input(ONE, ONE)
        tested.observe_output(ONE)
    surplus.observe_output(ONE)
    missing.finish(3)
    surplus.finish(1)
    assert (missing.compared, missing.mismatches, missing.first) == (1, 2, "2 of 3 products are missing")
    assert (surplus.compared, surplus.mismatches) == (1, 1)
    assert surplus.first == "1 of 1 products are more than operand pairs"
