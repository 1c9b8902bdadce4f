"""Every public method that touches the database has its twin: ``x`` and ``ax``, with the same parameters."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

import pytest

import dorm
from dorm import health, schema, transaction
from dorm.db import connection, utils


class Shelf(dorm.Model):
    name = dorm.CharField(max_length=100)

    class Meta:
        app_label = "architecture_parity"


class Word(dorm.Model):
    name = dorm.CharField(max_length=100)

    class Meta:
        app_label = "architecture_parity"


class Volume(dorm.Model):
    shelf = dorm.ForeignKey(Shelf, on_delete=dorm.CASCADE)
    words = dorm.ManyToManyField(Word)

    class Meta:
        app_label = "architecture_parity"


FACES: dict[str, Any] = {
    "QuerySet": dorm.QuerySet,
    "Manager": dorm.Manager,
    "RawQuerySet": dorm.RawQuerySet,
    "Model": dorm.Model,
    "constraint": dorm.CheckConstraint,
    "reverse manager": type(Shelf(pk=1).volume_set),
    "many-to-many manager": type(Volume(pk=1).words),
    "dorm": dorm,
    "schema": schema,
    "transaction": transaction,
    "health": health,
    "db.utils": utils,
}

# Names that begin with an "a" of their own.
WORDS = {"add", "aggregate", "alias", "all", "annotate", "as_manager", "as_value_for", "already", "atomic"}


def public(face: Any) -> dict[str, Any]:
    """The public functions of a class, or those that a module lists or defines, by name."""
    for name in getattr(face, "__all__", ()):
        getattr(face, name)  # some are loaded when they are first asked for
    found = {
        name: member
        for name, member in inspect.getmembers_static(face)
        if not name.startswith("_") and callable(getattr(member, "__func__", member)) and not inspect.isclass(member)
    }
    if inspect.ismodule(face):
        listed = getattr(face, "__all__", None)
        own = [name for name, member in found.items() if getattr(member, "__module__", "") == face.__name__]
        found = {name: found[name] for name in (listed or own) if name in found}
    return found


def is_coroutine(function: Any) -> bool:
    function = inspect.unwrap(getattr(function, "__func__", function))
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def parameters(function: Any) -> list[tuple[str, Any, Any]]:
    signature = inspect.signature(getattr(function, "__func__", function))
    return [(item.name, item.kind, item.default) for item in signature.parameters.values()]


def pairs() -> list[Any]:
    return [
        pytest.param(members[name[1:]], member, id=f"{face}.{name[1:]}")
        for face, members in ((face, public(target)) for face, target in FACES.items())
        for name, member in members.items()
        if name.startswith("a") and name[1:] in members
    ]


@pytest.mark.parametrize(("method", "twin"), pairs())
def test_twins_have_the_same_parameters(method, twin):
    assert parameters(method) == parameters(twin)


@pytest.mark.parametrize(("method", "twin"), pairs())
def test_twins_are_both_described(method, twin):
    assert method.__doc__
    assert twin.__doc__


@pytest.mark.parametrize("face", FACES)
def test_what_is_asynchronous_has_a_synchronous_twin(face):
    members = public(FACES[face])
    lonely = [name for name, member in members.items() if is_coroutine(member) and name[1:] not in members]
    assert [] == lonely


@pytest.mark.parametrize("face", FACES)
def test_what_touches_the_database_has_an_asynchronous_twin(face):
    """Whoever finishes an action with ``run`` (or opens a blocking executor) touches it."""
    members = public(FACES[face])
    lonely = [name for name, member in members.items() if _touches(member) and f"a{name}" not in members]
    assert [] == lonely


def _touches(member: Any) -> bool:
    function = inspect.unwrap(getattr(member, "__func__", member))
    if not inspect.isfunction(function) or is_coroutine(function) or not function.__module__.startswith("dorm"):
        return False
    body = ast.parse(textwrap.dedent(inspect.getsource(function)))
    called = {ast.unparse(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    return bool(called & {"run", "self._writer", "self._reader", "connection.blocking", "blocking"})


def test_names_that_begin_with_a_are_words_or_twins():
    for face, target in FACES.items():
        members = public(target)
        for name, member in members.items():
            if name.startswith("a") and name[1:] not in members:
                assert name in WORDS or is_coroutine(member), f"{face}.{name}"


def test_connections_have_handles_of_both_colours():
    assert parameters(connection.get_connection) == parameters(connection.get_async_connection)
    assert inspect.iscoroutinefunction(connection.close_all_async)
    assert not inspect.iscoroutinefunction(connection.close_all)
