"""PostgreSQL sessions: what values look like, who is lost, what is tried again, and what is never told."""

from __future__ import annotations

import asyncio
import contextvars
import datetime
import decimal
import time
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dorm.conf import database_url, settings
from dorm.db.backends import postgresql_session
from dorm.db.backends.postgresql_errors import translated
from dorm.db.connection import blocking, get_async_connection, get_connection, suspending
from dorm.exceptions import (
    DataError,
    ImproperlyConfigured,
    NotSupportedError,
    OperationalError,
    PoolTimeout,
    TransactionManagementError,
)
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import aatomic, atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "postgresql"


def name_of(url: str) -> str:
    return url.rpartition("application_name=")[2]


def cut_all(url: str) -> None:
    """End every session of the test, as a restart or a fail-over does."""
    with psycopg.connect(url, autocommit=True, application_name="the one who cuts") as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = %s", (name_of(url),)
        )


# -- Values ------------------------------------------------------------------------------------


def test_values_come_back_as_python_values(bench: Bench) -> None:
    key = uuid.uuid4()
    moment = datetime.datetime(2024, 5, 17, 12, 30, tzinfo=datetime.UTC)
    sql = (
        "SELECT ?::timestamptz, ?::date, ?::uuid, ?::numeric, ?::interval, '{\"a\": [1]}'::jsonb, "
        "'10.0.0.1'::inet, '10.0.0.0/8'::cidr, ?::bytea, ?::boolean"
    )
    parameters = (
        moment,
        moment.date(),
        key,
        decimal.Decimal("1.50"),
        datetime.timedelta(days=1, microseconds=5),
        b"\x00\xff",
        True,
    )
    (row,) = bench.run(bench.fetch(sql, *parameters))
    expected = (*parameters[:5], {"a": [1]}, "10.0.0.1", "10.0.0.0/8", *parameters[5:])
    assert expected == row
    assert row[0].tzinfo is datetime.UTC


def test_a_moment_of_another_zone_comes_back_in_utc(bench: Bench) -> None:
    east = datetime.timezone(datetime.timedelta(hours=5))
    moment = datetime.datetime(2024, 5, 17, 3, 0, tzinfo=east)
    (row,) = bench.run(bench.fetch("SELECT ?::timestamptz", moment))
    assert (moment, datetime.UTC) == (row[0], row[0].tzinfo)


def test_integers_of_every_size_share_one_prepared_statement(bench: Bench) -> None:
    async def scenario() -> list[Any]:
        await bench.add(1)
        select = bench.statement("SELECT id FROM author WHERE id = ?", reads=True)
        for value in (1, 40_000, 2**40, -(2**63)):
            await bench.db.fetch(select, (value,))
        prepared = await bench.fetch(
            "SELECT parameter_types::text FROM pg_prepared_statements WHERE statement LIKE 'SELECT id%'"
        )
        assert [(1,)] == await bench.db.fetch(select, (1,))
        assert [] == await bench.db.fetch(select, (10**30,))  # numeric
        assert [(1,)] == await bench.db.fetch(bench.statement("SELECT id FROM author WHERE id = ANY(?)"), ([1, 2],))
        return prepared

    assert [("{bigint}",)] == bench.run(scenario())


def test_a_changed_table_under_a_prepared_statement(bench: Bench) -> None:
    async def scenario() -> Any:
        await bench.add(1)
        select = bench.statement("SELECT * FROM author")
        await bench.db.fetch(select, ())
        await bench.db.fetch(select, ())
        await bench.execute("ALTER TABLE author ADD COLUMN extra integer")
        return len((await bench.db.fetch(select, ()))[0])

    assert 4 == bench.run(scenario())


# -- No connection -----------------------------------------------------------------------------

SECRET = "s3cr3t-Passw0rd"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"PORT": 1}, "refused"),
        ({"NAME": "no_such_database"}, "does not exist"),
        ({"USER": "no_such_user"}, "does not exist|authentication"),
        ({"HOST": "no-such-host.invalid"}, "resolve host|translate host"),
    ],
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_why_there_is_no_connection(
    server: str, colour: str, change: dict[str, Any], reason: str, bench_of: Any, configure: Any
) -> None:
    secret = database_url(server).get("PASSWORD") or SECRET
    configure(server, **{"PASSWORD": secret, **change})
    bench = bench_of("postgresql", colour)
    started = time.perf_counter()
    with pytest.raises(OperationalError, match=reason) as caught:
        bench.run(bench.fetch("SELECT 1"))
    assert time.perf_counter() - started < 5
    assert secret not in repr(caught.value) + str(caught.value) + repr(caught.value.__cause__) + str(
        caught.value.__cause__
    )
    assert secret not in repr(bench.db.driver.database) + repr(get_connection())


def test_a_connection_that_fails_is_tried_again(server: str, monkeypatch: pytest.MonkeyPatch, configure: Any) -> None:
    configure(server)
    settings.configure(RETRY_BACKOFF=0.001)
    driver: Any = blocking().driver
    connect = driver.pool._connect
    tries: list[int] = []

    async def failing(pool: Any) -> Any:
        tries.append(1)
        if len(tries) < 3:
            driver.recipe.arguments["port"], port = 1, driver.recipe.arguments.get("port")
            try:
                return await connect(pool)
            finally:
                driver.recipe.arguments["port"] = port
        return await connect(pool)

    monkeypatch.setattr(driver.pool, "_connect", failing)
    assert [(1,)] == run(blocking().fetch(Statement("SELECT 1")))
    assert 3 == len(tries)


