"""PostgreSQL sessions: which are lost and found, how many there are, and what is set for them."""

from __future__ import annotations

import asyncio
import contextvars
import time
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dorm.conf import settings
from dorm.db.connection import get_async_connection, get_connection, suspending
from dorm.exceptions import (
    OperationalError,
    PoolTimeout,
    TransactionManagementError,
)
from dorm.run import run
from dorm.transaction import aatomic
from tests.db.settling import until

if TYPE_CHECKING:
    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "postgresql"


def name_of(url: str) -> str:
    return url.rpartition("application_name=")[2]


def cut_all(url: str) -> None:
    """End every session of the test, as a restart or a fail-over does; they have ended when it returns."""
    with psycopg.connect(url, autocommit=True, application_name="the one who cuts") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 120000) FROM pg_stat_activity WHERE application_name = %s",
            (name_of(url),),
        )


# -- Lost sessions -----------------------------------------------------------------------------


def test_idle_sessions_that_were_cut_are_not_noticed(bench: Bench, url: str) -> None:
    async def scenario() -> list[int]:
        await bench.add(1)
        cut_all(url)
        await bench.add(2)  # a write: it may not be sent twice, so the loss must be seen before it is sent
        return await bench.keys()

    assert [1, 2] == bench.run(scenario())


def test_all_sessions_of_a_generation_are_dropped_at_once(loop_bench: Bench, url: str) -> None:
    async def scenario() -> None:
        await asyncio.gather(*(loop_bench.fetch("SELECT pg_sleep(0.05)") for _ in range(8)))
        pool = loop_bench.db.driver.pool
        assert 8 == pool.size
        cut_all(url)
        await loop_bench.fetch("SELECT 1")
        assert 1 == pool.size
        assert 1 == pool.counts["connections_lost"]  # the others were not tried one by one

    loop_bench.run(scenario())


def test_a_read_whose_session_is_cut_is_repeated(bench: Bench, url: str) -> None:
    async def scenario() -> list[tuple[Any, ...]]:
        select = bench.statement("SELECT pg_terminate_backend(pg_backend_pid()) WHERE nextval('tries') = 1", reads=True)
        await bench.execute("CREATE SEQUENCE tries")
        return await bench.db.fetch(select, ())

    assert [] == bench.run(scenario())


def test_a_write_whose_session_is_cut_is_not_repeated(bench: Bench, url: str) -> None:
    async def scenario() -> list[tuple[Any, ...]]:
        await bench.execute("CREATE SEQUENCE tries")
        with pytest.raises(OperationalError):
            await bench.execute("SELECT pg_terminate_backend(pg_backend_pid()), nextval('tries')")
        return await bench.fetch("SELECT last_value, is_called FROM tries")

    assert [(1, True)] == bench.run(scenario())  # drawn once


def test_a_block_whose_session_is_cut_fails_and_gives_nothing_back(bench: Bench, url: str) -> None:
    async def scenario() -> list[int]:
        block = await bench.db.begin()
        await bench.add(1)
        nested = await bench.db.begin()
        with pytest.raises(OperationalError):
            await bench.fetch("SELECT pg_terminate_backend(pg_backend_pid())")
        await bench.db.end(nested, failed=True)
        with pytest.raises(TransactionManagementError):
            await bench.keys()
        with pytest.raises(TransactionManagementError):
            await bench.db.end(block, failed=False)
        assert [] == await bench.keys()
        pool = bench.db.driver.pool
        assert pool.size == len(pool.idle)
        return await bench.keys()

    assert [] == bench.run(scenario())


def test_a_block_begins_on_a_session_that_lives(bench: Bench, url: str) -> None:
    """The loss may be seen only when BEGIN is sent; that did nothing, so it is sent again."""

    async def scenario() -> list[int]:
        await bench.add(1)
        bench.db.driver.database = bench.db.driver.database._replace(pool_check=False)
        cut_all(url)
        block = await bench.db.begin()
        await bench.add(2)
        await bench.db.end(block, failed=False)
        return await bench.keys()

    settings.configure(RETRY_BACKOFF=0.001)
    assert [1, 2] == bench.run(scenario())


def test_a_commit_whose_answer_is_lost_says_so(bench: Bench, url: str) -> None:
    async def scenario() -> str:
        block = await bench.db.begin()
        await bench.add(1)
        cut_all(url)
        with pytest.raises(OperationalError) as caught:
            await bench.db.end(block, failed=False)
        return caught.value.__notes__[0]

    assert "not known" in bench.run(scenario())


def test_no_session_is_left_in_a_transaction(bench: Bench, url: str) -> None:
    async def scenario() -> None:
        block = await bench.db.begin()
        await bench.add(1)
        await bench.db.end(block, failed=True)
        await bench.execute("BEGIN")  # by hand, and forgotten
        await bench.fetch("SELECT 1")
        with psycopg.connect(url, application_name="the one who looks") as connection:
            states = connection.execute(
                "SELECT state FROM pg_stat_activity WHERE application_name = %s AND state LIKE 'idle in%%'",
                (name_of(url),),
            ).fetchall()
        assert [] == states

    bench.run(scenario())


