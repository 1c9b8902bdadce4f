"""Every database test runs on {SQLite file, PostgreSQL} x {synchronous, asynchronous}.

``db``      the configured, empty database of one test: on each vendor in turn; ``db.vendor`` says which
``call``    calls the method of the colour: ``await call(query, "first")`` is ``first()`` or ``await afirst()``
``tables``  ``tables(Author, Book)`` makes their tables in ``db``

A test with ``call`` among its parameters is ``async def``; it is driven without an event loop in the synchronous colour
(see ``testbed/colours.py``).  An asynchronous test without ``call`` is pytest-asyncio's.
"""

from __future__ import annotations

import functools
import inspect
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

import dorm
from dorm.test.databases import new_database
from tests.testbed.colours import Call
from tests.testbed.databases import WorkerDatabase, postgresql_database, sqlite_database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dorm.test.postgres import Server
    from tests.testbed.databases import Database


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(collector: Any, name: str, obj: Any) -> list[pytest.Item] | None:
    """A coroutine test that asks for ``call`` is a plain function, driven by its colour."""
    if not (inspect.iscoroutinefunction(obj) and collector.istestfunction(obj, name)):
        return None
    if "call" not in inspect.signature(obj).parameters:
        return None
    driven = _driven(obj)
    setattr(collector.obj, name, driven)  # an item looks its function up by name
    return list(collector._genfunctions(name, driven))


def _driven(test: Callable[..., Any]) -> Callable[..., None]:
    @functools.wraps(test)
    def driven(*args: Any, call: Call, **kwargs: Any) -> None:
        call.drive(test(*args, call=call, **kwargs))

    return driven


@pytest.fixture(params=["sync", "async"])
def call(request: pytest.FixtureRequest) -> Call:
    """How to call the method of this test's colour."""
    return Call(request.param)


@pytest.fixture(scope="session")
def worker_database(dorm_server: Server) -> Iterator[WorkerDatabase]:
    """The PostgreSQL database of this worker process."""
    with new_database(dorm_server) as name:
        home = WorkerDatabase(dorm_server, name)
        yield home
        home.close()


@pytest.fixture
def sqlite_db(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite database, configured."""
    with sqlite_database(tmp_path) as database:
        yield database


@pytest.fixture
def postgresql_db(worker_database: WorkerDatabase) -> Iterator[Database]:
    """An empty PostgreSQL database, configured."""
    with postgresql_database(worker_database) as database:
        yield database


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest) -> Database:
    """An empty database of each vendor in turn, configured."""
    database: Database = request.getfixturevalue(f"{request.param}_db")
    return database


@pytest.fixture
def tables(db: Database) -> Callable[..., None]:
    """``tables(Author, Book)`` makes the tables of these models, in both colours; they go with the database."""

    def make(*models: type) -> None:
        # A thread of its own, where no event loop runs.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(dorm.create_tables, *models).result()

    return make
