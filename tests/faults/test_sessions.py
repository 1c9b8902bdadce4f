"""Sessions ended at every stage.  Idle, in a statement and in a block: see tests/db/test_postgresql_sessions."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from dorm.db import retry
from dorm.exceptions import OperationalError, PoolTimeout, TransactionAborted, TransactionManagementError
from dorm.health import ahealth_check, health_check
from dorm.run import run
from dorm.transaction import aatomic, atomic
from tests.db.settling import settled, whole
from tests.faults.sessions import PATIENCE, asked, cut_all, name_of, wait_until

if TYPE_CHECKING:
    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "postgresql"


def test_ended_between_two_statements_of_a_block(bench: Bench, url: str) -> None:
    """The second is not sent on another session: it would be half of a block."""

    async def scenario() -> list[int]:
        block = await bench.db.begin()
        await bench.add(1)
        assert cut_all(url)
        with pytest.raises(OperationalError):
            await bench.add(2)
        with pytest.raises(TransactionManagementError):
            await bench.add(3)
        with pytest.raises(TransactionAborted):
            await bench.db.end(block, failed=False)
        return await bench.keys()

    assert [] == bench.run(scenario())


@pytest.mark.parametrize("what", ["pg_terminate_backend(pg_backend_pid())", "pg_sleep(0)"])
def test_ended_at_the_commit(bench: Bench, url: str, what: str) -> None:
    """A deferred trigger runs when COMMIT does; what it ends is not tried again, and is told."""

    async def scenario() -> tuple[str, list[int]]:
        await bench.execute(
            "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS "
            f"'BEGIN PERFORM nextval(''tries''); PERFORM {what}; RETURN NULL; END'"
        )
        await bench.execute("CREATE SEQUENCE tries")
        await bench.execute(
            "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON author DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION late()"
        )
        block = await bench.db.begin()
        await bench.add(1)
        told = ""
        try:
            await bench.db.end(block, failed=False)
        except OperationalError as error:
            told = error.__notes__[0]
        assert [(1, True)] == await bench.fetch("SELECT last_value, is_called FROM tries")
        return told, await bench.keys()

    told, keys = bench.run(scenario())
    assert ([], True) == (keys, "not known" in told) if "terminate" in what else ([1], "") == (keys, told)


def test_a_lost_generation_costs_one_connection_and_no_pause(
    loop_bench: Bench, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under half a second, whatever the machine: nothing waits, and nobody tries the dead ones one by one."""
    monkeypatch.setattr(retry, "pause", lambda attempt: pytest.fail("it waited"))

    async def scenario() -> None:
        driver: Any = loop_bench.db.driver
        await asyncio.gather(*(loop_bench.fetch("SELECT pg_sleep(0.05)") for _ in range(8)))
        assert cut_all(url) >= 8
        before = dict(driver.pool.counts)
        await loop_bench.add(1)
        after = driver.pool.counts
        assert 1 == after["connections_num"] - before["connections_num"]
        assert 1 == after["connections_lost"] - before["connections_lost"]
        whole(loop_bench)

    loop_bench.run(scenario())


