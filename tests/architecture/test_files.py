"""Rules that no linter knows, read off the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for package in ("dorm", "dorm_fastapi") for path in (ROOT / package).rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]
TESTS = sorted((ROOT / "tests").rglob("*.py"))
LONGEST = 400
BROAD = {"Exception", "BaseException"}

every_file = pytest.mark.parametrize("path", FILES, ids=NAMES)
every_action = pytest.mark.parametrize(
    "path", sorted((ROOT / "dorm" / "actions").rglob("*.py")), ids=lambda path: path.name
)


def tree(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(node):
    """The modules that an import statement names."""
    match node:
        case ast.Import():
            return [alias.name for alias in node.names]
        case ast.ImportFrom():
            return [node.module or ""]
        case _:
            return []


def at_run_time(node):
    """The imports below *node* that happen when the module is imported, or later."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield from imported(child)
        yield from at_run_time(child)


@pytest.mark.parametrize("path", FILES + TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_about_one_thing(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@every_file
def test_a_file_says_what_it_is_for(path):
    assert ast.get_docstring(tree(path))


@every_file
def test_no_import_stands_inside_a_function(path):
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    assert [] == [name for function in functions for node in ast.walk(function) for name in imported(node)]


@every_file
def test_only_the_database_floor_knows_asyncio(path):
    """Nobody else may wait, but through an executor."""
    if path.is_relative_to(ROOT / "dorm") and not path.is_relative_to(ROOT / "dorm" / "db"):
        assert "asyncio" not in set(at_run_time(tree(path)))


@every_file
def test_nothing_is_swallowed(path):
    """Every broad ``except`` ends in ``raise``, or says in its line why not."""
    lines = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ExceptHandler) and (
            node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"}
        ):
            raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
            assert raises or "noqa: BLE001 - " in lines[node.lineno - 1], f"{path}:{node.lineno}"


@every_action
def test_an_action_is_a_plain_coroutine(path):
    """A closing event loop ends asynchronous generators early, in silence; so none is one."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.AsyncFunctionDef):
            assert not any(isinstance(inner, (ast.Yield, ast.YieldFrom)) for inner in ast.walk(node)), node.name
            assert not any("contextmanager" in ast.unparse(decorator) for decorator in node.decorator_list), node.name


@every_action
def test_an_action_is_not_finished_by_itself(path):
    """``run`` is for the faces: an action awaits."""
    from_run = [node for node in ast.walk(tree(path)) if isinstance(node, ast.ImportFrom) and node.module == "dorm.run"]
    assert "run" not in {alias.name for node in from_run for alias in node.names}
