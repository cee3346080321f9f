"""Tables, C functions and Python functions as multipliers; one line for each that is none."""

import io

import numpy as np
import pytest

from axmac.cli.unit_sources import from_c, from_python, from_table, to_patterns
from axmac.model.spec import INT8, UINT8, InputError, IntFormat

U4, S4 = IntFormat(4, signed=False), IntFormat(4, signed=True)
EXACT = np.outer(np.arange(256), np.arange(256))
SIGNED = np.outer(np.r_[0:128, -128:0], np.r_[0:128, -128:0])


def npy(array):
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def text(array, between=" "):
    return "\n".join(between.join(map(str, row)) for row in array.tolist()).encode()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (npy(EXACT.astype(np.uint16)), EXACT),
        (npy(SIGNED.astype(np.int16)), SIGNED),
        (text(EXACT), EXACT),
        (text(SIGNED, ", ") + b"\n", SIGNED),
        (b" ".join(b"0x%04X" % value for value in EXACT.ravel().tolist()), EXACT),
        (EXACT.astype("<u2").tobytes(), EXACT),
        (SIGNED.astype("<i4").tobytes(), SIGNED),
        (text(EXACT[:16, :16], ";"), EXACT[:16, :16]),
    ],
)
def test_forms_of_a_table(content, expected, tmp_path):
    (tmp_path / "table").write_bytes(content)
    np.testing.assert_array_equal(from_table(tmp_path / "table"), expected)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "must have 65,536 products (4^n for n bits, n = 2 to 8), not 0"),
        (b"1 2 3", "must have 65,536 products"),
        (text(np.zeros((512, 512), int)), "not 262,144"),
        (b"1 2 0x 4 " * 4, "'0x' is no integer of at most 32 bits"),
        (b"1 2 3 99999999999 " * 4, "'99999999999' is no integer"),
        (b"1 - 3 4 " * 4, "'-' is no integer"),
        (bytes(131_071), "must have 65,536 products"),
        (npy(np.zeros((256, 256))), "must hold integers of at most 32 bits, not float64"),
        (npy(np.zeros((256, 256), np.int64)), "must hold integers of at most 32 bits, not int64"),
        (npy(np.zeros(65_536, np.int16)), "must be square, not [65536]"),
        (npy(np.array([{}], object)), "is no NumPy file of plain numbers"),
        (npy(EXACT.astype(np.uint16))[:1000], "is no NumPy file of plain numbers"),
    ],
)
def test_what_is_no_table(content, message, tmp_path):
    (tmp_path / "table").write_bytes(content)
    with pytest.raises(InputError) as refused:
        from_table(tmp_path / "table")
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputError, match=r"none: cannot be read \(No such file or directory\)"):
        from_table(tmp_path / "none")
    with pytest.raises(InputError, match=r"cannot be read \(Is a directory\)"):
        from_table(tmp_path)


def test_patterns():
    np.testing.assert_array_equal(to_patterns(SIGNED, INT8, "x"), SIGNED & 0xFFFF)
    np.testing.assert_array_equal(to_patterns(SIGNED & 0xFFFF, INT8, "x"), SIGNED & 0xFFFF)  # patterns already
    with pytest.raises(
        InputError, match=r"x: the product of patterns 0x1 and 0x80 is -128, not 0 to 65535: .* --signed"
    ):
        to_patterns(SIGNED, UINT8, "x")
    with pytest.raises(InputError, match="0x3 and 0x2 is 256, not 0 to 255"):
        to_patterns(np.where(np.arange(256).reshape(16, 16) == 50, 256, 0), U4, "x")
    with pytest.raises(InputError, match="is -129, not -128 to 127"):
        to_patterns(np.full((16, 16), -129), S4, "x")


def test_a_python_function(tmp_path):
    (tmp_path / "f.py").write_text("def f(a, b):\n    return a * b - (a < b)\n")
    values = np.r_[0:8, -8:0]
    expected = np.outer(values, values) - np.less.outer(values, values)
    np.testing.assert_array_equal(from_python(tmp_path / "f.py", "f", S4), expected)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("def f(a, b:", "does not load: SyntaxError"),
        ("raise SystemExit(3)", "does not load: SystemExit: 3"),
        ("f = 3", "has no function f"),
        ("def f(a): return a", "f(0, 0) gives no integer: TypeError"),
        ("def f(a, b): return a * 1.0", "f(0, 0) gives no integer: TypeError"),
        ("def f(a, b): return 1 // (a - 3)", "f(3, 0) gives no integer: ZeroDivisionError"),
        ("n = 0\ndef f(a, b):\n    global n\n    n += 1\n    return n & 15", "f gives 1 and 0 for the patterns 0x0"),
    ],
)
def test_python_functions_that_are_no_multiplier(source, message, tmp_path):
    (tmp_path / "f.py").write_text(source)
    with pytest.raises(InputError) as refused:
        from_python(tmp_path / "f.py", "f", U4)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_c_function_of_bytes_in_a_file_with_a_main(tmp_path):
    (tmp_path / "f.c").write_text(
        "#include <stdint.h>\nint16_t f(int8_t a, int8_t b) { return a * b - (a < b); }\nint main(void) { return 3; }\n"
    )
    values = np.r_[0:128, -128:0]
    expected = np.outer(values, values) - np.less.outer(values, values)
    np.testing.assert_array_equal(from_c(tmp_path / "f.c", "f", INT8), expected)


@pytest.mark.parametrize(
    ("source", "function", "message"),
    [
        ("int f(int a, int b) { return a * }", "f", "error: expected expression"),
        ("int g(int a, int b) { return a * b; }", "f", "error: implicit declaration of function 'f'"),
        ("int f(int a, int b);", "f", "undefined reference to `f'"),
        (
            "void abort(void);\nint f(int a, int b) { if (a == 3) abort(); return b; }",
            "f",
            "the program ended with status -",
        ),
        ("int f(int a, int b) { static int n; return n++ & 15; }", "f", "gives 0 and 15 for the patterns 0x0 and 0x0"),
        ("int f(int a, int b) { return 0; }", "f;x", "'f;x' is no name of a C function"),
    ],
)
def test_c_functions_that_are_no_multiplier(source, function, message, tmp_path):
    (tmp_path / "f.c").write_text(source)
    with pytest.raises(InputError) as refused:
        from_c(tmp_path / "f.c", function, U4)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
