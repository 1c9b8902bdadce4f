"""PostgreSQL: what values look like, why there is no connection, and what errors tell."""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from dorm.conf import database_url, settings
from dorm.db.backends import postgresql_session
from dorm.db.backends.postgresql_errors import translated
from dorm.db.connection import blocking, get_connection
from dorm.exceptions import (
    DataError,
    ImproperlyConfigured,
    NotSupportedError,
    OperationalError,
)
from dorm.run import run
from dorm.sql.statement import Statement
from dorm.transaction import atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "postgresql"


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
    ("change", "reason", "tries"),
    [
        ({"PORT": 1}, "refused", 3),  # the server may be starting
        ({"NAME": "no_such_database"}, "does not exist", 1),
        ({"USER": "no_such_user"}, "does not exist|authentication", 1),
        ({"HOST": "no-such-host.invalid"}, "resolve host|translate host", 1),
    ],
)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_why_there_is_no_connection(
    server: str, colour: str, change: dict[str, Any], reason: str, tries: int, bench_of: Any, configure: Any
) -> None:
    secret = database_url(server).get("PASSWORD") or SECRET
    configure(server, **{"PASSWORD": secret, **change})
    bench = bench_of("postgresql", colour)

    async def scenario() -> tuple[Any, int]:
        with pytest.raises(OperationalError, match=reason) as caught:
            await bench.fetch("SELECT 1")
        return caught, bench.db.driver.pool.counts["connections_num"]

    caught, tried = bench.run(scenario())
    assert tries == tried
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
