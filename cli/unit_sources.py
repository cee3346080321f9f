"""The forms in which a multiplier comes from outside; each becomes the table of all its products.

A table is int64[S, S] of values or patterns by pattern of the first and the second operand, S = 2^width.
"""

import hashlib
import importlib.util
import operator
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from axmac.model.spec import InputError, IntFormat

if TYPE_CHECKING:
    import numpy as np

__all__ = ["file_sha256", "from_c", "from_python", "from_table", "read_bytes", "to_patterns"]

_MOST_BYTES = 64 << 20
_WIDEST = 8
_SECONDS = 600
_C_NAME = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"[+-]?[0-9]{1,10}|0[xX][0-9a-fA-F]{1,8}")
_TEXT = re.compile(rb"[0-9a-fA-FxX+\-,;\s]+")
_C_MAIN = """\
#undef main
#include <stdint.h>
#include <stdio.h>

enum {{ WIDTH = {width}, IS_SIGNED = {signed}, SIZE = 1 << WIDTH }};

static int64_t value(int pattern) {{ return IS_SIGNED && pattern >= SIZE / 2 ? pattern - SIZE : pattern; }}

// Argument: file of products; with any further one the pairs in falling order.
int main(int argc, char **argv)
{{
    static int64_t products[SIZE * SIZE];
    FILE *file = fopen(argv[1], "wb");

    for (int k = 0; k < SIZE * SIZE; k++) {{
        const int pair = argc > 2 ? SIZE * SIZE - 1 - k : k;

        products[pair] = (int64_t){function}(value(pair >> WIDTH), value(pair & (SIZE - 1)));
    }}
    return file && fwrite(products, sizeof products, 1, file) == 1 && fclose(file) == 0 ? 0 : 1;
}}
"""


