"""Tasks on threads: order, exceptions, and that more than one thread works."""

import threading

import pytest
import torch

from axmac.model.fast.threads import run_all


@pytest.fixture(params=[1, 2])
def threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


@pytest.mark.usefixtures("threads")
def test_results_keep_the_order_of_the_tasks():
    assert run_all(lambda i, j: i * j, [(i, 2) for i in range(100)]) == [2 * i for i in range(100)]


@pytest.mark.usefixtures("threads")
def test_nothing_to_do():
    assert run_all(lambda i: i, []) == []


@pytest.mark.usefixtures("threads")
def test_the_first_exception_is_raised():
    with pytest.raises(ZeroDivisionError):
        run_all(lambda i: 1 // i, [(1,), (0,), (2,)])


def test_tasks_run_at_the_same_time(threads):
    barrier = threading.Barrier(threads, timeout=20)
    assert len(run_all(barrier.wait, [()] * threads)) == threads
