"""Plants one fault at a time in a copy of the sources and shows which test finds it: ``make faults``.

Exit status 1 if a fault survives, 2 if the tests fail without one.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("rtl", "gen", "sim", "model", "cli")


@dataclass(frozen=True)
class Fault:
    """What is broken, in which file, by which replacement (the old text stands there once), and who should see it."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GOLDEN = ("tests/model/golden",)
SIM = ("tests/sim/test_verify.py",)
FAST = ("tests/model/fast",)
INT_GOLDEN = ("tests/model/golden/test_int_mul.py",)
INT8 = ("tests/model/nn/test_int8.py",)
INT_RTL = ("tests/rtl/test_integer.py",)
IMPORTED = ("tests/model/golden/test_imported.py",)
FOREIGN = ("tests/gen/test_inspect_foreign.py",)
ROM = ("tests/gen/test_rom.py",)
INT_ARRAYS = ("tests/rtl/test_systolic_integers.py",)
INT_BENCH = ("tests/sim/test_arrays_integers.py",)
INT_REPLAY = ("tests/sim/test_replay_integers.py",)
INT_WAY_OUT = ("tests/model/golden/test_requantise.py",)
DOT = ("tests/model/golden/test_mac.py",)
EXPORT = ("tests/model/nn/test_export.py",)
SEARCH = ("tests/model/study/search",)
HYBRID = ("tests/model/nn/test_hybrid.py", "tests/model/nn/test_hybrid_layers.py")
SENSITIVITY = ("tests/model/attack/test_sensitivity.py",)
QUANOS = ("tests/model/study/quanos/test_procedure.py",)
SCALABLE = ("tests/rtl/test_scalable.py",)
SCALABLE_ARRAY = ("tests/rtl/test_scalable_array.py",)
SCALABLE_GOLDEN = ("tests/model/golden/test_scalable.py",)
SCALABLE_SPEC = ("tests/model/spec/test_scalable.py", *SCALABLE_GOLDEN)

