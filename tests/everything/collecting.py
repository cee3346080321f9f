"""A pytest plugin that writes down which tests there are, and whether each one measures time.

``EVERYTHING_COLLECTED`` names the JSON file.
"""

import json
import os
from pathlib import Path

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Once all tests are known."""
    found = {item.nodeid: item.get_closest_marker("alone") is not None for item in session.items}
    Path(os.environ["EVERYTHING_COLLECTED"]).write_text(json.dumps(found), encoding="utf-8")
