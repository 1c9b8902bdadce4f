"""Faults are injected into a server of our own, which the tests stop, kill and freeze; ``bench`` is that of tests/db.

After each scenario no session is in a transaction, no connection is out, and no password was told to anybody.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from dorm.db.connection import blocking
from dorm.test.postgres import PostgresServer
from tests.db.conftest import (
    bench,
    bench_of,
    clean_settings,
    configure,
    loop_bench,
    make_tables,
    postgresql,
    sqlite,
    thread_bench,
    url,
    vendor,
)
from tests.faults.secrets import Overheard
from tests.faults.sessions import left_in_transaction

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "bench",
    "bench_of",
    "clean_settings",
    "configure",
    "loop_bench",
    "make_tables",
    "postgresql",
    "sqlite",
    "thread_bench",
    "url",
    "vendor",
]

LONG = os.environ.get("DORM_FAULTS") == "long"


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """What takes long is for ``scripts/faults``."""
    return True if collection_path.name == "long" and not LONG else None


@pytest.fixture(scope="session")
def own_server() -> Iterator[PostgresServer]:
    """A server that keeps what it acknowledged: its crash loses nothing."""
    with PostgresServer({"synchronous_commit": "on"}) as found:
        yield found


@pytest.fixture
def server(own_server: PostgresServer) -> str:
    """The URL of its database; it runs."""
    if not own_server.running:
        own_server.start()
    return own_server.dsn()


@pytest.fixture
def rounds() -> int:
    """How often a scenario is repeated: once in the ordinary suite."""
    return int(os.environ.get("DORM_FAULT_ROUNDS", "1"))


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest, clean_settings: None) -> Iterator[None]:
    """No session of the test is in a transaction when it ends, and no connection is out."""
    url: Any = request.getfixturevalue("postgresql") if "postgresql" in where(request) else None
    yield
    pool: Any = blocking().driver.pool
    assert pool.size == len(pool.idle)
    assert not pool.waiters
    if url is not None:
        assert [] == left_in_transaction(url)


def where(request: pytest.FixtureRequest) -> set[str]:
    """The fixtures of the test, and its database when it has one of both."""
    callspec = getattr(request.node, "callspec", None)
    chosen = callspec.params.get("vendor") if callspec is not None else None
    return {*request.fixturenames, str(chosen)} - ({"postgresql"} if chosen == "sqlite" else set())


@pytest.fixture(autouse=True)
def no_secret_told(own_server: PostgresServer) -> Iterator[Overheard]:
    """The password is in no log, error, ``repr``, statistics or health answer of the run."""
    with Overheard(own_server._password) as overheard:
        yield overheard
    assert [] == overheard.found()
