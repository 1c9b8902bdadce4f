"""A question is asked through the ORM, and by SQL that was written by hand; both must say the same.

A module of questions names its data as ``SHAPE``; its tests are functions under :func:`by_hand`, which return a query
set, or await an answer with the ``call`` that they are given.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import inspect
import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dorm.run import load
from dorm.transaction import set_rollback

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.testbed.colours import Call


class Hand:
    """A connection of the driver itself to a filled database."""

    def __init__(self, vendor: str, entry: dict[str, Any], dsn: str) -> None:
        self.vendor = vendor
        self.entry = entry
        self._connection: Any = (
            load("psycopg").connect(dsn, autocommit=True)
            if dsn
            else sqlite3.connect(entry["NAME"], isolation_level=None)
        )
        self._answers: dict[str, list[tuple[Any, ...]]] = {}

    def answer(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a statement; it is sent once."""
        if sql not in self._answers:
            self._answers[sql] = self._connection.execute(sql).fetchall()
        return self._answers[sql]

    def run(self, sql: str) -> None:
        """Send a statement that has no rows."""
        self._connection.execute(sql)

    def close(self) -> None:
        """End the connection."""
        self._connection.close()


def by_hand(sql: str, **vendors: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a question a test on both databases, in both colours; ``postgresql=`` is its SQL where that differs."""

    def decorate(ask: Callable[..., Any]) -> Callable[..., Any]:
        async def test(answer: list[tuple[Any, ...]], call: Call) -> None:
            found = await asked(ask, call)
            assert answer, "a question without an answer proves nothing"
            assert rows(answer) == rows(found)

        test.__name__, test.__module__ = ask.__name__, ask.__module__
        test.__qualname__, test.__doc__ = ask.__qualname__, ask.__doc__
        test.ask, test.sql = ask, {"sqlite": sql, "postgresql": sql, **vendors}  # type: ignore[attr-defined]
        return test

    return decorate


async def asked(ask: Callable[..., Any], call: Call) -> Any:
    """The answer of the ORM."""
    if inspect.iscoroutinefunction(ask):
        return await ask(call)
    return await call.list(ask())


def rows(answer: Any) -> list[tuple[Any, ...]]:
    """An answer as a list of rows, whose values are those of the driver with the fewest types."""
    listed = answer if isinstance(answer, list) else [answer]
    return [plain(row if isinstance(row, tuple) else (row,)) for row in map(_row, listed)]


def _row(row: Any) -> Any:
    return tuple(row.values()) if isinstance(row, dict) else row


def plain(value: Any) -> Any:
    """A value as SQLite would keep it; numbers to six places."""
    match value:
        case tuple() | list():
            return tuple(plain(one) for one in value)
        case Decimal() | float():
            return round(float(value), 6)
        case dt.datetime():
            return value.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
        case dt.date():
            return value.isoformat()
        case dt.timedelta():
            return value // dt.timedelta(microseconds=1)
        case _:
            return value


@contextlib.asynccontextmanager
async def undone(call: Call) -> AsyncIterator[None]:
    """A block whose changes nobody will see."""
    async with call.atomic():
        yield
        set_rollback(True)
