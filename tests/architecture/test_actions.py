"""Every database action exists once, as a coroutine that the faces call; the synchronous ones finish it by ``run``."""

from __future__ import annotations

import ast
import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for package in ("dorm", "dorm_fastapi") for path in (ROOT / package).rglob("*.py"))
ACTIONS = [path for path in FILES if path.parent == ROOT / "dorm" / "actions" and path.name != "__init__.py"]

MAY_RUN = {
    # The faces: the synchronous one of each pair.
    "dorm/health.py",
    "dorm/models/base.py",
    "dorm/models/changes.py",
    "dorm/models/constraining.py",
    "dorm/models/execution.py",
    "dorm/models/many.py",
    "dorm/models/prefetch.py",
    "dorm/models/raw.py",
    "dorm/models/related.py",
    "dorm/models/reverse.py",
    "dorm/schema.py",
    "dorm/transaction.py",
    # Ending what is open: coroutines of the database floor, without an action.
    "dorm/db/connection.py",
    "dorm/db/scope.py",
    "dorm/db/streams.py",
}
"""Files that may finish a coroutine without an event loop."""

MAY_KNOW_ASYNCIO = ("dorm/db/", "dorm/test/")
"""Folders whose modules may wait, or run tests that do."""
KNOWS_ASYNCIO = {
    "dorm/health.py": "the asynchronous health check gives up after its time limit",
}


def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def calls(path, name):
    """The arguments of each call of the plain function *name*."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            yield node.args


def imports(path, module):
    """The names that *path* imports from *module*."""
    return {
        alias.name
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom) and node.module == module
        for alias in node.names
    }


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.name)
def test_what_gets_an_executor_is_a_coroutine(path):
    module = importlib.import_module(f"dorm.actions.{path.stem}")
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if (
            not name.startswith("_")
            and function.__module__ == module.__name__
            and "db" in inspect.signature(function).parameters
        ):
            assert inspect.iscoroutinefunction(function), name
            assert not inspect.isasyncgenfunction(function), name


@pytest.mark.parametrize("path", ACTIONS, ids=lambda path: path.name)
def test_every_public_action_is_used_above_or_by_another(path):
    """An action that no face reaches is dead, or a second way to the same thing."""
    public = {
        node.name
        for node in parsed(path).body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
    }
    others = [other for other in FILES if other != path]
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for other in others
        for node in ast.walk(parsed(other))
        if isinstance(node, (ast.Attribute, ast.Name))
    }
    own = [node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)]
    assert set() == {name for name in public if name not in used and name not in own}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_only_a_face_finishes_an_action_without_a_loop(path):
    runs = "run" in imports(path, "dorm.run") and any(True for _ in calls(path, "run"))
    assert not runs or name_of(path) in MAY_RUN


def test_every_file_that_may_finish_an_action_does():
    """The list says what is true."""
    for name in MAY_RUN:
        assert any(True for _ in calls(ROOT / name, "run")), name


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_asyncio_is_known_where_somebody_waits(path):
    """Written as an import or as a late one."""
    name = name_of(path)
    if not name.startswith("dorm/") or name in KNOWS_ASYNCIO or name.startswith(MAY_KNOW_ASYNCIO):
        return
    loaded = {
        argument.value
        for arguments in calls(path, "load")
        for argument in arguments
        if isinstance(argument, ast.Constant)
    }
    assert "asyncio" not in loaded


MAY_IMPORT_LATE = {
    "dorm/hints.py": "difflib, for the nearest name in a message",
    "dorm/run.py": "load() itself",
}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_late_imports_are_made_by_one_function(path):
    if name_of(path).startswith("dorm/") and name_of(path) not in MAY_IMPORT_LATE:
        used = {node.attr for node in ast.walk(parsed(path)) if isinstance(node, ast.Attribute)}
        used |= {node.id for node in ast.walk(parsed(path)) if isinstance(node, ast.Name)}
        assert set() == used & {"__import__", "import_module"}
