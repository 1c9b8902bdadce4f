"""One action is one statement, one round trip to PostgreSQL, one visit to the thread of an SQLite connection.

Nothing is asked beside it: no probe before, no second SELECT after, no BEGIN and COMMIT around.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiosqlite
import psycopg
import pytest

from dorm.db.backends import sqlite_connection
from dorm.test import assert_num_queries
from tests.library import Author, Book, Publisher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.testbed.colours import Call

ONE_STATEMENT: dict[str, Callable[[Any], tuple[Any, str, dict[str, Any]]]] = {
    "get": lambda author: (Author.objects, "get", {"pk": author.pk}),
    "get by another column": lambda author: (Author.objects, "get", {"name": "Ann"}),
    "get with a join": lambda author: (Book.objects.select_related("author"), "get", {"title": "Emma"}),
    "get_or_none": lambda author: (Author.objects, "get_or_none", {"pk": 0}),
    "first": lambda author: (Author.objects, "first", {}),
    "last": lambda author: (Author.objects, "last", {}),
    "count": lambda author: (Author.objects, "count", {}),
    "exists": lambda author: (Author.objects, "exists", {}),
    "create": lambda author: (Author.objects, "create", {"name": "Bea"}),
    "save": lambda author: (author, "save", {}),
    "save some fields": lambda author: (author, "save", {"update_fields": ["name"]}),
    "refresh": lambda author: (author, "refresh_from_db", {}),
    "update": lambda author: (Author.objects.filter(age=3), "update", {"age": 4}),
}


@pytest.fixture
def sent(monkeypatch) -> Iterator[list[str]]:
    """What goes to a database, by whichever door the driver of the colour has."""
    found: list[str] = []

    class Told(sqlite_connection.Connection):
        def execute(self, sql, *arguments):
            found.append(sql)
            return super().execute(sql, *arguments)

    monkeypatch.setattr(sqlite_connection, "Connection", Told)
    for owner, name in (
        (psycopg.Connection, "wait"),
        (psycopg.AsyncConnection, "wait"),
        (aiosqlite.Connection, "_execute"),
    ):
        monkeypatch.setattr(owner, name, _noted(found, name, getattr(owner, name)))
    return found


def _noted(found: list[str], name: str, original: Any) -> Any:
    def noted(*arguments: Any, **keywords: Any) -> Any:
        found.append(name)
        return original(*arguments, **keywords)

    return noted


def expected(vendor: str, call: Call, statements: int) -> dict[str, int]:
    """How often each door is passed."""
    if vendor == "postgresql":
        return {"wait": statements}
    return {"statements": statements, "_execute": statements} if call.is_async else {"statements": statements}


def passed(found: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in found:
        door = item if item in ("wait", "_execute") else "statements"
        counts[door] = counts.get(door, 0) + 1
    return counts


async def author_with_a_book(call: Call) -> Any:
    publisher = await call(Publisher.objects, "create", name="Faber")
    author = await call(Author.objects, "create", name="Ann", publisher=publisher)
    await call(Book.objects, "create", title="Emma", author=author)
    return author


@pytest.mark.parametrize("name", ONE_STATEMENT)
async def test_an_action_is_one_round_trip(name, sent, library, call):
    author = await author_with_a_book(call)
    target, method, arguments = ONE_STATEMENT[name](author)
    await call(target, method, **arguments)  # prepared and connected from here on
    sent.clear()
    await call(target, method, **arguments)
    assert expected(library.vendor, call, 1) == passed(sent)


@pytest.mark.parametrize("name", ONE_STATEMENT)
async def test_an_action_is_one_statement(name, library, call):
    author = await author_with_a_book(call)
    target, method, arguments = ONE_STATEMENT[name](author)
    with assert_num_queries(1):
        await call(target, method, **arguments)


async def test_rows_are_one_round_trip_however_many(sent, library, call):
    await call(Author.objects, "bulk_create", [Author(name=f"Author {number}") for number in range(3000)])
    await call.list(Author.objects.filter(age__gte=0))
    sent.clear()
    assert 3000 == len(await call.list(Author.objects.filter(age__gte=1)))
    assert expected(library.vendor, call, 1) == passed(sent)


async def test_a_block_adds_its_beginning_and_its_end(sent, library, call):
    author = await author_with_a_book(call)
    await call(author, "save", update_fields=["name"])  # prepared and connected from here on
    sent.clear()
    async with call.atomic():
        await call(author, "save", update_fields=["name"])
        await call(author, "save", update_fields=["name"])
    assert expected(library.vendor, call, 4) == passed(sent)


async def test_a_query_that_cannot_match_asks_nobody(sent, library, call):
    await author_with_a_book(call)
    sent.clear()
    assert [] == await call.list(Author.objects.filter(pk__in=[]))
    assert [] == await call.list(Author.objects.none())
    assert [] == sent
