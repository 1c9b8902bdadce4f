"""Each setting of a PostgreSQL alias does what it says.

Those of the pool's size and of limits are in test_postgresql_sessions.py, their checks in tests/unit/test_conf.py.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest

from dorm.db.transactions import living
from dorm.exceptions import OperationalError
from dorm.transaction import aatomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "postgresql"


@pytest.fixture(params=["sync", "async"])
def made(request: pytest.FixtureRequest, postgresql: str, bench_of: Any, configure: Any) -> Callable[..., Bench]:
    """``made(MAX_IDLE=1)``: a bench of either colour with this setting."""

    def make(**more: Any) -> Bench:
        configure(postgresql, **more)
        found: Bench = bench_of("postgresql", request.param)
        return found

    return make


async def process(bench: Bench) -> int:
    found: int = (await bench.fetch("SELECT pg_backend_pid()"))[0][0]
    return found


def test_nothing_is_opened_before_the_first_statement(made: Any) -> None:
    bench = made(MIN_POOL_SIZE=0)

    async def scenario() -> list[int]:
        before = bench.db.driver.stats()["pool_size"]
        await bench.fetch("SELECT 1")
        return [before, bench.db.driver.stats()["pool_size"]]

    assert [0, 1] == bench.run(scenario())


def test_a_session_that_rested_long_is_not_used_again(made: Any) -> None:
    bench = made(MAX_IDLE=0.05)

    async def scenario() -> bool:
        first = await process(bench)
        await bench.db.sleep(0.1)
        return first != await process(bench)

    assert bench.run(scenario())


def test_sessions_that_rest_long_are_closed_down_to_the_smallest_size(
    postgresql: str, bench_of: Any, configure: Any
) -> None:
    configure(postgresql, MIN_POOL_SIZE=1, MAX_IDLE=0.3)
    bench = bench_of("postgresql", "async")

    async def scenario() -> list[int]:
        await asyncio.gather(*(bench.fetch("SELECT pg_sleep(0.05)") for _ in range(4)))
        pool = bench.db.driver.pool
        sizes = [pool.size]
        until = time.monotonic() + 60
        while pool.size > 1 and time.monotonic() < until:
            await bench.fetch("SELECT 1")  # whoever comes back tidies up
            await asyncio.sleep(0.05)
        return [*sizes, pool.size]

    assert [4, 1] == bench.run(scenario())


@pytest.mark.parametrize("check", [True, False])
def test_a_dead_session_is_seen_when_sessions_are_checked(made: Any, postgresql: str, server: str, check: bool) -> None:
    bench = made(POOL_CHECK=check)

    async def scenario() -> None:
        number = await process(bench)
        with psycopg.connect(server, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", (number,))
        if check:
            await bench.execute("CREATE TABLE made (id integer)")
        else:  # a write may not be sent again
            with pytest.raises(OperationalError):
                await bench.execute("CREATE TABLE made (id integer)")

    bench.run(scenario())


def test_options_go_to_the_driver(made: Any, postgresql: str) -> None:
    schema = postgresql.rpartition("application_name=")[2]
    options = {"application_name": "ours", "options": f"-c search_path={schema} -c work_mem=7MB"}
    bench = made(OPTIONS=options)

    async def scenario() -> list[str]:
        names = ("application_name", "work_mem", "TimeZone", "search_path")
        return [(await bench.fetch(f"SHOW {name}"))[0][0] for name in names]

    assert ["ours", "7MB", "UTC", schema] == bench.run(scenario())


def test_the_lock_time_out_ends_a_wait_for_a_lock(made: Any, server: str, postgresql: str) -> None:
    bench = made(LOCK_TIMEOUT=0.1)

    async def scenario() -> None:
        await bench.execute("CREATE TABLE held (id integer)")
        with psycopg.connect(postgresql) as other:
            other.execute("LOCK TABLE held")
            with pytest.raises(OperationalError, match="lock timeout") as caught:
                await bench.execute("INSERT INTO held VALUES (1)")
            assert "55P03" == caught.value.sqlstate
            other.rollback()
        assert 1 == await bench.execute("INSERT INTO held VALUES (1)")

    bench.run(scenario())


def test_a_block_in_which_nothing_happens_is_ended_by_the_server(
    postgresql: str, bench_of: Any, configure: Any, make_tables: Any
) -> None:
    configure(postgresql, IDLE_IN_TRANSACTION_TIMEOUT=0.1)
    bench = make_tables(bench_of("postgresql", "async"))

    async def scenario() -> list[int]:
        with pytest.raises(OperationalError):
            async with aatomic():
                await bench.add(1)
                await ended(bench)
                await bench.add(2)
        return await bench.keys()

    async def ended(bench: Bench) -> None:
        block: Any = [one for one in living if one.executor is bench.db]
        session = block[0].connection
        until = time.monotonic() + 60
        while not session.watch() and time.monotonic() < until:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)

    assert [] == bench.run(scenario())


@pytest.mark.parametrize(("threshold", "times", "prepared"), [(0, 1, 1), (2, 2, 0), (2, 3, 1), (None, 9, 0)])
def test_statements_are_prepared_from_the_threshold_on(
    made: Any, threshold: int | None, times: int, prepared: int
) -> None:
    bench = made(PREPARE_THRESHOLD=threshold)

    async def scenario() -> int:
        for number in range(times):
            await bench.fetch("SELECT ?::integer + 71", number)
        rows = await bench.fetch("SELECT 1 FROM pg_prepared_statements WHERE statement LIKE '%+ 71'")
        return len(rows)

    assert prepared == bench.run(scenario())


# -- Several hosts -----------------------------------------------------------------------------


@pytest.mark.parametrize("attributes", ["any", "read-write", "primary", "prefer-standby"])
def test_the_first_host_that_fits_is_taken(
    server: str, colour: str, bench_of: Any, configure: Any, attributes: str
) -> None:
    parts = urlsplit(server)
    login = f"{parts.username}:{parts.password}@" if parts.username else ""
    hosts = f"127.0.0.1:1,{parts.hostname}:{parts.port},127.0.0.1:2"
    configure(f"postgresql://{login}{hosts}{parts.path}?target_session_attrs={attributes}")
    bench = bench_of("postgresql", colour)
    assert [(parts.port,)] == bench.run(bench.fetch("SELECT inet_server_port()"))


@pytest.fixture(params=["sync", "async"])
def colour(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_no_host_that_fits_is_told(server: str, colour: str, bench_of: Any, configure: Any) -> None:
    configure(f"{server}{'&' if '?' in server else '?'}target_session_attrs=standby")
    bench = bench_of("postgresql", colour)
    with pytest.raises(OperationalError, match="standby"):
        bench.run(bench.fetch("SELECT 1"))