FAULTS = (
    Fault(
        "one truth-table bit of AMA5",
        "model/spec/cells.py",
        'AMA5 = FullAdder("00110011"',
        'AMA5 = FullAdder("00110001"',
        ("tests/model/spec/test_cells.py",),
    ),
    Fault(
        "Sum and Cout of AMA5 swapped in the table",
        "model/spec/cells.py",
        'AMA5 = FullAdder("00110011", "00001111")',
        'AMA5 = FullAdder("00001111", "00110011")',
        GOLDEN,
    ),
    Fault(
        "golden: Sum and Cout swapped",
        "model/golden/significand.py",
        "zip(outputs, (cell.sum, cell.cout), strict=True)",
        "zip(outputs, (cell.cout, cell.sum), strict=True)",
        GOLDEN,
    ),
    Fault(
        "golden: operands swapped",
        "model/golden/significand.py",
        'if sig.rows == "activation" else (weight, activation)',
        'if sig.rows != "activation" else (weight, activation)',
        GOLDEN,
    ),
    Fault(
        "golden: the lost extra carry counted",
        "model/golden/fp_mul.py",
        'counted = 2 if spec.extra_carry == "counted" else 1',
        'counted = 1 if spec.extra_carry == "counted" else 2',
        GOLDEN,
    ),
    Fault(
        "golden: rounding for truncation",
        "model/golden/fp_mul.py",
        'if spec.rounding == "rtz":',
        'if spec.rounding != "rtz":',
        GOLDEN,
    ),
    Fault(
        "golden: subnormal operands not read as zero",
        "model/golden/fp_mul.py",
        'zero.append((exp == 0) if spec.subnormals == "flush" else (exp == 0) & (frac == 0))',
        "zero.append((exp == 0) & (frac == 0))",
        GOLDEN,
    ),
    Fault(
        "rtl: Sum and Cout swapped",
        "rtl/tile.py",
        "sum_out, cout = self._cell(",
        "cout, sum_out = self._cell(",
        ("tests/rtl/test_tile.py",),
    ),
    Fault(
        "rtl: operands swapped",
        "rtl/tile.py",
        'if self._spec.rows == "activation" else (self.b, self.a)',
        'if self._spec.rows != "activation" else (self.b, self.a)',
        ("tests/rtl/test_tile.py",),
    ),
    Fault(
        "rtl: the lost extra carry counted",
        "rtl/normalise.py",
        'self._extra = 2 if spec.extra_carry == "counted" else 1',
        'self._extra = 1 if spec.extra_carry == "counted" else 2',
        SIM,
    ),
    Fault(
        "rtl: rounding for truncation",
        "rtl/rounding.py",
        'self._nearest = spec.rounding == "rne"',
        'self._nearest = spec.rounding != "rne"',
        SIM,
    ),
    Fault(
        "rtl: subnormal operands not read as zero",
        "rtl/unpack.py",
        "is_zero.eq(below_normal)]",
        "is_zero.eq(below_normal & ~frac.any())]",
        SIM,
    ),
    Fault(
        "golden: DRUM's last bit not set",
        "model/golden/int_mul.py",
        "x >> shift | 1)",
        "x >> shift)",
        INT_GOLDEN,
    ),
    Fault(
        "golden: half of scaleTRIM's sum for a quarter",
        "model/golden/int_mul.py",
        "scaled + (scaled >> 2)",
        "scaled + (scaled >> 1)",
        INT_GOLDEN,
    ),
    Fault(
        "one constant of scaleTRIM",
        "model/spec/integer_products.py",
        "(16, 9, 44, 106)",
        "(16, 9, 44, 107)",
        ("tests/model/spec/test_int_mul.py",),
    ),
    Fault(
        "rtl: DRUM starts to shorten one bit late",
        "rtl/integer_blocks.py",
        "longer = lead >= self._k",
        "longer = lead > self._k",
        INT_RTL,
    ),
    Fault(
        "rtl: a zero of scaleTRIM's activation not seen",
        "rtl/integer_blocks.py",
        "~self.mag_a.any() | ~self.mag_b.any()",
        "~self.mag_b.any()",
        INT_RTL,
    ),
    Fault(
        "rtl: signs of integers ored",
        "rtl/integer_blocks.py",
        "self.a[-1] ^ self.b[-1]",
        "self.a[-1] | self.b[-1]",
        INT_RTL,
    ),
    Fault(
        "int8: halves of the last rounding go up",
        "model/nn/int8.py",
        ".reshape(along)).round_()",
        ".reshape(along)).add_(0.5).floor_()",
        INT8,
    ),
    Fault(
        "int8: clipped outputs keep their gradient",
        "model/nn/int8.py",
        "gradient = gradient * ctx.inside",
        "gradient = gradient * 1",
        INT8,
    ),
    Fault(
        "int8: calibration one rank low",
        "model/nn/calibration.py",
        "* totals[name]) + 1",
        "* totals[name]) + 2",
        ("tests/model/nn/test_calibration.py",),
    ),
    Fault(
        "int8: an output that others read too takes a step",
        "model/nn/quantise.py",
        "            yield None",
        "            pass",
        ("tests/model/nn/test_quantise.py",),
    ),
    Fault(
        "fast: operands swapped",
        "model/spec/bilinear.py",
        'swapped = sig.rows == "weight"',
        'swapped = sig.rows != "weight"',
        FAST,
    ),
    Fault(
        "fast: the lost extra carry counted",
        "model/fast/forms.py",
        'spec.extra_carry == "lost",',
        'spec.extra_carry != "lost",',
        FAST,
    ),
    Fault(
        "fast: rounding for truncation",
        "model/fast/forms.py",
        'nearest=spec.rounding == "rne"',
        'nearest=spec.rounding != "rne"',
        FAST,
    ),
    Fault(
        "fast: subnormal operands not read as zero",
        "model/fast/careful.py",
        "zero = size_x < limits[5] or size_w < limits[5]",
        "zero = size_x == 0 or size_w == 0",
        FAST,
    ),
    Fault(
        "imported: operands swapped",
        "model/golden/int_mul.py",
        "[a & mask, b & mask]",
        "[b & mask, a & mask]",
        IMPORTED,
    ),
    Fault(
        "imported: files not compared with their hash",
        "model/spec/imported.py",
        "if hashlib.sha256(content).hexdigest() != sha256:",
        "if not content:",
        IMPORTED,
    ),
    Fault(
        "imported: ports of the foreign module swapped",
        "rtl/foreign.py",
        "a, b, p = self._record.ports",
        "b, a, p = self._record.ports",
        ROM,
    ),
    Fault(
        "imported: places of a row of the table reversed",
        "gen/rom.py",
        "enumerate(row)",
        "enumerate(row[::-1])",
        ROM,
    ),
    Fault(
        "imported: latches taken",
        "gen/inspect_foreign.py",
        "if _LATCH.fullmatch(kind):",
        "if not kind:",
        FOREIGN,
    ),
    Fault(
        "imported: loops across modules taken",
        "gen/inspect_foreign.py",
        '"flatten", "opt_clean"',
        '"opt_clean"',
        FOREIGN,
    ),
    Fault(
        "integer array: products not sign-extended",
        "rtl/accumulate.py",
        "return product.as_signed() if",
        "return product if",
        INT_ARRAYS,
    ),
    Fault(
        "integer array, ws: product of the wrong sign",
        "rtl/accumulate.py",
        "total.eq(acc + product)",
        "total.eq(acc - product)",
        INT_ARRAYS,
    ),
    Fault(
        "integer array, os: product of the wrong sign",
        "rtl/accumulate.py",
        "return (acc + product)[",
        "return (acc - product)[",
        INT_ARRAYS,
    ),
    Fault(
        "integer array, ws: psum-in dropped",
        "rtl/systolic_ws.py",
        "self._spec, self.psum, product",
        "self._spec, self.psum & 0, product",
        INT_BENCH,
    ),
    Fault(
        "integer array, ws: highest bit of psum-in dropped",
        "rtl/systolic_ws.py",
        "self._spec, self.psum, product",
        "self._spec, self.psum[:-1], product",
        INT_BENCH,
    ),
    Fault(
        "integer array, ws: psums not skewed",
        "rtl/frame_ws.py",
        'mul_stages + c, f"psum_{c}"',
        'mul_stages, f"psum_{c}"',
        INT_ARRAYS,
    ),
    Fault(
        "integer array, os: sum not cleared",
        "rtl/systolic_os.py",
        "Mux(first, 0, sums[slot])",
        "sums[slot]",
        INT_BENCH,
    ),
    Fault(
        "integer engine, ws: k past the end not masked",
        "rtl/engine_ws.py",
        "waves.k + r < self.size_k",
        "waves.k + r <= self.size_k",
        INT_BENCH,
    ),
    Fault(
        "int32 sums of golden: products not sign-extended",
        "model/golden/mac.py",
        "acc += values_of(mul.result_format, product).astype(np.uint32)",
        "acc += product.astype(np.uint32)",
        DOT,
    ),
    Fault(
        "int8 way out: bias dropped",
        "model/golden/requantise.py",
        "(sums + bias).view",
        "sums.view",
        INT_WAY_OUT,
    ),
    Fault(
        "int8 way out: halves up",
        "model/golden/requantise.py",
        "np.rint(acc * (scales / out_scale))",
        "np.floor(acc * (scales / out_scale) + 0.5)",
        INT_WAY_OUT,
    ),
    Fault(
        "int8 export: k over row, column, channel",
        "model/nn/export.py",
        "patches.movedim(1, 1 + dims)",
        "patches.movedim(1, -1)",
        EXPORT,
    ),
    Fault(
        "replay: what fills up whole tiles stays in sums",
        "sim/array_rtl.py",
        "rest_k * _zero_product(self.spec)",
        "0 * rest_k",
        INT_REPLAY,
    ),
    Fault(
        "replay: bias and rounding of int8 not compared",
        "sim/replay.py",
        'outputs != arrays["outputs"]',
        "outputs != outputs",
        INT_REPLAY,
    ),
    Fault(
        "search: a mutation changes nothing",
        "model/study/search/optimise.py",
        "drawn, genes)",
        "genes, genes)",
        SEARCH,
    ),
    Fault(
        "search: robust accuracy of clean images",
        "model/study/search/measure.py",
        "(images.images, moved)",
        "(images.images, images.images)",
        SEARCH,
    ),
    Fault(
        "search: final figures of the images of the search",
        "model/study/search/run.py",
        "plan.measure(assignments, final,",
        "plan.measure(assignments, block,",
        SEARCH,
    ),
    Fault(
        "hybrid: a shortcut as wide as its own block",
        "model/nn/hybrid.py",
        "inside[-1] + 1",
        "inside[-1]",
        HYBRID,
    ),
    Fault(
        "hybrid: gradients through clipped activations",
        "model/nn/hybrid_layers.py",
        "gradient if inside is None else gradient * inside",
        "gradient",
        HYBRID,
    ),
    Fault(
        "hybrid: narrow codes reach the largest weight",
        "model/nn/hybrid_layers.py",
        "min(largest, width * mean_square**0.5)",
        "largest",
        HYBRID,
    ),
    Fault(
        "sensitivity: relative to the noisy activations",
        "model/attack/sensitivity.py",
        "float(clean.square().sum())",
        "float(noisy.square().sum())",
        SENSITIVITY,
    ),
    Fault(
        "sensitivity: a layer's output before its ReLU",
        "model/attack/sensitivity.py",
        "            see(name, out)\n",
        "            see(name, _)\n",
        SENSITIVITY,
    ),
    Fault(
        "quanos: adversarial training in the warm-up",
        "model/study/quanos/procedure.py",
        '"hardening_from": self.settings["warmup_epochs"]',
        '"hardening_from": 0',
        QUANOS,
    ),
    Fault(
        "quanos: later rounds from the first width",
        "model/study/quanos/procedure.py",
        "assigned_bits(ans, bits_of(module))",
        'assigned_bits(ans, self.settings["initial_bits"])',
        QUANOS,
    ),
    Fault(
        "quanos: widths are not kept for a run that goes on",
        "model/study/quanos/procedure.py",
        "                self._keep(known)\n",
        "",
        QUANOS,
    ),
    Fault(
        "data gating: one bit more is gated",
        "rtl/scalable_blocks.py",
        "self.mode <= bit for",
        "self.mode < bit for",
        SCALABLE,
    ),
    Fault(
        "data gating: weights are not gated",
        "rtl/scalable_blocks.py",
        "self.op_b.eq(self.b & mask)",
        "self.op_b.eq(self.b)",
        SCALABLE,
    ),
    Fault(
        "DVAFS: cross terms of higher lanes of the weight kept",
        "rtl/scalable_blocks.py",
        "i // k == j // k",
        "i // k <= j // k",
        SCALABLE,
    ),
    Fault(
        "DVAFS: cross terms inverted",
        "rtl/scalable_blocks.py",
        "same_lane & ((self.op_a[i] & self.op_b[j]) ^ inverted)",
        "(same_lane & self.op_a[i] & self.op_b[j]) ^ inverted",
        SCALABLE,
    ),
    Fault(
        "DVAFS: carries of the last adder pass between lanes",
        "rtl/scalable_blocks.py",
        "c % (2 * k) != 0",
        "c % (2 * k) >= 0",
        SCALABLE,
    ),
    Fault(
        "DVAFS: carries of the columns pass between lanes",
        "rtl/columns.py",
        "_majority(inputs) & joins[c + 1] if",
        "_majority(inputs) if",
        SCALABLE,
    ),
    Fault(
        "DVAFS: sums' carries pass between lanes",
        "rtl/scalable_blocks.py",
        "c % _share(spec, k) != 0",
        "c % _share(spec, k) >= 0",
        SCALABLE,
    ),
    Fault(
        "scalable product: activations always signed",
        "rtl/scalable_blocks.py",
        "minus_a.eq(Mux(self.a_signed, top, 0))",
        "minus_a.eq(top)",
        SCALABLE,
    ),
    Fault(
        "scalable product: correction of unsigned activations one column high",
        "rtl/scalable_blocks.py",
        "c % (2 * k) == k - 1)",
        "c % (2 * k) == k)",
        SCALABLE,
    ),
    Fault(
        "scalable product: correction of signed activations dropped",
        "rtl/scalable_blocks.py",
        "Mux(self.a_signed, modes.any_of(signed), modes.any_of(unsigned))",
        "~self.a_signed & modes.any_of(unsigned)",
        SCALABLE,
    ),
    Fault(
        "scalable sums: products not sign-extended",
        "rtl/scalable_blocks.py",
        "product[-1].replicate(share - 2 * k)",
        "Const(0, share - 2 * k)",
        SCALABLE,
    ),
    Fault(
        "scalable sums: lanes enabled in every mode",
        "rtl/scalable_blocks.py",
        "with m.If(enable & modes.any_of(users)):",
        "with m.If(enable):",
        SCALABLE,
    ),
    Fault(
        "scalable sums: not stopped by a result that waits",
        "rtl/scalable_blocks.py",
        "with m.If(enable & modes.any_of(users)):",
        "with m.If(modes.any_of(users)):",
        SCALABLE,
    ),
    Fault(
        "scalable sums: mode past the last is none",
        "rtl/scalable_blocks.py",
        "self._mode >= last if",
        "self._mode == last if",
        SCALABLE,
    ),
    Fault(
        "scalable MAC: clear dropped",
        "rtl/scalable.py",
        "held.eq(Mux(clear, 0, sums))",
        "held.eq(sums)",
        SCALABLE,
    ),
    Fault(
        "scalable MAC: clear of the next product",
        "rtl/scalable.py",
        'clear = delayed(m, self.in_clear, 1, "clear", enable=advance)',
        "clear = self.in_clear",
        SCALABLE,
    ),
    Fault(
        "scalable MAC: sums in the mode of the next product",
        "rtl/scalable.py",
        'mode = delayed(m, mode, 1, "mode", enable=advance)',
        "mode",
        SCALABLE,
    ),
    Fault(
        "scalable MAC: adds what is not valid",
        "rtl/scalable.py",
        "total, advance & multiplied)",
        "total, advance)",
        SCALABLE,
    ),
    Fault(
        "scalable array: sign and mode swapped on their way",
        "rtl/scalable_array.py",
        "self.in_a_signed, *mode",
        "*mode, self.in_a_signed",
        SCALABLE_ARRAY,
    ),
    Fault(
        "scalable array: sums in the mode of the next wave",
        "rtl/scalable_array.py",
        'mode = delayed(m, mode, 1, "mode", enable=self.enable, reset_less=False)',
        "mode",
        SCALABLE_ARRAY,
    ),
    Fault(
        "scalable array: sums move while a result waits",
        "rtl/scalable_array.py",
        "sum_register(m, spec, mode, total, self.enable)",
        "sum_register(m, spec, mode, total, 1)",
        SCALABLE_ARRAY,
    ),
    Fault(
        "golden of data gating: dropped bits kept",
        "model/golden/scalable.py",
        "return values >> shift",
        "return values",
        SCALABLE_GOLDEN,
    ),
    Fault(
        "golden of DVAFS: sums not wrapped",
        "model/golden/scalable.py",
        "return wrapped(products.sum(axis=-2), spec.sum_width(precision))",
        "return products.sum(axis=-2)",
        SCALABLE_GOLDEN,
    ),
    Fault(
        "spec of scalable MACs: headroom one too large",
        "model/spec/scalable.py",
        "return min(counts)",
        "return min(counts) + 1",
        SCALABLE_SPEC,
    ),
)


