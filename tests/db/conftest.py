"""The database floor is tested with raw statements: no models, no queries.

``bench`` is a database of either vendor seen from either colour.  A scenario is one coroutine over its executor;
``bench.run`` finishes it without a loop, or in one.
"""

from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dorm.conf import database_url, settings
from dorm.db.connection import blocking, close_all, close_all_async, suspending
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.test.postgres import server_url

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from pathlib import Path

    from dorm.db.executor import Executor

AUTHOR = (
    "CREATE TABLE author (id {key} PRIMARY KEY, name text NOT NULL, age integer CONSTRAINT adult CHECK (age >= 18), "
    "CONSTRAINT author_name UNIQUE (name))"
)
BOOK = (
    "CREATE TABLE book (id {key} PRIMARY KEY, author_id {key} NOT NULL "
    "CONSTRAINT book_author REFERENCES author (id) DEFERRABLE INITIALLY DEFERRED)"
)


PATIENT = {"POOL_TIMEOUT": 300, "BUSY_TIMEOUT": 300}
"""A slow machine is no reason for an error, unless a test is about the limit."""


class Bench:
    """One alias, seen from one colour."""

    def __init__(self, vendor: str, colour: str) -> None:
        self.vendor = vendor
        self.colour = colour

    @property
    def db(self) -> Executor:
        return blocking() if self.colour == "sync" else suspending()

    def run(self, scenario: Coroutine[Any, Any, Any]) -> Any:
        if self.colour == "sync":
            return run(scenario)
        return asyncio.run(self._in_loop(scenario))

    async def _in_loop(self, scenario: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await scenario
        finally:
            await close_all_async()

    def statement(self, sql: str, *, reads: bool = False) -> Statement:
        """*sql* with ``?`` for each parameter, in the vendor's spelling."""
        if self.vendor == "postgresql":
            parts = sql.split("?")
            sql = parts[0] + "".join(f"${number}{part}" for number, part in enumerate(parts[1:], 1))
        return Statement(sql, reads=reads)

    async def fetch(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return await self.db.fetch(self.statement(sql, reads=True), parameters)

    async def execute(self, sql: str, *parameters: Any) -> int:
        return await self.db.execute(self.statement(sql), parameters)

    async def add(self, key: int, name: str | None = None, age: int = 30) -> int:
        name = name if name is not None else f"author {key}"
        return await self.execute("INSERT INTO author VALUES (?, ?, ?)", key, name, age)

    async def keys(self) -> list[int]:
        return [row[0] for row in await self.fetch("SELECT id FROM author ORDER BY id")]


@pytest.fixture(scope="session")
def server() -> str:
    """The URL of a PostgreSQL database with a schema of its own for this process."""
    return server_url()


@pytest.fixture
def postgresql(server: str) -> Iterator[str]:
    """The URL of an empty schema, with sessions that bear its name."""
    schema = f"db_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    separator = "&" if "?" in server else "?"
    yield f"{server}{separator}options=-csearch_path%3D{schema}&application_name={schema}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """The URL of a file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'db.sqlite3'}"


@pytest.fixture(autouse=True)
def clean_settings() -> Iterator[None]:
    """Every test leaves the settings as it found them, and no connection open; nothing is late unless it says so."""
    names = ("SYNC_IN_ASYNC", "BLOCK_WAIT", "SLOW_QUERY_MS", "RETRY_ATTEMPTS", "RETRY_BACKOFF", "DATABASE_ROUTERS")
    before = {name: getattr(settings, name) for name in names}
    settings.configure(BLOCK_WAIT=300, SLOW_QUERY_MS=10**9)
    yield
    settings.configure(**before)
    close_all()


def configured(url: str, **more: Any) -> None:
    settings.configure(DATABASES={"default": {**database_url(url), **PATIENT, **more}})


@pytest.fixture
def configure() -> Callable[..., None]:
    """Make ``"default"`` the database of a URL, with settings of its own: ``configure(url, MAX_POOL_SIZE=1)``."""
    return configured


@pytest.fixture
def bench_of() -> Callable[[str, str], Bench]:
    """What is configured, seen from a colour: ``bench_of("sqlite", "async")``."""
    return Bench


@pytest.fixture
def make_tables() -> Callable[[Bench], Bench]:
    """Make the two tables where a bench is configured."""
    return with_tables


@pytest.fixture(params=["sqlite", "postgresql"])
def vendor(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(request: pytest.FixtureRequest, vendor: str) -> str:
    return str(request.getfixturevalue(vendor))


@pytest.fixture(params=["sync", "async"])
def bench(request: pytest.FixtureRequest, vendor: str, url: str) -> Bench:
    """Both databases, both colours, with two empty tables."""
    configured(url)
    return with_tables(Bench(vendor, request.param))


@pytest.fixture
def loop_bench(vendor: str, url: str) -> Bench:
    """Both databases, asynchronous."""
    configured(url)
    return with_tables(Bench(vendor, "async"))


@pytest.fixture
def thread_bench(vendor: str, url: str) -> Bench:
    """Both databases, synchronous."""
    configured(url)
    return with_tables(Bench(vendor, "sync"))


def with_tables(bench: Bench) -> Bench:
    key = "integer" if bench.vendor == "sqlite" else "bigint"
    run(blocking().script(Statement(table.format(key=key)) for table in (AUTHOR, BOOK)))
    return bench
