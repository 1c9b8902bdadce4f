"""Health checks never raise, and answer in time."""

from __future__ import annotations

import asyncio
import socket
import time
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.health import ahealth_check, health_check
from dorm.transaction import aatomic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.db.conftest import Bench


def check(colour: str, timeout: float = 300, **options: Any) -> dict[str, Any]:
    options["timeout"] = timeout
    if colour == "sync":
        return health_check(**options)
    return asyncio.run(ahealth_check(**options))


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A server that takes connections and never says a word."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(8)
        yield server.getsockname()[1]


def test_a_healthy_database(bench: Bench) -> None:
    started = time.perf_counter()
    status = check(bench.colour)
    passed = time.perf_counter() - started
    assert ("ok", "default") == (status["status"], status["alias"])
    assert 0 < status["elapsed_ms"] <= passed * 1000
    assert {"status", "alias", "elapsed_ms"} == set(status)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_server_that_refuses(colour: str, configure: Any) -> None:
    configure("postgresql://nobody:s3cret@127.0.0.1:1/nothing")
    status = check(colour)
    assert "error" == status["status"]
    assert status["error"].startswith("OperationalError: ")
    assert "refused" in status["error"]
    assert "s3cret" not in str(status)


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_server_that_does_not_answer(colour: str, configure: Any, deaf_port: int) -> None:
    configure(f"postgresql://nobody@127.0.0.1:{deaf_port}/nothing", OPTIONS={"connect_timeout": 3600})
    status = check(colour, timeout=0.3)
    assert "error" == status["status"]
    assert "no answer within 0.3 s" in status["error"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_file_that_cannot_be_opened(colour: str, configure: Any) -> None:
    configure("sqlite:////no/such/folder/db.sqlite3")
    assert "does not exist" in check(colour)["error"]


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_unknown_alias(colour: str, bench: Bench) -> None:
    assert "ImproperlyConfigured" in check(colour, alias="nowhere")["error"]


def test_a_full_pool_is_told_from_a_dead_server(url: str, configure: Any) -> None:
    configure(url, MAX_POOL_SIZE=1)

    async def scenario() -> dict[str, Any]:
        async with aatomic():
            return await ahealth_check(timeout=0.2)

    assert "are in use" in asyncio.run(scenario())["error"]


def test_a_file_that_is_no_database_any_more(sqlite: str, configure: Any) -> None:
    configure(sqlite)
    assert "ok" == health_check()["status"]
    path = sqlite.removeprefix("sqlite:///")
    with open(path, "wb") as file:
        file.write(b"nonsense " * 1000)
    settings.configure(DATABASES={"default": f"{sqlite}?busy_timeout=1"})
    assert "not a database" in health_check()["error"]