def test_an_unknown_option_is_refused_with_the_nearest(server: str, configure: Any) -> None:
    configure(server, OPTIONS={"sslmod": "require"})
    with pytest.raises(ImproperlyConfigured, match="sslmode"):
        blocking()


def test_an_old_server_is_refused(server: str, monkeypatch: pytest.MonkeyPatch, configure: Any) -> None:
    monkeypatch.setattr(postgresql_session, "LEAST", 990000)
    configure(server)
    with pytest.raises(NotSupportedError, match="PostgreSQL 99 or newer is needed"):
        run(blocking().fetch(Statement("SELECT 1")))


# -- Lost sessions -----------------------------------------------------------------------------


def test_idle_sessions_that_were_cut_are_not_noticed(bench: Bench, url: str) -> None:
    async def scenario() -> float:
        await bench.add(1)
        cut_all(url)
        await bench.db.sleep(0.05)
        started = time.perf_counter()
        await bench.add(2)  # a write: it may not be sent twice, so the loss must be seen before it is sent
        assert [1, 2] == await bench.keys()
        return time.perf_counter() - started

    assert bench.run(scenario()) < 0.5


def test_all_sessions_of_a_generation_are_dropped_at_once(loop_bench: Bench, url: str) -> None:
    async def scenario() -> float:
        await asyncio.gather(*(loop_bench.fetch("SELECT pg_sleep(0.05)") for _ in range(8)))
        pool = loop_bench.db.driver.pool
        assert 8 == pool.size
        cut_all(url)
        await asyncio.sleep(0.05)
        started = time.perf_counter()
        await loop_bench.fetch("SELECT 1")
        assert 1 == pool.size
        return time.perf_counter() - started

    assert loop_bench.run(scenario()) < 0.5


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
        await bench.db.sleep(0.05)
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
        await bench.db.sleep(0.05)
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
    configure(postgresql, MAX_POOL_SIZE=1, POOL_TIMEOUT=0.1)
    bench = make_tables(bench_of("postgresql", "async"))

    async def scenario() -> None:
        async with aatomic():
            await bench.add(1)
            other = asyncio.get_running_loop().create_task(bench.keys(), context=contextvars.Context())
            started = time.perf_counter()
            with pytest.raises(PoolTimeout, match="MAX_POOL_SIZE"):
                await other
            assert 0.05 < time.perf_counter() - started < 0.3  # the whole limit, not thrice

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
    configure(postgresql, STATEMENT_TIMEOUT=0.1, LOCK_TIMEOUT=2)
    bench = bench_of("postgresql", colour)

    async def scenario() -> list[Any]:
        with pytest.raises(OperationalError, match="statement timeout"):
            await bench.fetch("SELECT pg_sleep(5)")
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "TimeZone")
        return [(await bench.fetch(f"SHOW {name}"))[0][0] for name in names]

    assert ["100ms", "2s", "1min", "UTC"] == bench.run(scenario())


@pytest.mark.parametrize("colour", ["sync", "async"])
def test_behind_pgbouncer_nothing_is_prepared_and_nothing_set_for_the_session(
    postgresql: str, colour: str, bench_of: Any, configure: Any
) -> None:
    configure(postgresql, PGBOUNCER=True, STATEMENT_TIMEOUT=5)
    bench = bench_of("postgresql", colour)

    async def scenario() -> None:
        for _ in range(3):
            await bench.fetch("SELECT ?::integer", 1)
        assert [] == await bench.fetch("SELECT * FROM pg_prepared_statements")
        assert [("0",)] == await bench.fetch("SHOW statement_timeout")
        assert [("UTC",)] == await bench.fetch("SHOW TimeZone")
        block = await bench.db.begin()
        assert [("5s",)] == await bench.fetch("SHOW statement_timeout")
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
        await asyncio.sleep(0.05)
        await bench.fetch("SELECT 1")
        assert (True, 0, 0) == (pool.closed, pool.size, len(pool.idle))

    bench.run(scenario())


# -- Errors ------------------------------------------------------------------------------------


def test_the_row_of_a_check_violation_is_not_told(thread_bench: Bench) -> None:
    with pytest.raises(Exception, match="adult") as caught:
        run(thread_bench.add(1, "a private name", age=3))
    assert "private" not in str(caught.value)


def test_a_nul_byte_is_a_data_error(thread_bench: Bench) -> None:
    with pytest.raises(DataError):
        run(thread_bench.add(1, "a\x00b"))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1/0", DataError),
        ("SELECT 'x'::integer", DataError),
        ("SELECT 'a' ~ '('", DataError),
        ("SELECT count(*) FROM author FOR UPDATE", NotSupportedError),
        ("SELECT set_config('statement_timeout', '-5', false)", DataError),
    ],
)
def test_sqlstates(thread_bench: Bench, sql: str, expected: type[Exception]) -> None:
    with pytest.raises(expected) as caught:
        run(thread_bench.fetch(sql))
    assert caught.value.sqlstate is not None  # type: ignore[attr-defined]


def test_a_serialization_failure_is_operational(server: str) -> None:
    error: Callable[..., Any] = psycopg.errors.SerializationFailure
    assert OperationalError is type(translated(error("could not serialize access")))


def test_a_block_sees_its_own_rows_from_the_first_statement(thread_bench: Bench) -> None:
    with atomic(isolation="repeatable read", read_only=True, deferrable=True):
        assert [] == run(thread_bench.keys())