def test_a_pool_of_two_under_fifty_threads(postgresql: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(postgresql, MAX_POOL_SIZE=2, POOL_TIMEOUT=PATIENCE)
    bench = make_tables(bench_of("postgresql", "sync"))
    most: list[int] = []

    def work(key: int) -> None:
        with atomic():
            run(bench.add(key))
            most.append(bench.db.driver.pool.size)
            if key % 5 == 4:
                run(bench.fetch("SELECT 1"))
                raise LookupError

    with ThreadPoolExecutor(50) as executor:
        outcomes = [executor.submit(work, key).exception for key in range(200)]
    assert 40 == sum(isinstance(outcome(), LookupError) for outcome in outcomes)
    assert [key for key in range(200) if key % 5 != 4] == run(bench.keys())
    assert max(most) <= 2
    whole(bench)


def test_those_who_wait_for_a_pool_get_one_error_and_leave_it_whole(
    postgresql: str, bench_of: Any, configure: Any, make_tables: Any
) -> None:
    configure(postgresql, MAX_POOL_SIZE=2, POOL_TIMEOUT=0.2)
    bench = make_tables(bench_of("postgresql", "sync"))
    let_go = threading.Event()
    held = threading.Barrier(3)

    def hold(key: int) -> None:
        with atomic():
            run(bench.add(key))
            held.wait(PATIENCE)
            assert let_go.wait(PATIENCE)

    with ThreadPoolExecutor(22) as executor:
        holders = [executor.submit(hold, key) for key in range(2)]
        held.wait(PATIENCE)
        waiting = [executor.submit(lambda: run(bench.keys())) for _ in range(20)]
        assert {PoolTimeout} == {type(one.exception(PATIENCE)) for one in waiting}
        let_go.set()
        assert [None, None] == [one.exception(PATIENCE) for one in holders]
    assert [0, 1] == run(bench.keys())
    whole(bench)


# -- A server that stands still ----------------------------------------------------------------


def frozen(url: str) -> list[int]:
    """Stop the processes of the sessions of the test, as a server does that swaps or whose network is gone."""
    found = [row[0] for row in asked(url, "SELECT pid FROM pg_stat_activity WHERE application_name = %s", name_of(url))]
    for process in found:
        os.kill(process, signal.SIGSTOP)
    return found


def thawed(processes: list[int]) -> None:
    for process in processes:
        os.kill(process, signal.SIGCONT)


needs_signals = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system stops no processes")


@needs_signals
def test_a_block_is_left_though_its_session_stands_still(
    loop_bench: Bench, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The end is bounded; then the socket is closed."""
    driver: Any = loop_bench.db.driver
    monkeypatch.setattr(driver, "rollback_limit", 0.3)
    stopped: list[int] = []

    async def scenario() -> list[int]:
        with pytest.raises(LookupError):
            async with aatomic():
                await loop_bench.add(1)
                stopped.extend(await asyncio.to_thread(frozen, url))
                raise LookupError
        assert 0 == driver.pool.size
        thawed(stopped)
        return await loop_bench.keys()

    try:
        assert [] == loop_bench.run(asyncio.wait_for(scenario(), PATIENCE))
    finally:
        thawed([process for process in stopped if alive(process)])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


@needs_signals
def test_a_health_check_of_a_session_that_stands_still_is_late_and_says_so(bench: Bench, url: str) -> None:
    async def scenario() -> dict[str, Any]:
        await bench.keys()
        stopped = frozen(url)
        try:
            if bench.colour == "sync":
                return health_check(timeout=0.3)
            return await ahealth_check(timeout=0.3)
        finally:
            thawed(stopped)

    answer = bench.run(scenario())
    assert ("error", True) == (answer["status"], "no answer within" in answer["error"])
    wait_until(lambda: bench.colour == "async" or bench.db.driver.pool.size == len(bench.db.driver.pool.idle), "rest")


def test_a_cancelled_statement_ends_on_the_server(loop_bench: Bench, url: str) -> None:
    async def scenario() -> None:
        task = asyncio.create_task(loop_bench.fetch("SELECT pg_sleep(600)"))
        running = (
            "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND state = 'active' "
            "AND query LIKE '%%pg_sleep(600)%%'"
        )
        await asyncio.to_thread(wait_until, lambda: asked(url, running, name_of(url)), "the statement")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(wait_until, lambda: not asked(url, running, name_of(url)), "its end")
        await settled(loop_bench)

    started = time.monotonic()
    loop_bench.run(scenario())
    assert time.monotonic() - started < 2 * PATIENCE


def test_two_loops_in_two_threads_share_nothing(loop_bench: Bench) -> None:
    """The same for SQLite stands in tests/faults/test_sqlite.py."""
    two_loops(loop_bench)


def two_loops(bench: Bench) -> None:
    """Two loops at the same time, each with blocks of its own; every other block fails."""
    pools: list[Any] = []
    ready = threading.Barrier(2)

    async def work(key: int) -> None:
        async with aatomic():
            await bench.add(key)
            await asyncio.sleep(0)
            await bench.fetch("SELECT 1")
            if key % 2:
                raise LookupError

    async def main(first: int) -> None:
        pools.append(bench.db.driver.pool)
        await asyncio.to_thread(ready.wait, PATIENCE)
        outcomes = await asyncio.gather(*(work(first + key) for key in range(20)), return_exceptions=True)
        assert 10 == sum(type(outcome) is LookupError for outcome in outcomes), outcomes
        await settled(bench)

    with ThreadPoolExecutor(2) as threads:
        done = [threads.submit(bench.run, main(first)) for first in (0, 100)]
        assert [None, None] == [one.result(2 * PATIENCE) for one in done]
    assert pools[0] is not pools[1]
    assert [*range(0, 20, 2), *range(100, 120, 2)] == bench.run(bench.keys())
