"""Applies each mutation to a copy of the sources, and expects its test to fail there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.mutations import MUTATIONS, Mutation

COPIED = ("dorm", "dorm_fastapi", "tests", "pyproject.toml")


def mutate(root: Path, only: str = "") -> int:
    """The number of mutations that no test noticed; prints the table."""
    rows: list[tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="dorm-mutations-") as folder:
        copy = Path(folder)
        for name in COPIED:
            place = root / name
            if place.is_dir():
                shutil.copytree(place, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(place, copy / name)
        for mutation in MUTATIONS:
            if only in mutation.line:
                rows.append((mutation.line, " ".join(mutation.test), one(copy, mutation)))
                print(f"{rows[-1][2]:>12}  {mutation.line}", flush=True)
    print("\n| protection | test that fails without it | outcome |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |")
    return sum(outcome != "noticed" for *_, outcome in rows)


def one(copy: Path, mutation: Mutation) -> str:
    """What came of one mutation."""
    file = copy / mutation.file
    before = file.read_text(encoding="utf-8")
    if before.count(mutation.old) < 1:
        return "out of date"
    file.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
    try:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
        done = subprocess.run(
            [*command, f"--timeout={mutation.timeout}", *mutation.test],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        file.write_text(before, encoding="utf-8")
    # 1: tests failed; a time-out kills pytest itself.  2 and above without failures are mistakes of the list.
    if done.returncode == 0:
        return "NOT NOTICED"
    if done.returncode == 1 or "Timeout" in done.stdout + done.stderr:
        return "noticed"
    return f"broken list ({done.returncode})"
