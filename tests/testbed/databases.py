"""A fresh database for a test, in a few milliseconds.

SQLite: a file of its own.  PostgreSQL: one database per worker process, emptied after each test; a test that leaves a
transaction open or somebody waiting fails.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.conf.store import NAMES
from dorm.db.connection import close_all
from dorm.run import load
from dorm.test.databases import new_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dorm.test.postgres import Server

PATIENCE = 60.0
"""Seconds in which the sessions of a finished test may end."""


class Database:
    """The database of a test, under the alias ``default``."""

    def __init__(self, vendor: str, entry: dict[str, Any], more: contextlib.ExitStack) -> None:
        self.vendor = vendor
        self.entry = entry
        self._more = more

    def __repr__(self) -> str:
        return f"<Database {self.vendor}>"

    @property
    def is_postgresql(self) -> bool:
        """Whether it is one."""
        return self.vendor == "postgresql"

    def configure(self, **options: Any) -> None:
        """Configure it anew, with other settings of the connection (``max_pool_size=2``)."""
        settings.configure(DATABASES={**settings.DATABASES, "default": {**self.entry, **options}})

    def another(self) -> dict[str, Any]:
        """The entry of a second, empty database of the same vendor, gone after the test."""
        return self._more.enter_context(self._another())

    def _another(self) -> contextlib.AbstractContextManager[dict[str, Any]]:
        raise NotImplementedError


class SQLiteDatabase(Database):
    """A file."""

    def __init__(self, folder: Path, more: contextlib.ExitStack) -> None:
        self._folder = folder
        super().__init__("sqlite", {"ENGINE": "sqlite", "NAME": str(folder / "test.sqlite3")}, more)

    @contextlib.contextmanager
    def _another(self) -> Iterator[dict[str, Any]]:
        count = len(list(self._folder.glob("other*.sqlite3")))
        path = self._folder / f"other{count}.sqlite3"
        path.touch()
        yield {"ENGINE": "sqlite", "NAME": str(path)}

    def check_left(self) -> None:
        """Nobody may hold a lock when the test is over."""
        connection = sqlite3.connect(self.entry["NAME"], timeout=PATIENCE, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            pytest.fail(f"The test left a transaction open: {error}", pytrace=False)
        finally:
            connection.close()


class PostgreSQLDatabase(Database):
    """The worker's database."""

    def __init__(self, home: WorkerDatabase, more: contextlib.ExitStack) -> None:
        self._server = home.server
        super().__init__("postgresql", home.server.settings(home.name), more)

    @contextlib.contextmanager
    def _another(self) -> Iterator[dict[str, Any]]:
        with new_database(self._server) as name:
            yield self._server.settings(name)


class WorkerDatabase:
    """The PostgreSQL database of this process, and a connection to look after it."""

    def __init__(self, server: Server, name: str) -> None:
        self.server = server
        self.name = name
        self._connection: Any = None

    def _run(self, sql: str) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            self._connection = load("psycopg").connect(self.server.dsn(self.name), autocommit=True)
        cursor = self._connection.execute(sql)
        return cursor.fetchall() if cursor.description else []

    def clean(self) -> None:
        """Empty it; complain about whoever is still in a transaction."""
        left = self._left()
        until = time.monotonic() + PATIENCE
        while left and time.monotonic() < until:
            time.sleep(0.02)
            left = self._left()
        for process, _ in left:
            self._run(f"SELECT pg_terminate_backend({process}, 5000)")
        if self._run("SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace LIMIT 1"):
            self._run("SET client_min_messages = error; DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        if left:
            statements = "\n".join(statement for _, statement in left)
            pytest.fail(f"The test left a transaction open, whose last statement is\n{statements}", pytrace=False)

    def _left(self) -> list[tuple[Any, ...]]:
        return self._run(
            "SELECT pid, query FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND state <> 'idle'"
        )

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            self._connection.close()


@contextlib.contextmanager
def sqlite_database(folder: Path) -> Iterator[Database]:
    """An SQLite file as the configured database."""
    with contextlib.ExitStack() as more:
        database = SQLiteDatabase(folder, more)
        with configured(database.entry):
            yield database
        database.check_left()


@contextlib.contextmanager
def postgresql_database(home: WorkerDatabase) -> Iterator[Database]:
    """The worker's PostgreSQL database, empty, as the configured one."""
    with contextlib.ExitStack() as more:
        database = PostgreSQLDatabase(home, more)
        try:
            with configured(database.entry):
                yield database
        finally:
            home.clean()


@contextlib.contextmanager
def configured(entry: dict[str, Any]) -> Iterator[None]:
    """Configure *entry* as the default database; afterwards no connection is open, and settings are as before."""
    before = {name: getattr(settings, name) for name in NAMES if name != "DATABASES"}
    settings.configure(DATABASES={"default": entry})
    try:
        yield
    finally:
        settings.configure(**before)
        close_all()
