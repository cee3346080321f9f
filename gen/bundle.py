"""Writes everything that a team without Python needs for one multiplier into one folder.

Verilog and manifest, a self-checking test bench with its vectors, a C model with a program that checks it, timing
constraints, a FuseSoC core, and the commands. The bytes depend on the vectors and on what those of `emit` depend on.
"""

import json
import os
import tempfile
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from axmac.gen.bundle_texts import constraints, readme, readme_title
from axmac.gen.c_model import c_check, c_header, c_model
from axmac.gen.emit import emit
from axmac.gen.fusesoc import core_file
from axmac.gen.testbench import testbench
from axmac.model.spec import FpMul, InputError, as_float_spec
from axmac.rtl import DEFAULT_STAGES

__all__ = ["Bundle", "bundle"]


@dataclass(frozen=True)
class Bundle:
    """The files of one bundle."""

    verilog: Path
    manifest: Path
    testbench: Path
    vectors: Path
    c_model: Path
    c_header: Path
    c_check: Path
    constraints: Path
    core: Path
    readme: Path


def bundle(
    spec: FpMul | str, out_dir: str | Path, vectors: Iterable[tuple[int, int, int]], stages: int = DEFAULT_STAGES
) -> Bundle:
    """Write the bundle of a multiplier into ``out_dir``, which is made where missing.

    ``vectors`` are bit patterns (activation, weight, product), at least one; ``stages`` as in `emit`.
    A folder with files in it is refused unless it holds a bundle of the same unit, whose files are then replaced, each
    at once and none before all are written; other files in it stay.
    Raises ``TypeError``, and ``InputError`` for what `emit` refuses, for a format of more than 32 bits, for such a
    folder, and for vectors that do not fit.
    """
    spec = as_float_spec(spec)
    if max(spec.format.width, spec.result_format.width) > 32:
        raise InputError(f"{spec.id}: a bundle needs a format of at most 32 bits, not {spec.format.width}")
    lines = [_vector_line(spec, vector) for vector in vectors]
    if not lines:
        raise InputError(f"a bundle of {spec.id} needs at least one vector")
    folder = Path(out_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _refuse_other_files(spec, folder)
        with tempfile.TemporaryDirectory(prefix=".bundle-", dir=folder) as scratch:
            written = _write(spec, Path(scratch), lines, stages)
            files = Bundle(*(folder / path.name for path in written))
            for source, target in zip(written, astuple(files), strict=True):
                os.replace(source, target)
    except OSError as error:
        raise InputError(f"cannot write to {str(folder)!r}: {error.strerror}; choose another folder") from error
    return files


def _vector_line(spec: FpMul, vector: tuple[int, int, int]) -> str:
    a, b, p = vector
    for name, bits, width in (
        ("a", a, spec.format.width),
        ("b", b, spec.format.width),
        ("p", p, spec.result_format.width),
    ):
        if not 0 <= bits < 1 << width:
            raise InputError(f"a vector's {name} must be a pattern of {width} bits, not {bits!r}")
    return f"{a:08x} {b:08x} {p:08x}\n"


def _refuse_other_files(spec: FpMul, folder: Path) -> None:
    readme_path = folder / "README.txt"
    title = readme_path.read_text(encoding="utf-8").partition("\n")[0] if readme_path.is_file() else None
    if title != readme_title(spec) and any(folder.iterdir()):
        raise InputError(f"{str(folder)!r} holds other files than a bundle of {spec.id}: choose another folder")


def _write(spec: FpMul, folder: Path, lines: list[str], stages: int) -> list[Path]:
    """Writes all files; their paths in the order of `Bundle`."""
    emitted = emit(spec, folder, stages)
    modules = json.loads(emitted.manifest.read_text(encoding="utf-8"))["modules"]
    name = spec.id
    texts = {
        f"{name}_tb.sv": testbench(spec, stages, len(lines)),
        f"{name}_vectors.hex": "".join(lines),
        f"{name}.c": c_model(spec),
        f"{name}.h": c_header(spec),
        f"{name}_check.c": c_check(spec),
        f"{name}.sdc": constraints(modules[1]),
        f"{name}.core": core_file(name, readme_title(spec), modules[1]["name"], test_bench=True),
        "README.txt": readme(spec, modules, len(lines)),
    }
    for file_name, text in texts.items():
        (folder / file_name).write_text(text, encoding="utf-8")
    return [emitted.verilog, emitted.manifest, *(folder / file_name for file_name in texts)]