def copy_of_sources(folder: Path) -> None:
    """Puts packages and tests into ``folder`` so that Python imports them from there."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / "axmac" / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)


def first_failure(tests: tuple[str, ...], folder: Path) -> str:
    """Runs tests in a copy; the first one that failed, or an empty text. Anything but tests that fail ends the run."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    options = {"cwd": folder, "env": environment, "capture_output": True, "text": True}
    show = "import axmac.model.spec as s; print(s.__file__)"
    where = subprocess.run([sys.executable, "-c", show], check=True, **options)
    assert where.stdout.startswith(str(folder)), f"the copy is not what is tested: {where.stdout}"
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", *tests]
    done = subprocess.run(command, check=False, **options)
    found = re.search(r"^FAILED (.+?)(?: - |$)", done.stdout, re.MULTILINE)
    if done.returncode not in (0, 1) or (done.returncode == 1 and found is None):
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        sys.exit(2)
    return "" if found is None else found[1]


def plant(fault: Fault, folder: Path) -> None:
    """Breaks the copy in ``folder``."""
    target = folder / "axmac" / fault.file
    target.write_text(target.read_text(encoding="utf-8").replace(fault.old, fault.new), encoding="utf-8")


def main() -> int:
    """Runs the tests without a fault, then plants every fault; prints one line each."""
    for tests in dict.fromkeys(fault.tests for fault in FAULTS):
        with tempfile.TemporaryDirectory(prefix="axmac-fault-") as folder:
            copy_of_sources(Path(folder))
            failed = first_failure(tests, Path(folder))
        if failed:
            print(f"{failed} fails without a fault: mend it first", file=sys.stderr)
            return 2
        print(f"without a fault {' '.join(tests)} passes", flush=True)
    survivors = 0
    for number, fault in enumerate(FAULTS, start=1):
        with tempfile.TemporaryDirectory(prefix="axmac-fault-") as folder:
            copy_of_sources(Path(folder))
            plant(fault, Path(folder))
            test = first_failure(fault.tests, Path(folder))
        survivors += not test
        print(f"[{number:2}/{len(FAULTS)}] {fault.what:<46} {'found by ' + test if test else 'SURVIVES'}", flush=True)
    print(f"{len(FAULTS) - survivors} of {len(FAULTS)} faults found")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
