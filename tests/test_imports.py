"""The direction of imports: each room may import only the rooms listed for it, by absolute names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from axmac.model.nn import checkpoint, networks

ROOT = Path(__file__).resolve().parents[1]

ALLOWED = {
    "model.spec": set(),
    "model.golden": {"model.spec"},
    "model.fast": {"model.spec", "model.golden"},
    "model.nn": {"model.spec", "model.golden", "model.fast"},
    "model.attack": {"model.spec", "model.golden", "model.fast", "model.nn"},
    "model.study": {"model.spec", "model.golden", "model.fast", "model.nn", "model.attack"},
    "model.report": {"model.spec"},
    "rtl": {"model.spec"},
    "gen": {"model.spec", "rtl"},
    "sim": {"model.spec", "model.golden", "rtl", "gen"},
    "cli": {
        *("model.spec", "model.golden", "model.fast", "model.nn", "model.attack", "model.study", "model.report"),
        *("rtl", "gen", "sim"),
    },
}
FORBIDDEN = {
    "model.spec": {"numpy", "torch", "amaranth", "numba"},
    "model.golden": {"torch", "numba", "amaranth"},
    "rtl": {"numpy", "torch", "numba"},
    "gen": {"numpy", "torch", "numba"},
    "sim": {"torch"},
    "model.report": {"torch", "amaranth"},
}


def imports_of(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "axmac.model")


def room_of(module):
    parts = module.split(".")[1:]
    return ".".join(parts[: 2 if parts[:1] == ["model"] else 1])


@pytest.mark.parametrize("room", ALLOWED)
def test_a_room_imports_only_what_is_to_its_left(room):
    files = sorted((ROOT / room.replace(".", "/")).glob("**/*.py"))
    assert files
    for path in files:
        for module in imports_of(path):
            top = module.split(".")[0]
            assert top not in FORBIDDEN.get(room, ()), f"{path} imports {module}"
            if top == "axmac" and module != "axmac.model":
                assert room_of(module) in ALLOWED[room] | {room}, f"{path} imports {module}"


def test_every_room_is_listed():
    rooms = {
        path.parent.relative_to(ROOT)
        for top in ("rtl", "gen", "sim", "model", "cli")
        for path in ROOT.glob(f"{top}/**/*.py")
    }
    assert {".".join(room.parts[:2]) for room in rooms} - {"model"} == set(ALLOWED)


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["list"], {"numpy", "torch", "amaranth", "numba"}),
        (["emit", "ax_fpm", "--out", "{tmp}"], {"numpy", "torch", "numba"}),
        (["mul", "ax_fpm", "1", "2"], {"torch", "amaranth"}),
        (["errors", "ax_fpm", "--n", "10"], {"torch", "amaranth"}),
        (["agree", "u4_exact", "u4_exact"], {"torch", "amaranth", "numba"}),
        (["eval", "--help"], {"amaranth", "torch", "pymoo"}),
        (["search", "--help"], {"amaranth", "torch", "pymoo", "numpy"}),
        (["eval", "lenet5", "--data", "digits", "--images", "2", "--checkpoints", "{tmp}"], {"amaranth", "foolbox"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_verb_loads_only_its_own_stages(arguments, unwanted, tmp_path):
    if "{tmp}" in arguments and arguments[0] == "eval":
        checkpoint.save(
            tmp_path / "lenet5-digits-seed0.safetensors",
            "lenet5",
            networks.build("lenet5"),
            {"data": {"name": "digits"}},
        )
    words = [word.replace("{tmp}", str(tmp_path)) for word in arguments]
    code = f"""
import sys
from axmac.cli.main import main
try:
    main({words!r})
except SystemExit as stop:
    assert not stop.code, stop.code
print("LOADED", sorted({unwanted!r} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "LOADED []"
