"""Files of assignments: what is written is read again, anything else is refused in one line."""

import json

import pytest

from axmac.model.nn.assignment import Assignment, read
from axmac.model.spec import InputError

GOOD = {"schema": "axmac-assignment-1", "net": "lenet5", "data": "digits", "calibration": 20, "percentile": 99.5}
GOOD |= {"layers": {"conv1": "s8_drum_k3", "fc1": "s8_exact"}}


def test_what_is_written_is_read_again(tmp_path):
    made = Assignment("lenet5", "digits", 20, 99.5, {"conv1": "s8_drum_k3", "fc1": "s8_exact"})
    path = tmp_path / "assignment.json"
    path.write_bytes(made.pack())
    assert json.loads(path.read_text()) == GOOD
    assert read(path, "lenet5") == made


WRONG = {
    "no JSON": (b"{", "is no JSON"),
    "no text": (b"\xff\xfe\x00", "is no JSON"),
    "deep": (b"[" * 100_000, "is no JSON"),
    "twice": (b'{"schema": "a", "schema": "axmac-assignment-1"}', "a name stands there twice"),
    "large": (b" " * (1 << 20) + b"{}", "has more than 1,048,576 bytes"),
    "list": ([], "is no axmac-assignment-1"),
    "schema": (GOOD | {"schema": "axmac-assignment-2"}, "is no axmac-assignment-1"),
    "net": (GOOD | {"net": "vgg19"}, "is for the network 'vgg19', not lenet5"),
    "net missing": ({key: GOOD[key] for key in GOOD if key != "net"}, "its 'net' is missing"),
    "data": (GOOD | {"data": 3}, "its 'data' is missing or not what it must be"),
    "calibration": (GOOD | {"calibration": True}, "its 'calibration' is"),
    "percentile": (GOOD | {"percentile": 0}, "its 'percentile' is"),
    "layers": (GOOD | {"layers": {}}, "its 'layers' is"),
    "units": (GOOD | {"layers": {"conv1": 8}}, "its 'layers' is"),
    "unit": (GOOD | {"layers": {"conv1": "s8_drum_k99"}}, "k must be 3 to 7"),
    "unsigned": (GOOD | {"layers": {"conv1": "u8_drum_k4"}}, "u8_drum_k4 does not multiply signed integers of 8 bits"),
    "float": (GOOD | {"layers": {"conv1": "ax_fpm"}}, "multiplies floats"),
}


@pytest.mark.parametrize("name", WRONG)
def test_anything_else_is_refused(name, tmp_path):
    content, message = WRONG[name]
    path = tmp_path / "given.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    with pytest.raises(InputError) as refused:
        read(path, "lenet5")
    assert message in str(refused.value)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none.json: cannot be read .*name an assignment.json of `axmac search`"):
        read(tmp_path / "none.json", "lenet5")
