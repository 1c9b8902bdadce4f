"""Both type checkers find every mistake in wrong_use.py, and nothing else to complain about."""

from __future__ import annotations

import json
import pathlib
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


@pytest.mark.parametrize("checker", [pyright, mypy])
def test_every_mistake_is_found_and_nothing_else(
    checker: Callable[[pathlib.Path, pathlib.Path], set[int]], tmp_path: pathlib.Path
) -> None:
    lines = MISTAKES.read_text().splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.endswith("# wrong")}

    assert expected == checker(MISTAKES, tmp_path)
