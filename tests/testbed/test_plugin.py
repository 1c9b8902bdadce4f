"""The pytest plugin as its users meet it: in a project of their own, in a process of its own."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LOOP = "asyncio_default_fixture_loop_scope = function\n"

MODELS = """
    import dorm

    class Author(dorm.Model):
        name = dorm.CharField(max_length=100)
        class Meta:
            app_label = "shop"
"""

TESTS = """
    import pytest
    from models import Author
    from dorm.test import assert_num_queries

    @pytest.mark.parametrize("turn", [1, 2])
    def test_sync(dorm_db, turn):
        Author.objects.create(name="Ann")
        with assert_num_queries(1):
            assert 1 == Author.objects.count()

    @pytest.mark.parametrize("turn", [1, 2])
    async def test_async(dorm_db, turn):
        await Author.objects.acreate(name="Ann")
        async with assert_num_queries(1):
            assert 1 == await Author.objects.acount()

    @pytest.mark.parametrize("turn", [1, 2])
    def test_committing(dorm_committing_db, turn):
        Author.objects.create(name="Ann")
        assert 1 == Author.objects.count()

    def test_queries(dorm_db, dorm_queries):
        Author.objects.count()
        assert 1 == len(dorm_queries)
"""


@pytest.fixture
def project(tmp_path):
    def run(*arguments: str, tests: str = TESTS, ini: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "models.py").write_text(textwrap.dedent(MODELS))
        (tmp_path / "test_it.py").write_text(textwrap.dedent(tests))
        loop = "" if "no:asyncio" in arguments else LOOP
        (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = .\nfilterwarnings = error\n{loop}{ini}")
        plugin = [] if _installed() else ["-p", "dorm.test.plugin"]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin, *arguments]
        path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
        env = {**os.environ, "PYTHONPATH": path, **environment}
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=500)

    return run


def _installed() -> bool:
    return any(entry.value == "dorm.test.plugin" for entry in importlib.metadata.entry_points(group="pytest11"))


@pytest.mark.parametrize("mode", ["auto", "strict"])
def test_what_a_test_writes_is_gone_after_it(project, mode):
    tests = TESTS if mode == "auto" else TESTS.replace("    async def", "    @pytest.mark.asyncio\n    async def")
    done = project(tests=tests, ini=f"asyncio_mode = {mode}\n")
    assert "7 passed" in done.stdout, done.stdout + done.stderr


def test_the_same_on_postgresql(project, pytestconfig):
    if pytestconfig.getoption("--no-postgres"):
        pytest.skip("--no-postgres")
    done = project(ini="asyncio_mode = auto\ndorm_database = postgresql\n")
    assert "7 passed" in done.stdout, done.stdout + done.stderr


def test_no_postgres_skips(project):
    done = project("--no-postgres", ini="asyncio_mode = auto\ndorm_database = postgresql\n")
    assert "7 skipped" in done.stdout, done.stdout + done.stderr


UNUSED = """
    import sys

    def test_nothing_was_loaded():
        for name in ("asyncio", "sqlite3", "psycopg", "dorm.test.postgres", "dorm.test.databases"):
            assert name not in sys.modules, name
"""


def test_it_costs_nothing_when_it_is_not_used(project):
    done = project("-p", "no:asyncio", "-p", "no:xdist", "-p", "no:anyio", "-p", "no:hypothesispytest", tests=UNUSED)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
