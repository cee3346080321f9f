"""Every fault of tests/faults.py still fits the sources, so that `make faults` plants what it says."""

import pytest
from faults import FAULTS, ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.what)
def test_the_text_to_break_stands_there_once(fault):
    assert (ROOT / fault.file).read_text(encoding="utf-8").count(fault.old) == 1
    assert fault.new != fault.old
    assert all((ROOT / test).exists() for test in fault.tests)
