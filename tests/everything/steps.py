"""All steps of the run."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from axmac.model.spec import catalog
from axmac.sim.assemblies import ASSEMBLIES
from axmac.sim.mutate_assembly import MUTATED
from axmac.sim.simulators import SIMULATORS
from everything import figures
from everything.sources import identity
from everything.step import ROOT, Step

__all__ = ["SEED", "all_steps"]

SEED = 1
_RANDOM = 20_000
_BENCHES = tuple(
    f"sim/{name}.py"
    for name in (
        "bench",
        "bench_arithmetic",
        "bench_array",
        "bench_engine",
        "bench_scalable",
        "bench_scalable_products",
    )
)
_PROOFS = tuple(
    f"tests/proofs/{name}" for name in ("__main__.py", "ledger.py", "reach.py", "bf16_loop.cpp", "scalable_loop.cpp")
)
_OTHER_BENCHES = tuple(f"sim/bench_{name}.py" for name in ("lanes", "replay", "assembly_mutants"))
_REPLAY = ("cli/replay.py", "cli/train.py", "sim/bench_replay.py")
_MODELS = ("golden", "fast")
_PYTEST = ("-m", "pytest", "-q", "-p", "everything.counting", "-p", "no:cacheprovider", "-m")
_COUNTED = (("EVERYTHING_COMPARED", "{out}/compared.json"),)


def all_steps() -> list[Step]:
    """Proofs, regression, planted faults, code coverage, whole networks, models, and the long tests."""
    return [*_proofs(), *_regression(), *_mutants(), *_coverage(), *_replays(), *_models(), *_tests()]


def _proofs() -> list[Step]:
    known = identity(_PROOFS)
    return [
        Step(f"prove/{unit}", "python", ("-m", "proofs", unit, "--out", "{out}"), known, figures.proof_rows)
        for unit in catalog.floats
    ]


def _regression() -> list[Step]:
    of_units, of_assemblies = (identity(("sim/regress.py", *benches)) for benches in (_BENCHES[:1], _BENCHES))
    options = ("--n", str(_RANDOM), "--seed", str(SEED), "--jobs", "1", "--out", "{out}")
    return [
        Step(f"regress/{name}/{sim}", "axmac", ("regress", name, "--sim", sim, *options), known, figures.regress_rows)
        for names, known in ((catalog, of_units), (ASSEMBLIES, of_assemblies))
        for name in names
        for sim in SIMULATORS
    ]


def _mutants() -> list[Step]:
    of_units = identity(("sim/mutate.py", "sim/bench_mutants.py"))
    of_assemblies = identity(("sim/mutate_assembly.py", "sim/bench_assembly_mutants.py"))
    options = ("--n", str(_RANDOM), "--seed", str(SEED), "--out", "{out}")
    return [
        Step(f"mutate/{name}", "axmac", ("mutate", name, *options), known, figures.mutate_rows)
        for names, known in ((catalog, of_units), (MUTATED, of_assemblies))
        for name in names
    ]


def _coverage() -> list[Step]:
    known = identity(("sim/code_coverage.py", "sim/bench.py"))
    options = ("--n", str(_RANDOM), "--seed", str(SEED), "--out", "{out}")
    return [
        Step(f"coverage/{unit}", "axmac", ("coverage", unit, *options), known, figures.coverage_rows)
        for unit in catalog
    ]


def _replays() -> list[Step]:
    """LeNet-5 is trained first; where MNIST cannot be had, on the digits."""
    known = identity(_REPLAY, f"data={os.environ.get('AXMAC_DATA', '')}")
    networks = ("--data", "auto", "--checkpoints", "{out}/../replay-train")
    train = Step("replay/train", "axmac", ("train", "lenet5", "--data", "auto", "--out", "{out}"), known)
    runs = (("verilator", "all", 16), ("icarus", "conv1", 1))
    return [
        train,
        *(
            Step(
                f"replay/{layer}/{sim}",
                "axmac",
                (
                    *("replay", "lenet5", "--mul", "ax_fpm", "--layer", layer, "--images", str(images)),
                    *("--sim", sim, *networks, "--out", "{out}"),
                ),
                known,
                figures.replay_rows,
                needs=(train.name,),
            )
            for sim, layer, images in runs
        ),
    ]


def _models() -> list[Step]:
    """The tests of golden model and kernels, all of them, with a count of what they compare."""
    return [
        Step(
            f"models/{model}",
            "python",
            (*_PYTEST, "verify_all or not verify_all", f"tests/model/{model}"),
            identity(str(path.relative_to(ROOT)) for path in (ROOT / "tests/model" / model).glob("test_*.py")),
            figures.oracle_rows,
            environment=_COUNTED,
        )
        for model in _MODELS
    ]


def _tests() -> list[Step]:
    """Every function with the mark ``verify_all`` that is not among those of the models."""
    functions: dict[str, bool] = {}
    for test, alone in _collected().items():
        if not test.startswith(tuple(f"tests/model/{model}/" for model in _MODELS)):
            function = test.partition("[")[0]
            functions[function] = functions.get(function, False) or alone
    return [
        Step(
            function,
            "python",
            (*_PYTEST, "verify_all", function),
            identity((function.partition("::")[0], *_BENCHES, *_OTHER_BENCHES, *_PROOFS)),
            figures.test_rows,
            alone=alone,
            environment=_COUNTED,
        )
        for function, alone in functions.items()
    ]


def _collected() -> dict[str, bool]:
    with tempfile.TemporaryDirectory(prefix="axmac-tests-") as folder:
        file = Path(folder, "tests.json")
        words = ["-m", "pytest", "-q", "--collect-only", "-p", "everything.collecting", "-m", "verify_all"]
        settings = {"EVERYTHING_COLLECTED": str(file), "PYTHONPATH": str(ROOT / "tests")}
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pytest cannot collect the tests: {done.stdout[-2000:]}{done.stderr[-2000:]}")
        return json.loads(file.read_text(encoding="utf-8"))