def read_bytes(path: Path) -> bytes:
    """What is in a file; ``InputError`` where it cannot be read or has more than 64 MB."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) > _MOST_BYTES:
        raise InputError(f"{path}: has more than {_MOST_BYTES >> 20} MB")
    return content


def file_sha256(path: Path) -> str:
    """SHA-256 of a file that `read_bytes` reads."""
    return hashlib.sha256(read_bytes(path)).hexdigest()


def to_patterns(table: "np.ndarray", number_format: IntFormat, where: str) -> "np.ndarray":
    """A table as patterns of the product. A signed one without a negative value holds patterns already.

    ``InputError`` names the first pair whose product does not fit twice the width.
    """
    import numpy as np

    result = IntFormat(2 * number_format.width, signed=number_format.signed)
    patterns = result.signed and table.min() >= 0
    least, most = (0, (1 << result.width) - 1) if patterns else (result.min, result.max)
    wrong = np.argwhere((table < least) | (table > most))
    if len(wrong):
        a, b = wrong[0]
        raise InputError(
            f"{where}: the product of patterns 0x{a:x} and 0x{b:x} is {table[a, b]}, not {least} to {most}"
            f"{'' if result.signed else ': for signed operands add --signed'}"
        )
    return table & (1 << result.width) - 1


def from_table(path: Path) -> "np.ndarray":
    """A NumPy file, a text of integers (decimal or 0x, between white space, commas or semicolons), or binary.

    Rows by the first operand. Binary is little-endian, 2 or 4 bytes a product: 16 bits unsigned, 32 bits signed. The
    number of products gives the width, 2 to 8 bits. ``InputError`` for anything else.
    """
    import io

    import numpy as np

    content = read_bytes(path)
    if content.startswith(b"\x93NUMPY"):
        try:
            found = np.load(io.BytesIO(content), allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise InputError(f"{path}: is no NumPy file of plain numbers") from error
        if found.dtype.kind not in "iu" or found.dtype.itemsize > 4:
            raise InputError(f"{path}: must hold integers of at most 32 bits, not {found.dtype}")
        values = found.astype(np.int64).ravel()
        if found.ndim != 2 or found.shape[0] != found.shape[1]:
            raise InputError(f"{path}: must be square, not {list(found.shape)}")
    elif _TEXT.fullmatch(content):
        words = re.split(r"[\s,;]+", content.decode("ascii").strip(" \t\r\n,;"))
        for word in words:
            if not _NUMBER.fullmatch(word):
                raise InputError(f"{path}: {word[:20]!r} is no integer of at most 32 bits")
        values = np.array([int(word, 16 if "x" in word.lower() else 10) for word in words], np.int64)
    elif len(content) in {2 << 2 * width for width in range(2, _WIDEST + 1)}:
        values = np.frombuffer(content, "<u2").astype(np.int64)
    else:
        values = np.frombuffer(content[: len(content) & ~3], "<i4").astype(np.int64)
        if len(content) % 4:
            values = values[:0]
    size = next((1 << width for width in range(2, _WIDEST + 1) if 1 << 2 * width == values.size), 0)
    if not size:
        raise InputError(f"{path}: must have 65,536 products (4^n for n bits, n = 2 to {_WIDEST}), not {values.size:,}")
    return values.reshape(size, size)


def from_python(path: Path, function: str, number_format: IntFormat) -> "np.ndarray":
    """All products of a function of two ints that gives an int; the file is run as a module.

    ``InputError`` for a file that does not load, a missing function, one that raises, gives no integer, or gives
    another product when it is asked again.
    """
    call = _load_function(path, function)
    rising, falling = (_call_all(call, f"{path}: {function}", number_format, order) for order in (1, -1))
    _check_same(rising, falling, f"{path}: {function}")
    return rising


def from_c(path: Path, function: str, number_format: IntFormat) -> "np.ndarray":
    """All products of a C function of two integers, compiled by the C compiler of this machine (``cc``, else ``gcc``).

    Signed operands come as values, and the result is converted to 64 bits. ``InputError`` for a file that does not
    compile, a missing function or compiler, a program that dies, and products that change when asked for again.
    """
    import numpy as np

    read_bytes(path)
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise InputError("a C compiler is missing: install it with `apt-get install gcc`")
    if not _C_NAME.fullmatch(function):
        raise InputError(f"{function!r} is no name of a C function")
    where, size = f"{path}: {function}", 1 << number_format.width
    with tempfile.TemporaryDirectory(prefix="axmac-") as name:
        folder = Path(name)
        main = _C_MAIN.format(function=function, width=number_format.width, signed=int(number_format.signed))
        (folder / "main.c").write_text(main, encoding="utf-8")
        options = ["-O1", "-std=gnu11", "-Werror=implicit-function-declaration", "-Dmain=axmac_other_main"]
        _run([compiler, *options, "-include", str(path.absolute()), "main.c", "-o", "unit", "-lm"], folder, where)
        tables = []
        for order in ([], ["falling"]):
            _run([str(folder / "unit"), "products.bin", *order], folder, where)
            tables.append(np.fromfile(folder / "products.bin", np.int64).reshape(size, size))
    _check_same(*tables, where)
    return tables[0]


def _load_function(path: Path, function: str) -> Callable[[int, int], int]:
    read_bytes(path)
    found = importlib.util.spec_from_file_location("axmac_imported", path)
    if found is None or found.loader is None:
        raise InputError(f"{path}: is no Python file: its name must end in .py")
    module = importlib.util.module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise InputError(f"{path}: does not load: {_one_line(error)}") from error
    call = getattr(module, function, None)
    if not callable(call):
        raise InputError(f"{path}: has no function {function}")
    return call


def _call_all(call: Callable[[int, int], int], where: str, number_format: IntFormat, order: int) -> "np.ndarray":
    import numpy as np

    size = 1 << number_format.width
    values = [pattern - size if pattern > number_format.max else pattern for pattern in range(size)]
    table = np.empty((size, size), np.int64)
    for i in range(size)[::order]:
        for j in range(size)[::order]:
            try:
                table[i, j] = operator.index(call(values[i], values[j]))
            except (Exception, SystemExit) as error:
                raise InputError(f"{where}({values[i]}, {values[j]}) gives no integer: {_one_line(error)}") from error
    return table


def _check_same(rising: "np.ndarray", falling: "np.ndarray", where: str) -> None:
    import numpy as np

    wrong = np.argwhere(rising != falling)
    if len(wrong):
        a, b = wrong[0]
        raise InputError(f"{where} gives {rising[a, b]} and {falling[a, b]} for the patterns 0x{a:x} and 0x{b:x}")


def _run(command: list[str], folder: Path, where: str) -> None:
    environment = os.environ | {"LC_ALL": "C"}
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise InputError(f"{where} took more than {_SECONDS} s") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if "error: " in line or "undefined reference" in line]
        reason = lines[0].strip() if lines else f"the program ended with status {done.returncode}"
        raise InputError(f"{where}: {reason}")


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
