"""What is measured: the stated number of products, the same operands for everybody."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from axmac.model.spec import InputError
from axmac.model.study.bench.workloads import INTEGER, NATIVE, SHAPES, SIZES, TASKS, build, products_of

SMALL = [name for name in (*SHAPES, *SIZES) if products_of(name) < 3e7]


@pytest.mark.parametrize("name", [*SHAPES, *SIZES])
def test_products_are_those_that_torch_counts(name):
    call, _ = build(name, NATIVE, "digits")
    with FlopCounterMode(display=False) as counter:
        call()
    assert counter.get_total_flops() == 2 * products_of(name)


@pytest.mark.parametrize("name", SMALL)
def test_the_unit_multiplies_the_operands_of_torch(name):
    exact, approximate = (build(name, arithmetic, "digits")[0]() for arithmetic in (NATIVE, "fp32_ieee"))
    torch.testing.assert_close(approximate, exact, rtol=1e-4, atol=1e-4)
    integers = build(name, f"{INTEGER}bf16_booth", "digits")[0]()
    assert integers.shape == exact.shape
    assert integers.dtype == torch.int32


@pytest.mark.parametrize(
    ("unit", "kernel"),
    [
        ("u8_drum_k4", "native float32, 1 term, int32 sums"),
        ("s8_scaletrim_h4_m8", "table, 256 x 256, int32 sums"),
        (f"{INTEGER}bf16_array_ama5_t4", "native float32, 2 terms, int32 sums"),
    ],
)
def test_integers_are_those_of_the_unit(unit, kernel):
    call, name = build("LeNet-5 fc2, batch 256", unit, "digits")
    sums = call()
    assert name == kernel
    assert (sums.shape, sums.dtype) == ((256, 10), torch.int32)
    assert bool((sums < 0).any()) == unit.startswith("s8")


def test_units_that_are_not_measured_give_one_line():
    with pytest.raises(InputError, match="u6_exact: the kernels multiply integers of 8 bits"):
        build("LeNet-5 fc2, batch 256", "u6_exact", "digits")
    with pytest.raises(InputError, match="u8_drum_k4 runs no network: choose a floating-point unit"):
        build(next(iter(TASKS)), "u8_drum_k4", "digits")


def test_tasks_run_the_network_on_the_unit():
    classify, attack = TASKS
    call, kernel = build(classify, "ax_fpm", "digits")
    assert kernel == "closed form, float64"
    assert call().shape == (360,)
    images = build(attack, NATIVE, "digits")[0]()
    assert images.shape == (128, 1, 28, 28)
    assert 0 <= float(images.min()) <= float(images.max()) <= 1
