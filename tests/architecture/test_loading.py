"""``import dorm`` is cheap: what only some need is loaded when they need it."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "aiosqlite",
    "asyncio",
    "concurrent.futures",
    "dataclasses",
    "fastapi",
    "flask",
    "http",
    "importlib.metadata",
    "inspect",
    "json",
    "logging",
    "psycopg",
    "psycopg_pool",
    "pydantic",
    "pytest",
    "rich",
    "socket",
    "sqlite3",
    "starlette",
    "unittest",
    "urllib.request",
    "uuid",
}
ASYNCHRONOUS = {"aiosqlite", "asyncio", "psycopg", "pydantic"}

MODEL = """
import dorm
class Author(dorm.Model):
    name = dorm.CharField(max_length=10)
    class Meta:
        app_label = "shop"
dorm.configure(DATABASES={"default": {"ENGINE": "sqlite", "NAME": NAME}})
"""
QUERY = """
dorm.create_tables(Author)
Author.objects.create(name="Ann")
with dorm.transaction.atomic():
    assert 1 == Author.objects.filter(name="Ann").count()
"""


def loaded_by(code: str) -> set[str]:
    """The modules that *code* loads, beyond those of a bare interpreter."""
    code = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("code", ["import dorm", "from dorm import models, transaction, signals, validators"])
def test_importing_the_package_loads_nothing_heavy(code):
    assert set() == loaded_by(code) & HEAVY


def test_declaring_and_describing_loads_no_driver():
    assert set() == loaded_by(f"NAME = 'a.sqlite3'{MODEL}str(Author.objects.filter(name='Ann').query)") & (
        ASYNCHRONOUS | {"sqlite3"}
    )


def test_functions_are_loaded_when_the_first_is_asked_for():
    assert "dorm.functions" not in loaded_by("import dorm")
    assert "dorm.functions.text" in loaded_by("import dorm; dorm.Lower")
    assert "dorm.functions.text" in loaded_by("from dorm import *; Lower")


def test_the_synchronous_colour_loads_nothing_of_the_asynchronous_one(tmp_path):
    assert set() == loaded_by(f"NAME = {str(tmp_path / 'a.sqlite3')!r}{MODEL}{QUERY}") & ASYNCHRONOUS


def test_the_integration_does_not_need_fastapi_for_other_applications():
    assert set() == loaded_by("import dorm_fastapi.asgi") & {"fastapi", "flask"}


def test_what_plans_and_carries_out_statements_is_loaded_with_the_first_of_them():
    late = {"dorm.query.planner", "dorm.sql.compiler", "dorm.db.connection", "dorm.actions.read"}
    describing = f"NAME = 'a.sqlite3'{MODEL}Author.objects.filter(name='Ann').order_by('name')[:5]"
    assert set() == loaded_by(describing) & late
    assert late == loaded_by(f"NAME = ':memory:'{MODEL}{QUERY}") & late
