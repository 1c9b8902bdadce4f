"""A loop that ends takes its connections along: no thread, no task and no generator is left behind."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.backends import sqlite_connection
from dorm.db.backends.sqlite_async import Worker
from dorm.db.connection import close_all
from dorm.sql.statement import Statement
from dorm.transaction import aatomic

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine

    from tests.db.conftest import Bench


@pytest.fixture
def vendor() -> str:
    return "sqlite"


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Worker]:
    """The connections of the test, which are slow to close."""
    found: list[Worker] = []
    made = Worker.__init__

    def noted(self: Worker, *arguments: Any) -> None:
        made(self, *arguments)
        found.append(self)

    class Slow(sqlite_connection.Connection):
        def close(self) -> None:
            time.sleep(0.03)
            super().close()

    monkeypatch.setattr(Worker, "__init__", noted)
    monkeypatch.setattr(sqlite_connection, "Connection", Slow)
    return found


def assert_over(workers: list[Worker]) -> None:
    """Each is closed; its thread may be saying its last words."""
    assert [None] * len(workers) == [worker._connection for worker in workers]
    for worker in workers:
        worker._thread.join(30)
    assert [] == [worker for worker in workers if worker._thread.is_alive()]


@pytest.fixture
def ended(workers: list[Worker]) -> Callable[[Callable[[], Coroutine[Any, Any, None]]], None]:
    """Run a scenario in a loop of its own; then nothing of it may be left."""

    def check(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
        complaints: list[dict[str, Any]] = []
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_exception_handler(lambda _, context: complaints.append(context))
            runner.run(scenario())
        assert workers
        assert_over(workers)
        assert set() == asyncio.all_tasks(loop)
        assert [] == complaints

    return check


def anew(bench: Bench) -> None:
    """Other settings: the pool is closed, and another takes its place."""
    database = bench.db.driver.database
    entry = {"ENGINE": "sqlite", "NAME": database.name, "MAX_POOL_SIZE": database.max_pool_size + 1}
    settings.configure(DATABASES={"default": entry})


async def rows(bench: Bench) -> AsyncIterator[Any]:
    stream = await bench.db.open(Statement("SELECT 1 UNION SELECT 2", reads=True), (), 1)
    try:
        while found := await stream.fetch():
            yield found
    finally:
        await stream.close()


def test_rows_left_open_are_closed_with_their_loop(loop_bench: Bench, ended: Any) -> None:
    async def scenario() -> None:
        assert [(1,)] == await anext(rows(loop_bench))

    ended(scenario)


def test_rows_left_open_of_a_pool_that_was_replaced_are_closed_with_their_loop(loop_bench: Bench, ended: Any) -> None:
    async def scenario() -> None:
        await loop_bench.keys()
        left = rows(loop_bench)
        await anext(left)
        anew(loop_bench)

    ended(scenario)


@pytest.mark.parametrize("turns", range(6))
def test_a_pool_that_is_replaced_at_the_end_of_its_loop_is_closed_with_it(
    loop_bench: Bench, turns: int, ended: Any
) -> None:
    async def scenario() -> None:
        await asyncio.gather(*(loop_bench.keys() for _ in range(3)))
        anew(loop_bench)
        for _ in range(turns):
            await asyncio.sleep(0)

    ended(scenario)


def test_a_pool_that_is_replaced_between_two_runs_of_its_loop_is_closed_with_it(
    loop_bench: Bench, workers: list[Worker]
) -> None:
    complaints: list[dict[str, Any]] = []
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        runner.run(loop_bench.keys())
        close_all()
        anew(loop_bench)
    assert_over(workers)
    assert set() == asyncio.all_tasks(loop)
    assert [] == complaints


@pytest.mark.parametrize("turns", range(12))
def test_a_task_that_the_end_of_its_loop_cancels_leaves_nothing(loop_bench: Bench, turns: int, ended: Any) -> None:
    async def work(key: int) -> None:
        async with aatomic():
            await loop_bench.add(key)

    async def scenario() -> None:
        kept = [asyncio.create_task(work(key)) for key in range(3)]
        kept += [asyncio.create_task(loop_bench.fetch("SELECT 1")) for _ in range(3)]
        for _ in range(turns):
            await asyncio.sleep(0)

    ended(scenario)


@pytest.mark.parametrize("turns", range(4))
def test_a_connection_that_is_thrown_away_at_the_end_of_its_loop_is_closed_with_it(
    loop_bench: Bench, turns: int, ended: Any
) -> None:
    async def scenario() -> None:
        await loop_bench.execute("BEGIN")  # so that it cannot be used again
        for _ in range(turns):
            await asyncio.sleep(0)

    ended(scenario)
