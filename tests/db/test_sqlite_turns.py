"""Those who write to an SQLite file within a process come first, come first served: nobody starves."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.backends.sqlite_turns import Turns, turns_of
from dorm.db.connection import suspending
from dorm.exceptions import OperationalError
from dorm.run import run
from dorm.transaction import aatomic, atomic
from tests.db.settling import settled, whole

if TYPE_CHECKING:
    from tests.db.conftest import Bench

PATIENCE = 60.0


@pytest.fixture
def vendor() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
def patient(clean_settings: None) -> None:
    settings.SLOW_QUERY_MS = 1e9


def waits(turns: Turns, number: int) -> bool:
    return len(turns.queue) >= number


def until(condition: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


async def place(bench: Bench, key: int) -> None:
    """Write a row that knows how many were there before; by a statement, or by a block."""
    sql = "INSERT INTO author SELECT ?, ?, 18 + count(*) FROM author"
    if key % 2:
        await bench.execute(sql, key, str(key))
    elif bench.colour == "sync":
        with atomic():
            await bench.execute(sql, key, str(key))
    else:
        async with aatomic():
            await bench.execute(sql, key, str(key))


def test_threads_write_in_the_order_in_which_they_came(thread_bench: Bench) -> None:
    turns = thread_bench.db.driver.opener.turns
    threads = [threading.Thread(target=lambda key=key: run(place(thread_bench, key))) for key in range(12)]
    with atomic():
        for number, thread in enumerate(threads, 1):
            thread.start()
            until(lambda number=number: waits(turns, number))
    for thread in threads:
        thread.join(PATIENCE)
    assert [(key, 18 + key) for key in range(12)] == run(thread_bench.fetch("SELECT id, age FROM author ORDER BY id"))
    whole(thread_bench)
    assert not turns.lock.locked()


def test_tasks_write_in_the_order_in_which_they_came(loop_bench: Bench) -> None:
    async def scenario() -> list[tuple[int, int]]:
        turns = loop_bench.db.driver.opener.turns
        await turns.wait_in_loop(PATIENCE)
        tasks: list[Any] = []
        for key in range(8):
            tasks.append(asyncio.create_task(place(loop_bench, key)))
            await asyncio.to_thread(until, lambda number=key + 1: waits(turns, number))
        turns.give()
        await asyncio.gather(*tasks)
        await settled(loop_bench)
        assert not turns.lock.locked()
        return await loop_bench.fetch("SELECT id, age FROM author ORDER BY id")

    assert [(key, 18 + key) for key in range(8)] == loop_bench.run(scenario())


def test_statements_and_blocks_share_a_small_pool(sqlite: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    """Neither holds the turn while it waits for a connection."""
    configure(sqlite, MAX_POOL_SIZE=2, BUSY_TIMEOUT=PATIENCE, POOL_TIMEOUT=PATIENCE)
    bench = make_tables(bench_of("sqlite", "async"))

    async def block(key: int) -> None:
        async with aatomic():
            await bench.add(key)
            await asyncio.sleep(0.001)

    async def scenario() -> list[int]:
        await asyncio.gather(*(block(key) if key % 3 else bench.add(key) for key in range(60)))
        return await bench.keys()

    assert list(range(60)) == bench.run(scenario())


def test_a_turn_that_does_not_come_is_told(sqlite: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(sqlite, BUSY_TIMEOUT=0.05)
    bench = make_tables(bench_of("sqlite", "async"))

    async def scenario() -> None:
        async with aatomic():
            await bench.add(1)
            outside = asyncio.get_running_loop().create_task(bench.add(2), context=contextvars.Context())
            with pytest.raises(OperationalError, match=r"locked.*BUSY_TIMEOUT"):
                await outside
        await bench.add(2)
        assert not bench.db.driver.opener.turns.queue
        assert [1, 2] == await bench.keys()

    bench.run(scenario())


def test_a_read_takes_no_turn(sqlite: str, bench_of: Any, configure: Any, make_tables: Any) -> None:
    configure(sqlite, BUSY_TIMEOUT=PATIENCE, OPTIONS={"journal_mode": "wal"})
    bench = make_tables(bench_of("sqlite", "async"))

    async def scenario() -> None:
        async with aatomic():
            await bench.add(1)
            await in_its_own_context(bench.keys())
            await in_its_own_context(read_only(bench))

    bench.run(scenario())


async def read_only(bench: Bench) -> None:
    async with aatomic(read_only=True):
        assert [] == await bench.keys()


async def in_its_own_context(work: Any) -> None:
    await asyncio.get_running_loop().create_task(work, context=contextvars.Context())


def test_whoever_is_cancelled_leaves_the_queue_and_gives_on_what_came(loop_bench: Bench) -> None:
    async def scenario() -> None:
        turns = loop_bench.db.driver.opener.turns
        await turns.wait_in_loop(PATIENCE)
        first, second, third = (asyncio.create_task(turns.wait_in_loop(PATIENCE)) for _ in range(3))
        while not waits(turns, 3):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        first.cancel()
        turns.give()  # to the first, who is cancelled at the same time, or to the second
        second.cancel()
        await asyncio.wait_for(third, PATIENCE)
        turns.give()
        assert (False, 0) == (turns.lock.locked(), len(turns.queue))

    loop_bench.run(scenario())


def test_a_waiter_whose_loop_is_closed_is_passed_over(thread_bench: Bench) -> None:
    turns = Turns("x")
    turns.wait(0)
    loop = asyncio.new_event_loop()
    waiting = loop.create_task(turns.wait_in_loop(PATIENCE))
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()
    turns.give()
    turns.wait(0)
    waiting.get_coro().close()
    waiting._log_destroy_pending = False


def test_a_file_has_one_queue_whichever_aliases_name_it(tmp_path: Any) -> None:
    path = tmp_path / "db.sqlite3"
    again = tmp_path / "folder" / ".." / "db.sqlite3"
    assert turns_of(str(path)) is turns_of(str(again))
    settings.configure(DATABASES={"default": f"sqlite:///{path}", "other": f"sqlite:///{again}"})
    assert suspending().driver.opener.turns is suspending("other").driver.opener.turns
