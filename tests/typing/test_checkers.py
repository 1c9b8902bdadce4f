"""Type checkers find the mistakes in wrong_use.py, and nothing else to complain about."""

from __future__ import annotations

import json
import pathlib
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
MISTAKES = HERE / "wrong_use.py"


def pyright(path: pathlib.Path, folder: pathlib.Path) -> set[int]:
    (folder / path.name).write_text(path.read_text())
    config = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", path.name]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout[done.stdout.index("{") :])["generalDiagnostics"]
    return {entry["range"]["start"]["line"] + 1 for entry in found if entry["severity"] == "error"}


def mypy(path: pathlib.Path, folder: pathlib.Path) -> set[int]:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--no-error-summary",
            "--output=json",
            "--exclude=^$",
            f"--cache-dir={folder}",
            str(path),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    return {entry["line"] for entry in entries if entry["severity"] == "error" and entry["file"].endswith(path.name)}


def complaints_of_ty(*paths: pathlib.Path) -> dict[str, set[int]]:
    """The lines that ty complains about, by file."""
    command = [sys.executable, "-m", "ty", "check", "--output-format=concise", f"--python={sys.executable}"]
    # What a class is returned as is for ty that class itself, for which there is no spelling to assert.
    command += ["--python-version=3.11", "--ignore=assert-type-unspellable-subtype", *map(str, paths)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, set[int]] = {}
    for name, line in re.findall(r"^(?:.*[/\\])?(\w+\.py):(\d+):\d+: \w+\[", done.stdout, re.MULTILINE):
        found.setdefault(name, set()).add(int(line))
    return found


def ty(path: pathlib.Path, folder: pathlib.Path) -> set[int]:
    return complaints_of_ty(path).get(path.name, set())


@pytest.mark.parametrize(
    ("checker", "missed"),
    # What a checker does not find.  Where it does from some version on, this fails, and the line goes.
    [(pyright, ()), (mypy, ()), (ty, ("name = dorm.CharField(max_lenght=3)  # wrong",))],
)
def test_every_mistake_is_found_and_nothing_else(
    checker: Callable[[pathlib.Path, pathlib.Path], set[int]], missed: tuple[str, ...], tmp_path: pathlib.Path
) -> None:
    lines = [line.strip() for line in MISTAKES.read_text().splitlines()]
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong") and line not in missed}

    assert set(missed) <= set(lines)
    assert expected == checker(MISTAKES, tmp_path)


def test_ty_finds_no_mistake_in_right_uses() -> None:
    right = [path for path in sorted(HERE.glob("*.py")) if path not in (MISTAKES, pathlib.Path(__file__))]

    assert len(right) > 3
    assert {} == complaints_of_ty(*right)
