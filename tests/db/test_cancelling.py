"""Cancelling a task at every await: a block is whole or nothing, and nothing stays open."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from dorm.db.connection import suspending
from dorm.db.transactions import current
from dorm.exceptions import TransactionAborted, TransactionManagementError
from dorm.transaction import aatomic, on_commit
from tests.db.settling import SLOW, settled

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.db.conftest import Bench


def test_cancelled_just_when_the_turn_was_given(loop_bench: Bench) -> None:
    """The turn goes to the next, though the cancelled task had it already."""

    async def scenario() -> list[int]:
        async with aatomic():
            node: Any = current.get()
            transaction = node.transaction
            await transaction.enter(node, "held by the test")
            first, second = (asyncio.create_task(loop_bench.add(key)) for key in (1, 2))
            await asyncio.sleep(0)
            transaction.leave()  # gives it to the first, who has not woken yet
            first.cancel()
            await second
            with pytest.raises(asyncio.CancelledError):
                await first
        return await loop_bench.keys()

    assert [2] == loop_bench.run(scenario())


def test_a_cancelled_statement_breaks_its_block(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        with pytest.raises(TransactionAborted):
            async with aatomic():
                await loop_bench.add(1)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(loop_bench.fetch(SLOW[loop_bench.vendor]), 0.05)
                with pytest.raises(TransactionManagementError):
                    await loop_bench.add(2)
        await settled(loop_bench)
        return await loop_bench.keys()

    assert [] == loop_bench.run(scenario())


def test_a_cancelled_statement_outside_a_block_gives_its_connection_back(loop_bench: Bench) -> None:
    async def scenario() -> None:
        await loop_bench.add(1)
        tasks = [asyncio.create_task(loop_bench.fetch("SELECT count(*) FROM author")) for _ in range(30)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await settled(loop_bench)
        assert [1] == await loop_bench.keys()

    loop_bench.run(scenario())


class Steps:
    """Cancels the task that runs at the *n*-th step of the driver, before or after its work."""

    def __init__(self, bench: Bench, at: int, *, after: bool) -> None:
        self.count = 0
        self.at = at
        self.after = after
        self.task: asyncio.Task[Any] | None = None
        driver: Any = suspending().driver
        for name in ("take", "begin", "fetch", "execute", "command", "commit", "rollback"):
            setattr(driver, name, self.counted(getattr(driver, name)))

    def counted(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def step(*arguments: Any) -> Any:
            self.count += 1
            mine = self.count == self.at
            if mine and not self.after and self.task is not None:
                self.task.cancel()
            answer = await work(*arguments)
            if mine and self.after and self.task is not None:
                self.task.cancel()
            return answer

        return step


@pytest.mark.parametrize("after", [False, True])
def test_cancelled_at_every_step_a_block_is_whole_or_nothing(loop_bench: Bench, after: bool) -> None:
    committed: list[str] = []

    async def work() -> None:
        async with aatomic():
            await loop_bench.add(1)
            on_commit(lambda: committed.append("yes"))
            async with aatomic():
                await loop_bench.add(2)
            await loop_bench.add(3)

    async def one(at: int) -> bool:
        """Whether the work got to its end before the step."""
        steps = Steps(loop_bench, at, after=after)
        committed.clear()
        steps.task = asyncio.create_task(work())
        try:
            await steps.task
        except asyncio.CancelledError:
            pass
        finally:
            reached = steps.count >= at
            steps.task = None
        await settled(loop_bench)
        keys = await loop_bench.keys()
        assert keys in ([], [1, 2, 3]), f"step {at}"
        assert (["yes"] if keys else []) == committed, f"step {at}"
        await loop_bench.execute("DELETE FROM author")
        return not reached

    async def scenario() -> int:
        for at in range(1, 40):
            driver: Any = suspending().driver
            done = await one(at)
            for name in ("take", "begin", "fetch", "execute", "command", "commit", "rollback"):
                driver.__dict__.pop(name, None)
            if done:
                return at
        raise AssertionError("never done")

    assert loop_bench.run(scenario()) > 6


@pytest.mark.parametrize("nested", [False, True])
def test_cancelled_at_every_turn_of_the_loop_a_block_is_whole_or_nothing(loop_bench: Bench, nested: bool) -> None:
    async def work() -> None:
        async with aatomic():
            await loop_bench.add(1)
            if nested:
                async with aatomic():
                    await loop_bench.add(2)
            await loop_bench.add(3)

    async def scenario() -> None:
        await loop_bench.keys()
        for turns in range(60):
            task = asyncio.create_task(work())
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await settled(loop_bench)
            assert await loop_bench.keys() in ([], [1, 2, 3] if nested else [1, 3]), f"after {turns} turns"
            await loop_bench.execute("DELETE FROM author")

    loop_bench.run(scenario())


def test_five_hundred_tasks_cancelled_at_random(loop_bench: Bench) -> None:
    source = random.Random(7)

    async def work(key: int) -> None:
        async with aatomic():
            await loop_bench.add(key)
            await loop_bench.add(1000 + key)

    async def scenario() -> None:
        tasks = [asyncio.create_task(work(key)) for key in range(500)]
        for task in tasks:
            asyncio.get_running_loop().call_later(source.random() * 0.5, task.cancel)
        await asyncio.gather(*tasks, return_exceptions=True)
        await settled(loop_bench)
        keys = set(await loop_bench.keys())
        assert {key + 1000 for key in keys if key < 1000} == {key for key in keys if key >= 1000}
        done = {key for key, task in enumerate(tasks) if not task.cancelled() and task.exception() is None}
        assert done <= keys

    loop_bench.run(scenario())


def test_cancelled_while_waiting_for_a_turn_leaves_the_block_alone(loop_bench: Bench) -> None:
    async def scenario() -> list[int]:
        async with aatomic():
            async with aatomic():
                task = asyncio.create_task(asyncio.sleep(0))
                await task
                await loop_bench.add(1)
            held, let_go = asyncio.Event(), asyncio.Event()
            holder = asyncio.create_task(hold(loop_bench, held, let_go))
            await held.wait()
            waiting = asyncio.create_task(loop_bench.add(3))
            await asyncio.sleep(0.01)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
            let_go.set()
            await holder
            await loop_bench.add(4)
        return await loop_bench.keys()

    assert [1, 2, 4] == loop_bench.run(scenario())


async def hold(bench: Bench, held: asyncio.Event, let_go: asyncio.Event) -> None:
    async with aatomic():
        await bench.add(2)
        held.set()
        await let_go.wait()
