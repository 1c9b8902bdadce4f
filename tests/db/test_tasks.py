"""Blocks under concurrency in one event loop: turns, orphans, other loops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dorm.conf import settings
from dorm.db.transactions import TaskTransaction
from dorm.exceptions import TransactionManagementError
from dorm.transaction import aatomic
from tests.db.settling import whole

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.db.conftest import Bench


def test_gathered_statements_of_a_block_take_turns(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with aatomic():
            await asyncio.gather(*(loop_bench.add(key) for key in range(20)))
        return await loop_bench.keys()

    assert list(range(20)) == loop_bench.run(scenario())


def test_a_connection_has_one_statement_at_a_time(loop_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    driver: Any = loop_bench.db.driver
    running: list[str] = []

    def alone(work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def counted(*arguments: Any) -> Any:
            assert [] == running
            running.append("statement")
            try:
                await asyncio.sleep(0)
                return await work(*arguments)
            finally:
                running.clear()

        return counted

    for name in ("fetch", "execute", "command"):
        monkeypatch.setattr(driver, name, alone(getattr(driver, name)))

    async def nested(key: int) -> None:
        async with aatomic():
            await loop_bench.add(key)

    async def scenario() -> None:
        async with aatomic():
            statements = (loop_bench.fetch("SELECT 1") for _ in range(5))
            await asyncio.gather(
                *(loop_bench.add(key) for key in range(5)), *(nested(9 + key) for key in range(3)), *statements
            )

    loop_bench.run(scenario())


def test_nested_blocks_of_siblings_take_turns(loop_bench: Bench) -> None:
    async def nested(key: int) -> None:
        try:
            async with aatomic():
                await loop_bench.add(key)
                await asyncio.sleep(0.002)
                if key % 3 == 0:
                    raise LookupError
                await loop_bench.execute("UPDATE author SET age = 50 WHERE id = ?", key)
        except LookupError:
            pass

    async def scenario() -> list[int]:
        async with aatomic():
            statements = (loop_bench.add(100 + key) for key in range(9))
            await asyncio.gather(*(nested(key) for key in range(9)), *statements)
        return await loop_bench.keys()

    expected = [1, 2, 4, 5, 7, 8, *range(100, 109)]
    assert expected == loop_bench.run(scenario())


def test_concurrent_blocks_never_share_a_connection(loop_bench: Bench) -> None:
    async def work(key: int) -> None:
        async with aatomic():
            await loop_bench.fetch("SELECT count(*) FROM author")
            await loop_bench.add(key)
            await asyncio.sleep(0.002)
            if key % 2:
                raise LookupError
            await loop_bench.fetch("SELECT 1")

    async def scenario() -> list[int]:
        await asyncio.gather(*(work(key) for key in range(30)), return_exceptions=True)
        whole(loop_bench)
        return await loop_bench.keys()

    assert list(range(0, 30, 2)) == loop_bench.run(scenario())


def test_a_task_that_outlives_its_block_gets_an_error(loop_bench: Bench) -> None:
    async def orphan(go: asyncio.Event) -> None:
        await go.wait()
        await loop_bench.add(99)

    async def scenario() -> list[int]:
        go = asyncio.Event()
        async with aatomic():
            await loop_bench.add(1)
            task = asyncio.create_task(orphan(go))
        async with aatomic():  # most likely on the same connection
            go.set()
            with pytest.raises(TransactionManagementError, match="has ended"):
                await task
        return await loop_bench.keys()

    assert [1] == loop_bench.run(scenario())


def test_leaving_a_block_with_an_open_descendant_rolls_back(loop_bench: Bench) -> None:
    async def child(opened: asyncio.Event, go: asyncio.Event) -> None:
        async with aatomic():
            await loop_bench.add(2)
            opened.set()
            await go.wait()
            await loop_bench.add(3)

    async def scenario() -> list[int]:
        opened, go = asyncio.Event(), asyncio.Event()
        with pytest.raises(TransactionManagementError, match="nested in it was open"):
            async with aatomic():
                await loop_bench.add(1)
                task = asyncio.create_task(child(opened, go))
                await opened.wait()
        go.set()
        with pytest.raises(TransactionManagementError, match="has ended"):
            await task
        whole(loop_bench)
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


def test_a_design_that_would_deadlock_is_told_so(loop_bench: Bench) -> None:
    settings.BLOCK_WAIT = 0.2

    async def scenario() -> list[int]:
        async def sibling() -> None:
            await loop_bench.add(2)

        async with aatomic():
            await loop_bench.add(1)
            task = asyncio.create_task(sibling())  # belongs to the outer block
            async with aatomic():
                with pytest.raises(TransactionManagementError, match=r"BLOCK_WAIT.*test_tasks\.py:\d+.*still open"):
                    await task  # which waits for this one to end
        return await loop_bench.keys()

    assert [1] == loop_bench.run(scenario())


def test_a_long_queue_is_no_deadlock(loop_bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit counts from the last change of turns, not from the beginning."""
    limits: list[float] = []

    async def wait(self: TaskTransaction, waiter: Any, limit: float) -> bool:
        """The limit is over whenever the turn has changed."""
        block = waiter.block
        holder = block.child
        while not waiter.served and block.child is holder:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0)
        if not waiter.served:
            limits.append(limit)
        return bool(waiter.served)

    async def nested(key: int) -> None:
        async with aatomic():
            await loop_bench.add(key)

    async def scenario() -> list[int]:
        async with aatomic():
            await asyncio.gather(*(nested(key) for key in range(6)))
        return await loop_bench.keys()

    monkeypatch.setattr(TaskTransaction, "_wait", wait)
    assert list(range(6)) == loop_bench.run(scenario())
    assert len(limits) > 5


def test_a_second_loop_has_connections_of_its_own(loop_bench: Bench) -> None:
    async def scenario(key: int) -> None:
        async with aatomic():
            await loop_bench.add(key)

    for key in range(3):
        asyncio.run(scenario(key))  # without any closing by hand
    assert [0, 1, 2] == loop_bench.run(loop_bench.keys())


def test_a_block_refuses_another_loop(loop_bench: Bench) -> None:
    def elsewhere() -> None:
        asyncio.run(loop_bench.add(2))

    async def scenario() -> list[int]:
        async with aatomic():
            await loop_bench.add(1)
            with pytest.raises(TransactionManagementError, match="another event loop"):
                await asyncio.to_thread(elsewhere)
        return await loop_bench.keys()

    assert [1] == loop_bench.run(scenario())