# -- The pool ----------------------------------------------------------------------------------


def test_a_full_pool_is_a_pool_timeout(postgresql: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(postgresql, MAX_POOL_SIZE=1)
    bench = make_tables(bench_of("postgresql", "async"))

    async def scenario() -> None:
        async with aatomic():
            await bench.add(1)
            pool = bench.db.driver.pool
            pool.timeout = 0.1  # not before: it limits how long connecting may take, too
            other = asyncio.get_running_loop().create_task(bench.keys(), context=contextvars.Context())
            with pytest.raises(PoolTimeout, match="MAX_POOL_SIZE"):
                await other
            assert 1 == pool.counts["requests_queued"]  # it waits once, not thrice

    bench.run(scenario())


def test_two_sessions_for_fifty_workers(postgresql: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(postgresql, MAX_POOL_SIZE=2)
    bench = make_tables(bench_of("postgresql", "async"))

    async def work(key: int) -> None:
        async with aatomic():
            await bench.add(key)

    async def scenario() -> list[int]:
        await asyncio.gather(*(work(key) for key in range(50)))
        stats = bench.db.driver.stats()
        assert (2, 2, 0) == (stats["pool_size"], stats["pool_available"], stats["requests_waiting"])
        return await bench.keys()

    assert list(range(50)) == bench.run(scenario())


def test_pool_stats(bench: Bench) -> None:
    async def scenario() -> dict[str, Any]:
        await bench.fetch("SELECT 1")
        return bench.db.driver.stats()

    stats = bench.run(scenario())
    expected = {
        "open": True,
        "vendor": "postgresql",
        "min_size": 1,
        "max_size": 10,
        "pool_size": 1,
        "pool_available": 1,
        "requests_waiting": 0,
    }
    assert expected == {name: stats[name] for name in expected}


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_pool_may_be_filled_beforehand(postgresql: str, colour: str, bench_of: Any, configure: Any) -> None:
    configure(postgresql, MIN_POOL_SIZE=3)
    bench = bench_of("postgresql", colour)

    async def scenario() -> tuple[int, int]:
        if colour == "sync":
            get_connection().warm_up()
        else:
            await get_async_connection().warm_up()
        stats = bench.db.driver.stats()
        return stats["pool_size"], stats["pool_available"]

    assert (3, 3) == bench.run(scenario())


def test_sessions_end_with_their_lifetime(postgresql: str, bench_of: Any, configure: Any) -> None:
    configure(postgresql, MAX_LIFETIME=0.05)
    bench = bench_of("postgresql", "sync")
    first = run(bench.fetch("SELECT pg_backend_pid()"))
    time.sleep(0.06)
    assert first != run(bench.fetch("SELECT pg_backend_pid()"))


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_limits_of_the_server_are_set(postgresql: str, colour: str, bench_of: Any, configure: Any) -> None:
    async def late() -> None:
        with pytest.raises(OperationalError, match="statement timeout"):
            await bench.fetch("SELECT pg_sleep(3600)")

    async def shown() -> list[Any]:
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        return [(await bench.fetch(f"SHOW {name}"))[0][0] for name in names]

    configure(postgresql, STATEMENT_TIMEOUT=0.1)
    bench = bench_of("postgresql", colour)
    bench.run(late())
    configure(postgresql, STATEMENT_TIMEOUT=300, LOCK_TIMEOUT=2)
    assert ["5min", "2s", "1min", "UTC"] == bench.run(shown())


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_behind_pgbouncer_nothing_is_prepared_and_nothing_set_for_the_session(
    postgresql: str, colour: str, bench_of: Any, configure: Any
) -> None:
    configure(postgresql, PGBOUNCER=True, STATEMENT_TIMEOUT=55)
    bench = bench_of("postgresql", colour)

    async def scenario() -> None:
        for _ in range(3):
            await bench.fetch("SELECT ?::integer", 1)
        assert [] == await bench.fetch("SELECT * FROM pg_prepared_statements")
        assert [("0",)] == await bench.fetch("SHOW statement_timeout")
        assert [("UTC",)] == await bench.fetch("SHOW TimeZone")
        block = await bench.db.begin()
        assert [("55s",)] == await bench.fetch("SHOW statement_timeout")
        await bench.db.end(block, failed=False)
        assert [("0",)] == await bench.fetch("SHOW statement_timeout")

    bench.run(scenario())


def test_a_new_configuration_retires_the_sessions(postgresql: str, server: str, bench_of: Any, configure: Any) -> None:
    configure(postgresql)
    bench = bench_of("postgresql", "async")

    async def scenario() -> None:
        old: Any = bench.db.driver
        await bench.fetch("SELECT 1")
        pool = old.pool
        async with aatomic():
            await bench.fetch("SELECT 1")
            configure(postgresql, MAX_POOL_SIZE=3)
            assert suspending().driver is not old
            await bench.fetch("SELECT 2")  # the block stays where it was opened
        await until(bench, lambda: (True, 0, 0) == (pool.closed, pool.size, len(pool.idle)))
        await bench.fetch("SELECT 1")

    bench.run(scenario())
