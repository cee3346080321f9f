"""The wheel is whole, every dependency says what it is for, and no lint rule is switched off in place."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked(pattern):
    done = subprocess.run(["git", "ls-files", pattern], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [ROOT / name for name in done.stdout.splitlines()]


def test_the_wheel_holds_every_module_and_data_file(tmp_path):
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".git", ".venv", "build", "*.egg-info", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, copy, ignore=ignored)
    build = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", str(tmp_path), str(copy)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("axmac-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = {name.removeprefix("axmac/") for name in archive.namelist() if name.startswith("axmac/")}
    rooms = ("rtl", "gen", "sim", "model", "cli")
    source = {
        str(path.relative_to(ROOT))
        for room in rooms
        for path in (ROOT / room).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == source
    assert "model/report/schema.json" in packed


def test_every_dependency_has_a_sentence_and_a_range():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    listed = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    assert len(listed) > 10
    for requirement in listed:
        (at,) = [number for number, line in enumerate(lines) if f'"{requirement}"' in line]
        assert re.fullmatch(r"\s*# [A-Z].*\.", lines[at - 1]), f"{requirement} has no sentence"
        assert re.search(r"==|>=.*,<", requirement), f"{requirement} has no tried range"


def test_every_import_is_declared():
    listed = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["dev"]]
    declared = {re.match(r"[\w.-]+", requirement)[0].lower() for requirement in listed} | {"axmac", "pip", "setuptools"}
    own = {path.stem for path in (ROOT / "tests").iterdir()} | {"axmac"}
    known = metadata.packages_distributions()
    files = tracked("*.py")
    assert len(files) > 100
    for path in files:
        for module in imported(path) - own - set(sys.stdlib_module_names):
            found = {name.lower() for name in known.get(module, [module])}
            assert found & declared, f"{path} imports {module}, which no dependency declares"


def imported(path):
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.split(".")[0] for name in names}


def test_no_rule_is_switched_off_in_place():
    marks = re.compile(r"#\s*(?:" + "no" + r"qa|type:\s*ignore|ruff:)")
    offenders = [str(path) for path in tracked("*.py") if marks.search(path.read_text(encoding="utf-8"))]
    assert offenders == []
