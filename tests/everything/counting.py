"""A pytest plugin that counts the results that tests compare bit by bit with `oracles.assert_same_bits`.

``EVERYTHING_COMPARED`` names the JSON file that it leaves.
"""

import json
import os
from pathlib import Path

import oracles
import pytest


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the sum of all tests of the session."""
    count = {"tests": session.testscollected, "compared": oracles.compared_so_far()}
    Path(os.environ["EVERYTHING_COMPARED"]).write_text(json.dumps(count), encoding="utf-8")
