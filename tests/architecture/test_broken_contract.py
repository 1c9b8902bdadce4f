"""The contract of the floors is not empty: an import that points up breaks it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LINT = "from importlinter.cli import import_linter; import_linter(['lint', '--no-cache'])"
UPWARD = {
    "dorm/query/plan.py": "import dorm.models.base",
    "dorm/db/executor.py": "from dorm.query import plan as _",
    "dorm/actions/read.py": "import dorm.schema",
    "dorm/exceptions.py": "import dorm.hints",
    "dorm/sql/nodes.py": "from dorm.expressions import F as _",
    "dorm/models/base.py": "import dorm.contrib.pydantic",
    "dorm_fastapi/crud.py": "import dorm.query.query",
    "dorm/health.py": "import dorm_fastapi",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    place = tmp_path_factory.mktemp("floors")
    for package in ("dorm", "dorm_fastapi"):
        shutil.copytree(ROOT / package, place / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


def lint(place):
    return subprocess.run([sys.executable, "-c", LINT], cwd=place, capture_output=True, text=True, check=False)


def test_the_copy_keeps_the_contract(tree):
    done = lint(tree)
    assert 0 == done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("path", UPWARD)
def test_an_import_that_points_up_breaks_the_contract(path, tree):
    file = tree / path
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n{UPWARD[path]}\n", encoding="utf-8")
    try:
        done = lint(tree)
    finally:
        file.write_text(before, encoding="utf-8")
    assert (1, True) == (done.returncode, "BROKEN" in done.stdout), done.stdout


def test_a_module_of_no_floor_is_refused(tree):
    file = tree / "dorm" / "utilities.py"
    file.write_text("", encoding="utf-8")
    try:
        done = lint(tree)
    finally:
        file.unlink()
    assert 0 != done.returncode
