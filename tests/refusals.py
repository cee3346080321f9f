"""What every verb does with wrong input."""

__all__ = ["assert_refused"]


def assert_refused(result, *parts):
    """Of (status, stdout, stderr): status 2 and one line, in which all ``parts`` stand."""
    status, out, err = result
    assert status == 2
    assert all(part in err for part in parts), err
    assert err.startswith("axmac: ")
    assert err.count("\n") == 1
    assert "Traceback" not in out + err
